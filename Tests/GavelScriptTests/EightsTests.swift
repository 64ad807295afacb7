import Foundation
import GavelCore
import Testing

@Suite("crazy eights")
struct EightsTests {
    let table: GameTable

    init() throws {
        self.table = try GameTable("eights.lua")
        for client: ClientID in 1...3 { self.table.join(client) }
    }

    private func start() {
        #expect(self.table.send(2, #"{"type":"start"}"#) == "")
    }

    @Test("a start deals five different cards to each, and shows nobody another one's")
    func deal() throws {
        self.start()
        var all: [String] = []
        for client: ClientID in 1...3 {
            let hand = try #require(self.table.last("snapshot", client)?["hand"] as? [String])
            #expect(hand.count == 5)
            all += hand
        }
        #expect(Set(all).count == 15)
        #expect(self.table.last("snapshot", 1)?[number: "turn"] == 2)
        #expect(self.table.send(1, #"{"type":"start"}"#).contains("not_now"))
    }

    @Test("played to the end by everyone, again and again: cards stay whole, and nobody is sent another one's")
    func wholeGames() throws {
        for seed in 1...20 {
            let game = try EightsGame(players: 2 + seed % 5, seed: UInt64(seed))
            try game.play()
        }
    }

    @Test("a card is refused out of turn, where one does not have it, and where it does not match")
    func refused() throws {
        #expect(self.table.send(1, #"{"type":"draw"}"#).contains("not_now"))
        self.start()
        let hand = try #require(self.table.last("snapshot", 2)?["hand"] as? [String])
        let top = try #require(self.table.last("snapshot", 2)?[text: "top"])
        #expect(self.table.send(1, #"{"type":"draw"}"#).contains("not_your_turn"))
        #expect(self.table.send(2, #"{"type":"play","card":"\#(top)"}"#).contains("not_yours"))
        #expect(self.table.send(2, #"{"type":"play","card":"1X"}"#).contains("card: expected"))
        for card in hand where card.first != "8" && card.first != top.first && card.last != top.last {
            #expect(self.table.send(2, #"{"type":"play","card":"\#(card)"}"#).contains("no_match"))
        }
        self.table.join(4)
        #expect(self.table.send(4, #"{"type":"draw"}"#).contains("not_your_turn"))
        #expect(self.table.last("snapshot", 4)?["hand"] == nil)
        #expect((self.table.last("snapshot", 4)?["players"] as? [[String: Int]])?.map { $0["cards"] } == [5, 5, 5])
    }

    @Test("one alone cannot start")
    func alone() throws {
        let table = try GameTable("eights.lua")
        table.join(1)
        #expect(table.send(1, #"{"type":"start"}"#).contains("alone"))
    }

    @Test("who is too slow draws a card, is shown it alone, and the next one has the turn")
    func tooSlow() throws {
        self.start()
        self.table.wait(seconds: 45)
        #expect(self.table.news(1).last == #"{"type":"drew","left":6,"player":2,"turn":3}"#)
        let hand = try #require(self.table.last("snapshot", 2)?["hand"] as? [String])
        #expect(hand.count == 6)
        #expect(!self.table.heard[1]!.joined().contains(hand[5]))
        self.table.wait(seconds: 45)
        #expect(self.table.last("drew", 2)?[number: "turn"] == 1)
    }

    @Test("a player who leaves gives the turn on, and the last one left wins")
    func leaving() throws {
        self.start()
        self.table.leave(2, .lost)
        #expect(self.table.news(1).last == #"{"type":"gone","player":2,"turn":3}"#)
        #expect(self.table.send(3, #"{"type":"draw"}"#).contains("card"))
        self.table.leave(3)
        #expect(self.table.news(1).last == #"{"type":"over","reason":"walkover","winner":1}"#)
        #expect(self.table.room.rules.nextTimer == nil)
        self.table.join(5)
        #expect(self.table.send(5, #"{"type":"start"}"#) == "")
        #expect(self.table.last("snapshot", 1)?[number: "turn"] == 5)
        self.table.leave(5)
        self.table.leave(1)
        #expect(self.table.room.rules.nextTimer == nil)
    }

    @Test("where nobody can play and nothing is left to draw, the game ends without a winner")
    func stuck() throws {
        for seed: UInt64 in 1...40 {
            let game = try EightsGame(players: 2, seed: seed)
            game.onlyDraws = true
            try game.play()
            #expect(game.table.last("over", 1)?[text: "reason"] == "stuck")
            #expect(game.table.last("over", 1)?["winner"] == nil)
        }
    }
}

/// Plays by what each client is sent, and checks what the others are.
private final class EightsGame {
    let table: GameTable
    var onlyDraws = false
    private var hands: [ClientID: [String]] = [:]
    private let players: [ClientID]

    init(players: Int, seed: UInt64) throws {
        self.table = try GameTable("eights.lua", seed: seed)
        self.players = (1...players).map { ClientID($0) }
        for player in self.players { self.table.join(player) }
        self.table.join(50)
    }

    func play() throws {
        // The watcher too is dealt cards where there is room; six play at most.
        self.table.leave(50)
        self.table.send(1, #"{"type":"start"}"#)
        self.table.join(50)
        for player in self.players {
            self.hands[player] = try #require(self.table.last("snapshot", player)?["hand"] as? [String])
        }
        var top = try #require(self.table.last("snapshot", 50)?[text: "top"])
        var suit = try #require(self.table.last("snapshot", 50)?[text: "suit"])
        var turn = ClientID(try #require(self.table.last("snapshot", 50)?[number: "turn"]))
        for _ in 0..<2000 where self.table.last("over", 50) == nil {
            let hand = try #require(self.hands[turn])
            let fits = hand.first { $0.first == "8" || $0.first == top.first || String($0.last!) == suit }
            if let card = fits, !self.onlyDraws {
                self.hands[turn]?.removeAll { $0 == card }
                self.table.send(turn, #"{"type":"play","card":"\#(card)","suit":"H"}"#)
                let played = try #require(self.table.last("played", 50))
                #expect(played[number: "left"] == hand.count - 1)
                (top, suit) = (card, try #require(played[text: "suit"]))
                #expect(suit == (card.first == "8" ? "H" : String(card.last!)))
                turn = ClientID(try #require(played[number: "turn"]))
            } else {
                let reply = self.table.send(turn, #"{"type":"draw"}"#)
                if let card = reply.firstMatch(of: /"card":"(..)"/) { self.hands[turn]?.append(String(card.1)) }
                turn = ClientID(try #require(self.table.last("drew", 50)?[number: "turn"]))
            }
            try self.check()
        }
        let over = try #require(self.table.last("over", 50))
        if over[text: "reason"] == "out" {
            #expect(self.hands[ClientID(try #require(over[number: "winner"]))] == [])
        }
    }

    /// Nothing that anybody was sent has a card that only another one holds; and no card is in two hands.
    private func check() throws {
        let all = self.hands.values.flatMap(\.self)
        try #require(Set(all).count == all.count)
        for client in self.players + [50] {
            let secret = Set(self.hands.filter { $0.key != client }.values.flatMap(\.self))
            for text in self.table.news(client) {
                let leaked = text.matches(of: /"([2-9TJQKA][CDHS])"/).map { String($0.1) }.filter {
                    secret.contains($0)
                }
                try #require(leaked == [], "\(client) was sent \(text)")
            }
        }
    }
}
