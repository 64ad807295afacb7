import GavelCore
import Testing

@Suite("rock, paper, scissors")
struct RockPaperScissorsTests {
    let table: GameTable

    init() throws {
        self.table = try GameTable("rps.lua", params: #"{"wins":2,"seconds":10,"pause":2}"#)
        self.table.join(1, name: "Ann")
        self.table.join(2, name: "Bob")
    }

    @discardableResult
    private func choose(_ client: ClientID, _ hand: String) -> String {
        self.table.send(client, #"{"type":"choose","hand":"\#(hand)"}"#)
    }

    @Test("the second to come starts a game that is played to the end, and again")
    func wholeGame() throws {
        #expect(self.table.heard[1]?[0] == #"{"type":"joined","seat":1,"seats":[1],"watching":false}"#)
        #expect(self.table.heard[2]?[0] == #"{"type":"joined","seat":2,"seats":[1,2],"watching":false}"#)
        #expect(self.table.news(1).last == #"{"type":"round","round":1,"seconds":10}"#)
        #expect(self.choose(1, "rock") == #"{"type":"reply","hand":"rock"}"#)
        self.choose(2, "scissors")
        let shown = #"{"type":"shown","hands":["rock","scissors"],"round":1,"score":[1,0],"winner":1}"#
        #expect(self.table.news(1).contains(shown))
        self.table.wait(seconds: 2)
        #expect(self.table.last("round", 2)?[number: "round"] == 2)
        self.choose(2, "paper")
        self.choose(1, "paper")
        #expect(self.table.last("shown", 1)?["winner"] == nil)
        self.table.wait(seconds: 2)
        self.choose(2, "paper")
        self.choose(1, "scissors")
        #expect(
            self.table.heard[2]?.last == #"{"type":"over","reason":"score","score":[2,0],"winner":1}"#
        )
        self.table.wait(seconds: 100)
        #expect(self.table.room.rules.nextTimer == nil)
        #expect(self.choose(1, "rock").contains("not_now"))

        self.table.send(2, #"{"type":"again"}"#)
        #expect(self.table.last("round", 1)?[number: "round"] == 1)
        #expect(self.table.send(1, #"{"type":"again"}"#).contains("not_now"))
    }

    @Test("each hand beats one, loses to one, and draws with itself", arguments: ["rock", "paper", "scissors"])
    func hands(first: String) throws {
        let beats = ["rock": "scissors", "paper": "rock", "scissors": "paper"]
        for second in ["rock", "paper", "scissors"] {
            let table = try GameTable("rps.lua")
            table.join(1)
            table.join(2)
            table.send(2, #"{"type":"choose","hand":"\#(second)"}"#)
            table.send(1, #"{"type":"choose","hand":"\#(first)"}"#)
            let winner = first == second ? nil : beats[first] == second ? 1 : 2
            #expect(table.last("shown", 1)?[number: "winner"] == winner)
        }
    }

    @Test("nobody learns a hand before both are in: not by a message, and not by coming late")
    func secret() {
        self.table.join(3)
        self.choose(1, "paper")
        self.table.join(4)
        self.table.leave(2)
        self.table.join(5)
        for client: ClientID in [2, 3, 4, 5] {
            #expect(self.table.heard[client]?.joined().contains("paper") == false)
        }
        #expect(self.table.heard[3]?.contains(#"{"type":"chosen","player":1}"#) == true)
        #expect((self.table.last("snapshot", 4)?[numbers: "chosen"]) == [1])
    }

    @Test("who comes back to the same phase is shown it, with the own hand only")
    func snapshot() {
        #expect(self.table.last("snapshot", 2)?[text: "phase"] == "choosing")
        self.table.wait(seconds: 4)
        self.table.join(3)
        #expect(self.table.last("snapshot", 3)?[number: "left_ms"] == 6000)
        #expect(self.table.last("snapshot", 3)?["hand"] == nil)
    }

    @Test("who does not choose in time loses the round; where nobody does, the game ends")
    func timeout() {
        self.choose(2, "rock")
        self.table.wait(seconds: 10)
        #expect(self.table.last("shown", 1)?[number: "winner"] == 2)
        #expect(self.table.last("shown", 1)?["hands"] as? [String] == ["none", "rock"])
        self.table.wait(seconds: 12)
        #expect(self.table.heard[1]?.last == #"{"type":"over","reason":"idle","score":[0,1]}"#)
        #expect(self.table.room.rules.nextTimer == nil)
    }

    @Test("a choice cannot be changed, made in the pause, or made by a watcher")
    func outOfTurn() {
        self.choose(1, "rock")
        #expect(self.choose(1, "paper").contains(#""reason":"chosen""#))
        self.table.join(3)
        #expect(self.choose(3, "rock").contains(#""reason":"watching""#))
        #expect(self.table.send(3, #"{"type":"again"}"#).contains(#""reason":"watching""#))
        #expect(self.choose(2, "well").contains("hand: expected"))
        self.choose(2, "scissors")
        #expect(self.table.last("shown", 2)?[number: "winner"] == 1)
        #expect(self.choose(1, "rock").contains(#""reason":"not_now""#))
    }

    @Test("a player who leaves loses, in a round and between two; the seat is free", arguments: [false, true])
    func walkover(inPause: Bool) {
        if inPause {
            self.choose(1, "rock")
            self.choose(2, "scissors")
        }
        self.table.join(3)
        self.table.leave(1, .lost)
        let over = self.table.last("over", 2)
        #expect(over?[text: "reason"] == "walkover")
        #expect(over?[number: "winner"] == 2)
        #expect(self.table.room.rules.nextTimer == nil)
        #expect(self.table.send(2, #"{"type":"again"}"#).contains("not_now"))
        #expect(self.table.send(2, #"{"type":"sit"}"#).contains("seated"))
        #expect(self.table.send(3, #"{"type":"sit"}"#) == #"{"type":"reply","seat":2}"#)
        #expect(self.table.last("round", 2)?[number: "round"] == 1)
        #expect(self.table.join(4).contains(#""watching":true"#))
        #expect(self.table.send(4, #"{"type":"sit"}"#).contains("full"))
    }

    @Test("players who leave while nothing is played, watchers, and everyone are let go")
    func leaves() {
        self.table.join(3)
        self.table.leave(3)
        self.table.wait(seconds: 10)
        #expect(self.table.last("over", 1)?[text: "reason"] == "idle")
        self.table.leave(1)
        self.table.leave(2)
        self.table.join(4)
        #expect(self.table.last("joined", 4)?[number: "seat"] == 1)
        self.table.join(5)
        self.choose(4, "rock")
        self.choose(5, "paper")
        #expect(self.table.last("shown", 5)?[number: "winner"] == 5)
    }
}
