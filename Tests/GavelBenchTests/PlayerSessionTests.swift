import Testing

@testable import GavelBench

@Suite("A tortured client's session")
struct PlayerSessionTests {
    private var session = PlayerSession(player: 3)

    private func joined(_ text: String) -> RelayMessage {
        Array("{\"type\":\"joined\",\(text)}".utf8).withUnsafeBytes { RelayMessage($0) } ?? RelayMessage.none
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    init() {
        let first = self.joined(#""client_id":7,"msg_id":0,"epoch":"e","session":"s","handled":0"#)
        _ = self.session.enter(first)
    }

    @Test("the first join asks for a session, the next takes it up where the client was")
    func joins() {
        let fresh = PlayerSession(player: 3)
        #expect(self.text(fresh.join(room: "r", last: 0, history: 0)) == #"{"type":"join","room":"r","resume":true}"#)
        #expect(
            self.text(fresh.join(room: "r", last: 0, history: 5))
                == #"{"type":"join","room":"r","resume":true,"history":5}"#
        )
        #expect(
            self.text(self.session.join(room: "r", last: 9, history: 5))
                == #"{"type":"join","room":"r","resume":{"session":"s","epoch":"e","msg_id":9}}"#
        )
    }

    @Test("every message counts, the refused and pings too, and is sent again from the first not handled")
    mutating func countsAll() {
        let texts = [
            self.session.note(padding: 0), self.session.blunder(0), self.session.ping(),
            self.session.tell(padding: 1), self.session.move("3.1/a"), self.session.move(PlayerSession.sharedKey),
        ]
        #expect(self.session.sent == texts)
        #expect(self.session.said == 2)
        #expect(self.session.latest == ["3.1/a": 1, PlayerSession.sharedKey: 2])
        let back = self.joined(#""client_id":7,"epoch":"e","session":"t","recovered":true,"handled":4"#)
        #expect(self.session.enter(back) == .returned(.recovered, handled: 4))
        #expect(self.session.secret == "t")
    }

    @Test("a session that is over begins another life, with its own counts")
    mutating func beginsAgain() {
        _ = self.session.note(padding: 0)
        #expect(self.session.author == "3.1")
        let other = self.joined(
            #""client_id":8,"epoch":"e","session":"t","recovered":false,"reason":"session","handled":0"#
        )
        #expect(self.session.enter(other) == .returned(.over, handled: 0))
        #expect(self.session.author == "3.2")
        #expect(self.session.sent.isEmpty)
        #expect(self.session.said == 0)
    }

    @Test("an end on purpose is followed by a new client")
    mutating func ends() {
        self.session.end()
        let next = self.joined(#""client_id":9,"epoch":"e","session":"t","handled":0"#)
        #expect(self.session.enter(next) == .new)
        #expect(self.session.series == "client 3.2")
    }

    @Test(
        "an answer against the protocol is found",
        arguments: [
            (
                #""client_id":7,"epoch":"e","session":"s","recovered":true,"handled":2"#,
                "handled is 2 of 1 sent"
            ),
            (#""client_id":7,"epoch":"e","session":"s","recovered":true"#, "handled is missing of 1 sent"),
            (
                #""client_id":8,"epoch":"e","session":"s","recovered":true,"handled":1"#,
                "client 7 came back as client 8"
            ),
            (
                #""client_id":7,"epoch":"e","session":"s","handled":1"#,
                "joined says neither that the session was recovered nor why not"
            ),
            (#""client_id":7,"session":"s","recovered":true,"handled":1"#, "joined has no client_id, epoch or session"),
        ]
    )
    mutating func findsWrong(joined: String, what: String) {
        _ = self.session.note(padding: 0)
        #expect(self.session.enter(self.joined(joined)) == .wrong(what))
    }
}

extension RelayMessage {
    fileprivate static var none: RelayMessage { Array("{\"type\":\"\"}".utf8).withUnsafeBytes { RelayMessage($0) }! }
}
