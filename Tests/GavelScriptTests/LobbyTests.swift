import Foundation
import GavelCore
import GavelScript
import GavelTesting
import Logging
import Testing

/// The lobby, and the game that it sends players to, on a relay with simulated loops.
@Suite("a lobby that finds opponents")
final class LobbyTests {
    private let relay: SimulatedRelay
    private let log = LogRecorder()
    private var heard: [ObjectIdentifier: [[String: Any]]] = [:]

    init() throws {
        let logger = self.log.logger
        func load(_ file: String, params: String = "") throws -> RoomPolicy {
            RoomPolicy(
                linger: .zero,
                rules: try ScriptRules.load(
                    path: scriptsFolder + file,
                    paramsJSON: Array(params.utf8),
                    configuration: .patient,
                    logger: logger,
                    seed: { (1, 2, 3, 4) }
                )
            )
        }
        let lobby = try load("lobby.lua", params: #"{"modes":{"rps":"rps-","other":"rps-other-"}}"#)
        let game = try load("rps.lua", params: #"{"wins":1}"#)
        self.relay = SimulatedRelay(loops: 2, seed: 5) { key in "\(key)".hasPrefix("lobby") ? lobby : game }
        self.relay.clock.advance(by: .seconds(1_000_000))
    }

    deinit {
        let failures = self.log.entries.filter { $0.level >= .warning }
        if !failures.isEmpty { Issue.record("\(failures)") }
    }

    private func join(_ name: String, room: String = "lobby-1") -> SimulatedClient {
        let client = self.relay.connect(on: name.utf8.count % 2)
        self.send(client, #"{"type":"join","room":"\#(room)","name":"\#(name)"}"#)
        return client
    }

    private func send(_ client: SimulatedClient, _ text: String) {
        client.send(text)
        self.relay.settle()
    }

    private func queue(_ client: SimulatedClient, rank: Int = 1000, mode: String = "rps") {
        self.send(client, #"{"type":"queue","mode":"\#(mode)","rank":\#(rank)}"#)
    }

    /// The newest message of the type.
    private func last(_ type: String, _ client: SimulatedClient) throws -> [String: Any]? {
        let new = try client.read().map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.text)) as? [String: Any])
        }
        self.heard[ObjectIdentifier(client), default: []] += new
        return self.heard[ObjectIdentifier(client)]?.last { $0[text: "type"] == type }
    }

    private func room(_ client: SimulatedClient) throws -> String {
        try self.last("joined", client)?[text: "room"] ?? ""
    }

    @Test("who lost the connection is matched with nobody until it is there again")
    func dropped() throws {
        let table = try GameTable("lobby.lua")
        for client in [1, 2] as [ClientID] { table.join(client) }
        table.send(1, #"{"type":"queue","mode":"rps"}"#)
        table.drop(1)
        table.send(2, #"{"type":"queue","mode":"rps"}"#)
        table.wait(seconds: 10)
        #expect(table.moves.isEmpty)
        table.resume(1)
        #expect(Set(table.moves.keys) == [1, 2] && Set(table.moves.values).count == 1)
        #expect(table.last("snapshot", 1) != nil)
    }

    @Test("two who wait meet in a room of their own, play, and come back; the lobby hears who won")
    func wholeGame() throws {
        let (ann, bob, eve) = (self.join("Ann"), self.join("Bobb"), self.join("Eve"))
        self.queue(ann)
        #expect(try self.last("left", ann) == nil)
        self.queue(bob, rank: 1050)
        #expect(try self.last("left", ann)?[text: "reason"] == "moved")
        let game = try self.room(ann)
        #expect(game.wholeMatch(of: /rps-[a-z2-7]{26}/) != nil)
        #expect(try self.room(bob) == game)
        #expect(try self.room(eve) == "lobby-1")
        #expect(try Set([ann, bob].map { try self.last("joined", $0)?[number: "seat"] }) == [1, 2])
        #expect(try self.last("round", ann) != nil)

        self.send(ann, #"{"type":"choose","hand":"rock"}"#)
        self.send(bob, #"{"type":"choose","hand":"paper"}"#)
        #expect(try self.last("over", ann)?[text: "reason"] == "score")
        #expect(try self.last("result", eve)?[text: "winner"] == "Bobb")
        #expect(try self.last("result", eve)?[text: "game"] == game)
        self.relay.pass(.seconds(15))
        #expect(try self.room(ann) == "lobby-1")
        #expect(try self.room(bob) == "lobby-1")
        #expect(try self.last("snapshot", ann)?[number: "played"] == 1)
        #expect(self.relay.roomCount == 1)
        self.queue(ann)
        self.queue(bob)
        #expect(try self.room(ann) != game)
    }

    @Test("who plays again is not sent back in the middle")
    func again() throws {
        let (ann, bob) = (self.join("Ann"), self.join("Bob"))
        self.queue(ann)
        self.queue(bob)
        for client in [ann, bob] {
            self.send(client, #"{"type":"choose","hand":"\#(client === ann ? "rock" : "paper")"}"#)
        }
        self.relay.pass(.seconds(5))
        self.send(bob, #"{"type":"again"}"#)
        self.relay.pass(.seconds(14))
        #expect(try self.room(ann).hasPrefix("rps-"))
        self.relay.pass(.seconds(6 + 15))
        #expect(try self.last("over", ann)?[text: "reason"] == "idle")
        #expect(try self.room(ann) == "lobby-1")
    }

    @Test("ranks that are far apart meet when they have waited long enough; other modes never do")
    func ranks() throws {
        let (weak, strong, other) = (self.join("Weak"), self.join("Strong"), self.join("Other"))
        self.queue(weak, rank: 1000)
        self.queue(strong, rank: 1200)
        self.queue(other, rank: 1000, mode: "other")
        self.relay.pass(.seconds(4))
        #expect(try self.room(weak) == "lobby-1")
        self.relay.pass(.seconds(2))
        #expect(try self.room(weak) == self.room(strong))
        #expect(try self.room(weak).hasPrefix("rps-"))
        self.relay.pass(.seconds(60))
        #expect(try self.room(other) == "lobby-1")
    }

    @Test("of two who fit, the nearer one is chosen")
    func nearest() throws {
        let clients = ["A", "B", "C"].map { self.join($0) }
        self.queue(clients[0], rank: 1000)
        self.queue(clients[1], rank: 1150)
        self.queue(clients[2], rank: 1120)
        self.relay.pass(.seconds(3))
        #expect(try self.room(clients[1]) == self.room(clients[2]))
        #expect(try self.room(clients[0]) == "lobby-1")
    }

    @Test("who cancels, leaves or is gone is not waited for")
    func gone() throws {
        let (ann, bob, eve) = (self.join("Ann"), self.join("Bob"), self.join("Eve"))
        self.queue(ann)
        self.queue(ann)
        #expect(try self.last("error", ann)?[text: "reason"] == "queued")
        self.send(ann, #"{"type":"cancel"}"#)
        self.send(ann, #"{"type":"cancel"}"#)
        #expect(try self.last("error", ann)?[text: "reason"] == "not_queued")
        self.queue(bob)
        bob.disconnect()
        self.relay.settle()
        self.queue(eve)
        #expect(try self.room(eve) == "lobby-1")
        #expect(try self.last("reply", eve)?[number: "waiting"] == 1)
        self.queue(eve, mode: "chess")
        #expect(try self.last("error", eve)?[text: "reason"] == "no_such_mode")
    }

    @Test("who is matched with one that never arrives, or that leaves, is sent back")
    func opponentGone() throws {
        let (ann, bob) = (self.join("Ann"), self.join("Bob"))
        self.queue(ann)
        bob.send(#"{"type":"queue","mode":"rps","rank":1000}"#)
        bob.send(#"{"type":"leave"}"#)
        self.relay.settle()
        #expect(try self.room(ann).hasPrefix("rps-"))
        self.relay.pass(.seconds(20))
        #expect(try self.room(ann) == "lobby-1")
    }

    @Test("a hundred may wait, a second is enough to look through them, and one more is told to come later")
    func many() throws {
        let clients = (0...100).map { self.join("c\($0)") }
        for (index, client) in clients.enumerated() { self.queue(client, rank: index * 100 % 10_000 + index / 100) }
        // Neighbours are 100 apart, which is near enough at once.
        #expect(try clients.filter { try self.room($0) == "lobby-1" }.count == 1)
    }
}
