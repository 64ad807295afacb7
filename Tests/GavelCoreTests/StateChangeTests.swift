import GavelCore
import Testing

@Suite("What differs between two states")
struct StateChangeTests {
    private func changes(_ before: String, _ now: String) -> [String] {
        StateChange.between(Array(before.utf8), Array(now.utf8)).map(\.description)
    }

    @Test("is told by its place, as rules name it")
    func places() {
        #expect(
            self.changes(
                #"{"state":{"board":["x",""],"gone":{"a":1},"same":[1,{"a":"]"}],"turn":1,"a b":1},"clients":{"2":{"n":1}}}"#,
                #"{"state":{"board":["x","o","x"],"same":[1,{"a":"]"}],"turn":2,"a b":2,"new":true},"clients":{"2":{"n":2}}}"#
            ) == [
                #"state.board[2]: "" -> "o""#, #"state.board[3]: new: "x""#, #"state.gone: gone: {"a":1}"#,
                "state.turn: 1 -> 2", #"state["a b"]: 1 -> 2"#, "state.new: new: true", "clients[2].n: 1 -> 2",
            ]
        )
    }

    @Test("is one value where its kind is another, and nothing where they are the same")
    func values() {
        #expect(self.changes(#"{"a":{"b":1}}"#, #"{"a":[1]}"#) == [#"a: {"b":1} -> [1]"#])
        #expect(self.changes(#"{"a":"\"}"}"#, #"{"a":"\"}"}"#).isEmpty)
        #expect(self.changes(#"{"a":"\"}","b":1}"#, #"{"a":"\"}","b":2}"#) == ["b: 1 -> 2"])
    }

    @Test("of long values shows their beginnings")
    func long() {
        let text = String(repeating: "a", count: 500)
        let change = self.changes(#"{"t":"\#(text)"}"#, #"{"t":1}"#)
        #expect(change == ["t: \"\(text.prefix(119))… -> 1"])
    }

    @Test("of what is no sound JSON is all of it", arguments: ["", "{", #"{"a":"#, #"{"a":1"#, "[1,]x", #""a"#])
    func broken(text: String) {
        #expect(self.changes(text, #"{"a":2}"#) == [": \(text) -> {\"a\":2}"])
    }
}
