import CGavelJSON
import Foundation
import Testing

@Suite("Strings")
struct StringTests {
    @Test(
        "escapes stand for their characters",
        arguments: [
            (#""""#, ""), (#""a""#, "a"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"), (#""\u0000""#, "\0"),
            (#""\u007f\u0080""#, "\u{7f}\u{80}"), (#""\u07ff\u0800""#, "\u{7ff}\u{800}"),
            (#""\ud7ff\ue000\uffff""#, "\u{d7ff}\u{e000}\u{ffff}"), (#""\ud800\udc00""#, "\u{10000}"),
            (#""\uDBFF\uDFFF""#, "\u{10ffff}"), (#""é\u00E9€\u20ac😀\ud83d\uDE00""#, "éé€€😀😀"),
            (#""\\u0041""#, "\\u0041"),
        ]
    )
    func resolves(_ text: String, _ expected: String) {
        let scan = Scan(text, .anyValue)
        #expect(scan.unescaped(0) == Array(expected.utf8))
        #expect(scan.equals(0, Array(expected.utf8)))
    }

    @Test("every code unit that is no surrogate resolves as Foundation resolves it")
    func resolvesEveryUnit() throws {
        for block in 0..<256 where !(0xd8...0xdf).contains(block) {
            let text = "\"" + (0..<256).map { String(format: "\\u%02x%02X", block, $0) }.joined() + "\""
            let other = try JSONSerialization.jsonObject(with: Data(text.utf8), options: [.fragmentsAllowed])
            #expect(Scan(text, .anyValue).unescaped(0) == Array(try #require(other as? String).utf8), "block \(block)")
        }
    }

    @Test("every surrogate is refused alone, and every kind of pair resolves")
    func pairsSurrogates() {
        for unit in 0xd800...0xdfff {
            let escape = "\\u" + String(unit, radix: 16)
            #expect(Scan("\"\(escape)\"", .anyValue).code == badJSON)
            #expect(Scan("\"\(escape)a\"", .anyValue).code == badJSON)
            #expect(Scan("\"\(escape)\\u0061\"", .anyValue).code == badJSON)
            if unit < 0xdc00 {
                let scalar = Unicode.Scalar(UInt32(0x10000 + (unit - 0xd800) << 10 + 0x123))!
                #expect(Scan("\"\(escape)\\udd23\"", .anyValue).unescaped(0) == Array(String(scalar).utf8))
                #expect(Scan("\"\(escape)\(escape)\"", .anyValue).code == badJSON)
            } else {
                #expect(Scan("\"\(escape)\\udc00\"", .anyValue).code == badJSON)
                let scalar = Unicode.Scalar(UInt32(0x10000 + 0x55 << 10 + (unit - 0xdc00)))!
                #expect(Scan("\"\\ud855\(escape)\"", .anyValue).unescaped(0) == Array(String(scalar).utf8))
            }
        }
    }

    @Test("the byte that ends or spoils a string is found at every place")
    func findsSpecialBytes() {
        for length in 0..<70 {
            let plain = [UInt8](repeating: UInt8(ascii: "x"), count: length)
            for padding in [0, 1, 20] {
                let quote = [UInt8(ascii: "\"")]
                let tail = [UInt8](repeating: UInt8(ascii: " "), count: padding)
                #expect(Scan(quote + plain + quote + tail, .anyValue).code == 1)
                #expect(Scan(quote + plain + tail, .anyValue).code == badJSON)
                for position in 0..<length {
                    for spoiler: UInt8 in [0x00, 0x0a, 0x1f, UInt8(ascii: "\""), UInt8(ascii: "\\")] {
                        var spoiled = plain
                        spoiled[position] = spoiler
                        let scan = Scan(quote + spoiled + quote + tail, .anyValue)
                        #expect(scan.code == badJSON, "\(spoiler) at \(position) of \(length)")
                    }
                    for harmless: UInt8 in [0x20, 0x21, 0x23, 0x5b, 0x5d, 0x7f] {
                        var changed = plain
                        changed[position] = harmless
                        #expect(Scan(quote + changed + quote + tail, .anyValue).code == 1)
                    }
                }
            }
        }
    }

    @Test("too little room is told, and nothing is written beyond it")
    func staysWithinCapacity() {
        let scan = Scan(#""ab\n\u00e9\u20ac\ud83d\ude00cd""#, .anyValue)
        let whole = scan.unescaped(0)
        #expect(whole == Array("ab\né€😀cd".utf8))
        for capacity in 0...whole.count {
            var out = [UInt8](repeating: 0xAA, count: whole.count)
            let length = scan.unescape(0, into: &out, capacity: capacity)
            #expect(length == (capacity == whole.count ? whole.count : nil))
            #expect(out[capacity...].allSatisfy { $0 == 0xAA })
        }
    }

    @Test("a string equals its own characters and nothing else")
    func comparesExactly() {
        var random = RandomJSON(generator: .announced())
        for _ in 0..<2_000 {
            let text = random.string()
            let scan = Scan(text, .anyValue)
            let bytes = scan.unescaped(0)
            #expect(scan.equals(0, bytes), "\(text)")
            #expect(!scan.equals(0, bytes + [0]), "\(text)")
            #expect(!scan.equals(0, [0] + bytes), "\(text)")
            guard !bytes.isEmpty else { continue }
            #expect(!scan.equals(0, bytes.dropLast()), "\(text)")
            var other = bytes
            other[random.pick(Array(other.indices))] ^= 1
            #expect(!scan.equals(0, other), "\(text)")
        }
        // Canonical equivalence is no equality.
        #expect(!Scan(#""\u00e9""#, .anyValue).equals(0, Array("e\u{301}".utf8)))
    }
}
