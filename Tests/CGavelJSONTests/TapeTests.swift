import CGavelJSON
import Testing

@Suite("Tape")
struct TapeTests {
    @Test("tokens stand in the text's order, each with its kind, range, count and the token after it")
    func laysOutTokens() {
        let scan = Scan(#"{"a":[1,{"b":"\n"},[]],"c":true}"#)
        let expected: [(Int, Int, Int, Int, Int, Int)] = [
            (GJ_OBJECT, 0, 32, 10, 0, 2), (GJ_KEY, 1, 4, 8, 0, 0), (GJ_ARRAY, 5, 22, 8, 0, 3),
            (GJ_NUMBER, 6, 7, 4, GJ_INTEGER, 0), (GJ_OBJECT, 8, 18, 7, 0, 1), (GJ_KEY, 9, 12, 7, 0, 0),
            (GJ_STRING, 13, 17, 7, GJ_ESCAPED, 0), (GJ_ARRAY, 19, 21, 8, 0, 0), (GJ_KEY, 23, 26, 10, 0, 0),
            (GJ_TRUE, 27, 31, 10, 0, 0),
        ]
        #expect(scan.tape.count == expected.count)
        for (token, other) in zip(scan.tape, expected) {
            #expect((Int(token.kind), Int(token.start), Int(token.end)) == (other.0, other.1, other.2))
            #expect((Int(token.next), Int(token.flags), Int(token.count)) == (other.3, other.4, other.5))
        }
    }

    @Test("a token takes sixteen bytes")
    func isSmall() {
        #expect(MemoryLayout<gj_token>.stride == 16)
    }

    @Test("on random texts tokens nest, count, and lie within the text")
    func holdsOnRandomTexts() {
        var random = RandomJSON(generator: .announced())
        for _ in 0..<1_000 {
            let text = random.space() + random.object(depth: 5) + random.space()
            let object = Scan(text)
            let problem = object.tapeProblem()
            #expect(problem == nil, "\(text)")
            let value = Scan(text, .anyValue)
            #expect(value.code == object.code && value.tapeProblem() == nil)
        }
    }

    @Test("a text cut anywhere is bad JSON")
    func refusesCutTexts() {
        var random = RandomJSON(generator: .announced())
        let odd = #"{"type":"ping","seq":123,"pad":"\ud83d\ude00\n","l":[1.5e-3,[true,false,null],{"":{}}]}"#
        for text in [odd] + (0..<100).map({ _ in random.object(depth: 4) }) {
            let bytes = Array(text.utf8)
            for length in 0..<bytes.count {
                let scan = Scan(bytes[..<length])
                #expect(scan.code == badJSON, "\(text), cut at \(length)")
                #expect(scan.errorOffset <= length)
            }
            #expect(Scan(bytes).code > 0)
        }
    }

    @Test("a count ends at 65535", arguments: [65_534, 65_535, 65_536])
    func saturatesCount(_ elements: Int) {
        let array = "[" + Array(repeating: "[]", count: elements).joined(separator: ",") + "]"
        let scan = Scan(array, .anyValue)
        #expect(scan.tape[0].count == UInt16(min(elements, 65_535)))
        #expect(scan.tapeProblem() == nil)
        let object = "{" + Array(repeating: "\"\":0", count: elements).joined(separator: ",") + "}"
        #expect(Scan(object).tape[0].count == UInt16(min(elements, 65_535)))
    }
}
