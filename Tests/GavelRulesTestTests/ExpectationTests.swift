import GavelRulesTest
import Testing

@Suite("what a test expects")
struct ExpectationTests {
    private func isMet(_ expected: String, by actual: String, exactly: Bool = false) -> Bool {
        Expectation(JSONValue(Array(expected.utf8))!, isExact: exactly).isMet(by: JSONValue(Array(actual.utf8))!)
    }

    @Test(
        "members that are not expected do not matter, at any depth",
        arguments: [
            (#"{"a":1}"#, #"{"a":1,"b":2}"#, true), (#"{"a":1}"#, #"{"a":2}"#, false),
            (#"{"a":1}"#, #"{"b":1}"#, false), (#"{"a":{"b":1}}"#, #"{"a":{"b":1,"c":2}}"#, true),
            (#"{"a":[1,{"b":1}]}"#, #"{"a":[1,{"b":1,"c":2}]}"#, true), (#"{"a":[1]}"#, #"{"a":[1,2]}"#, false),
            (#"{"a":[]}"#, #"{"a":{}}"#, true), (#"{"a":[]}"#, #"{"a":{"b":1}}"#, true),
            (#"{"a":[]}"#, #"{"a":[1]}"#, false), (#"{"a":1}"#, #"{"a":1.0}"#, true),
            (#"{"a":"1"}"#, #"{"a":1}"#, false), (#"{"a":null}"#, #"{"a":null}"#, true), (#"{"a":null}"#, "{}", false),
            (#"{"a":"\u0001any"}"#, #"{"a":false}"#, true), (#"{"a":"\u0001any"}"#, "{}", false),
            (#"{"a":"\u0001absent"}"#, "{}", true), (#"{"a":"\u0001absent"}"#, #"{"a":null}"#, false),
            (#"{"a":9007199254740993}"#, #"{"a":9007199254740992}"#, false),
        ]
    )
    func partly(_ expected: String, _ actual: String, _ isMet: Bool) {
        #expect(self.isMet(expected, by: actual) == isMet)
    }

    @Test(
        "exactly, there are no other members, but for the relay's stamp",
        arguments: [
            (#"{"a":1}"#, #"{"a":1,"client_id":2,"msg_id":3}"#, true), (#"{"a":1}"#, #"{"a":1,"b":2}"#, false),
            (#"{"a":{"b":1}}"#, #"{"a":{"b":1,"client_id":2}}"#, false),
            (#"{"a":1,"msg_id":4}"#, #"{"a":1,"msg_id":3}"#, false), (#"{"a":[]}"#, #"{"a":{"b":1}}"#, false),
        ]
    )
    func exactly(_ expected: String, _ actual: String, _ isMet: Bool) {
        #expect(self.isMet(expected, by: actual, exactly: true) == isMet)
    }

    @Test("values are shown as a test would write them")
    func lua() {
        let value = JSONValue(Array(#"{"a":[1,"x\n"],"b c":null,"d":{},"e":"\u0001any"}"#.utf8))
        #expect(value?.lua == #"{ a = { 1, "x\n" }, ["b c"] = gavel.null, d = {}, e = gavel.any }"#)
    }
}
