import CGavelJSON
import Testing

@Suite("Limits of a scan")
struct LimitsTests {
    private func nested(_ depth: Int, _ open: String = "[", _ close: String = "]", inside: String = "") -> String {
        String(repeating: open, count: depth) + inside + String(repeating: close, count: depth)
    }

    @Test("containers nest as deep as max_depth and no deeper", arguments: [1, 2, 3, 63, 64, 65, 1_000])
    func limitsDepth(_ depth: Int) {
        let limit = UInt32(depth)
        #expect(Scan(self.nested(depth), .anyValue, maxDepth: limit).code == Int32(depth))
        #expect(Scan(self.nested(depth, "{\"a\":", "}", inside: "0"), maxDepth: limit).code == Int32(2 * depth + 1))
        for deeper in [self.nested(depth + 1), self.nested(depth + 1, "{\"a\":", "}", inside: "0")] {
            let scan = Scan(deeper, .anyValue, maxDepth: limit)
            #expect(scan.code == tooDeep)
            #expect(scan.errorOffset == (deeper.hasPrefix("[") ? 1 : 5) * depth)
        }
    }

    @Test("with no depth allowed only scalars pass")
    func allowsNoContainer() {
        #expect(Scan("1", .anyValue, maxDepth: 0).code == 1)
        #expect(Scan("[]", .anyValue, maxDepth: 0).code == tooDeep)
        #expect(Scan("{}", maxDepth: 0).code == tooDeep)
    }

    @Test("siblings do not add to the depth")
    func countsNestingOnly() {
        let text = "{\"a\":" + Array(repeating: "[[]]", count: 50).joined(separator: ",\"a\":") + "}"
        #expect(Scan(text, maxDepth: 3).code == 151)
        #expect(Scan(text, maxDepth: 2).code == tooDeep)
    }

    @Test("a million brackets take no stack and end at once")
    func survivesBrackets() {
        #expect(Scan(String(repeating: "[", count: 1_000_000), .anyValue).code == tooDeep)
        #expect(Scan(String(repeating: "{\"\":", count: 250_000)).code == tooDeep)
        #expect(Scan(self.nested(500_000), .anyValue, maxDepth: .max).code == 500_000)
    }

    @Test(
        "gj_tape_capacity is enough for the densest texts, and bad texts that need more are bad JSON",
        arguments: [
            "[]", "[0]", "[0,0]", "[[],[]]", "{}", "{\"\":0}", "{\"\":0,\"\":0}", "{\"\":[],\"\":[0]}",
            "[[[[[[[0]]]]]]]", "0", "\"\"",
            "[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]", "[{},{},{},[],[],[],[{}],[{}]]",
        ]
    )
    func boundsTape(_ text: String) {
        #expect(Scan(text, .anyValue, maxDepth: .max).code > 0)
        #expect(Int(Scan(text, .anyValue, maxDepth: .max).code) <= gj_tape_capacity(text.utf8.count))
        for bad in ["[[[[[[[[", "[[[[[[[[[[[[[[[[[[[[]", "{\"\":[[[[[[[[[[[[", "[0,0,0,0,0,0,0,[[[[[[[[[["] {
            #expect(Scan(bad, .anyValue, maxDepth: .max).code == badJSON)
            #expect(Scan(text.replacing("]", with: bad), .anyValue, maxDepth: .max).code != tapeFull)
        }
    }

    @Test("every text of up to five structural bytes stays within gj_tape_capacity")
    func boundsTapeExhaustively() {
        let alphabet = Array("{}[],:0\"".utf8)
        var texts: [[UInt8]] = [[]]
        var accepted: [Int] = []
        for _ in 0..<5 {
            texts = texts.flatMap { text in alphabet.map { text + [$0] } }
            accepted.append(0)
            for text in texts {
                let scan = Scan(text, .anyValue, maxDepth: .max)
                #expect(scan.code != tapeFull && scan.code != tooDeep && scan.code != 0)
                if scan.code > 0 { accepted[accepted.count - 1] += 1 }
            }
        }
        // One byte: 0. Two: {} [] "". Three: [0] and strings of one byte, which is any of seven.
        #expect(accepted[..<3] == [1, 3, 8])
    }

    @Test("a tape that is one token short is full, and says where")
    func refusesShortTapes() {
        var random = RandomJSON(generator: .announced())
        for _ in 0..<200 {
            let text = random.object(depth: 4)
            let needed = Int(Scan(text).code)
            #expect(Scan(text, capacity: needed).code == Int32(needed))
            for capacity in 0..<needed {
                let scan = Scan(text, capacity: capacity)
                #expect(scan.code == tapeFull, "\(text) with \(capacity)")
                #expect(scan.errorOffset < text.utf8.count)
            }
        }
    }
}
