import CGavelJSON
import Foundation
import Testing

@Suite("Writing strings")
struct WriteTests {
    @Test("only what must be escaped is escaped, in its short form where there is one")
    func escapesLittle() {
        #expect(writtenString([]) == Array("\"\"".utf8))
        #expect(writtenString(Array("aé€😀/\u{7f}\u{2028}".utf8)) == Array("\"aé€😀/\u{7f}\u{2028}\"".utf8))
        #expect(writtenString(Array("\"\\\u{8}\u{c}\n\r\t".utf8)) == Array(#""\"\\\b\f\n\r\t""#.utf8))
        #expect(writtenString([0, 1, 0x0b, 0x1f]) == Array(#""\u0000\u0001\u000b\u001f""#.utf8))
    }

    @Test("every byte at every place of a long string is written and read back")
    func writesEveryByteAnywhere() {
        for length in 1..<50 {
            for byte in UInt8(0)..<0x80 {
                for position in [0, length / 2, length - 1] {
                    var bytes = [UInt8](repeating: UInt8(ascii: "x"), count: length)
                    bytes[position] = byte
                    let written = writtenString(bytes)
                    let mustEscape = byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
                    #expect((written.count > length + 2) == mustEscape)
                    #expect(Scan(written, .anyValue).unescaped(0) == bytes)
                }
            }
        }
    }

    @Test("random strings read back as they were, here and in Foundation")
    func roundTrips() throws {
        var random = RandomJSON(generator: .announced())
        for _ in 0..<1_000 {
            let bytes = Scan(random.string(), .anyValue).unescaped(0)
            let written = writtenString(bytes)
            #expect(Scan(written, .anyValue).unescaped(0) == bytes)
            let other = try JSONSerialization.jsonObject(with: Data(written), options: [.fragmentsAllowed])
            #expect(Array(try #require(other as? String).utf8) == bytes)
        }
    }

    @Test("the worst string takes six bytes for each of its own")
    func boundsLength() {
        let worst = [UInt8](repeating: 1, count: 1_000)
        #expect(writtenString(worst).count == 6_002)
    }

    @Test("nothing is written beyond what the string takes")
    func staysWithinLength() {
        for length in 0..<70 {
            let bytes = (0..<length).map { UInt8($0 % 17 == 16 ? 0x0a : 0x61) }
            let expected = writtenString(bytes)
            var out = [UInt8](repeating: 0xAA, count: 6 * length + 2)
            #expect(gj_write_string(bytes, length, &out) == expected.count)
            #expect(out[expected.count...].allSatisfy { $0 == 0xAA })
        }
    }
}
