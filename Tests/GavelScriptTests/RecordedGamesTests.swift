import Foundation
import GavelCore
import GavelScript
import GavelSimulation
import GavelTesting
import Logging
import Testing

@Suite("what is recorded of the games that ship")
struct RecordedGamesTests {
    @Test(
        "answers, sends, waits and keeps the same when it is played again, byte for byte, in all rooms",
        arguments: AnyPlayTests.games
    )
    func isExact(game: AnyPlayTests.Game) throws {
        var calls = 0
        var continued = 0
        var others = 0
        for seed in UInt64(1)...8 {
            let play = try RecordedPlay(game, seed: seed)
            play.run(steps: 600)
            let rooms = play.store.rooms()
            others += rooms.count - 1
            for key in rooms {
                let recording = try play.recording(of: key)
                let provider = try #require(play.provider(of: key))
                var replay = RulesReplay(provider)
                try replay.run(recording)
                #expect(replay.report.isSame, "seed \(seed), \(key): \(replay.report)")
                #expect(replay.report.passedOver == 0 && replay.report.cut == 0)
                for (index, segment) in recording.segments.enumerated() {
                    calls += segment.inputs.count
                    let next = recording.segments.dropFirst(index + 1).first?.base
                    if try play.check(segment, of: provider, before: next) { continued += 1 }
                }
            }
        }
        #expect(calls > 1500 && continued > 3, "\(calls) calls, \(continued) segments that go on")
        // A lobby sends its clients to rooms with rules of their own.
        #expect(game.file != "lobby.lua" || others > 3)
    }

    @Test("is found to differ where a rule of the game is another")
    func differs() throws {
        let game = try #require(AnyPlayTests.games.first { $0.file == "tictactoe.lua" })
        let play = try RecordedPlay(game, seed: 3)
        play.run(steps: 250)
        let source = try String(contentsOfFile: scriptsFolder + "tictactoe.lua", encoding: .utf8)
        let other = source.replacing(
            #"gavel.reject("taken", "That cell is taken.", { cell = cell })"#,
            with: "return gavel.drop"
        )
        #expect(other != source)
        let rules = try ScriptRules.load(
            source: Array(other.utf8),
            name: "tictactoe.lua",
            configuration: .patient,
            logger: LogRecorder().logger
        )
        var replay = RulesReplay(rules, before: play.provider(of: play.store.rooms()[0]))
        try replay.run(try play.recording(of: play.store.rooms()[0]))
        #expect(Set(replay.report.counts.keys) == [.accepted])
        let finding = try #require(replay.report.findings.first)
        #expect(finding.difference.before.contains(#""reason":"taken""#))
        #expect(finding.difference.now == "dropped")
        #expect(finding.question.contains(#"{"type":"move""#))
    }
}

/// A relay with a game, recorded, and clients that do anything.
private final class RecordedPlay {
    let store = MemoryRecordings()
    private let relay: SimulatedRelay
    private let game: AnyPlayTests.Game
    private let providers: @Sendable (RoomKey) -> (any RulesProvider)?
    private var random: SeededGenerator
    private var clients: [SimulatedClient] = []

    init(_ game: AnyPlayTests.Game, seed: UInt64) throws {
        self.game = game
        self.random = SeededGenerator(seed: seed)
        let own = try Self.rules(game.file, params: game.params.replacing("@", with: "7"))
        let board = try Self.rules("tictactoe.lua")
        let chat = try Self.rules("chat.lua")
        self.providers = { key in
            let text = key.description
            return text.hasPrefix("a-") ? board : text.hasPrefix("b-") ? chat : own
        }
        let providers = self.providers
        let settings = RelaySettings { key in
            RoomPolicy(
                linger: .seconds(5),
                resumeGrace: .seconds(20),
                recording: RecordingLimits(bytes: 40 << 10, age: .seconds(3600)),
                rules: providers(key)
            )
        }
        self.relay = SimulatedRelay(loops: 2, seed: seed, settings: settings, recordings: self.store)
    }

    private static func rules(_ file: String, params: String = "") throws -> any RulesProvider {
        try ScriptRules.load(
            path: scriptsFolder + file,
            paramsJSON: Array(params.utf8),
            configuration: .patient,
            logger: LogRecorder().logger
        )
    }

    func provider(of key: RoomKey) -> (any RulesProvider)? { self.providers(key) }

    func recording(of key: RoomKey) throws -> Recording {
        try Recording(Recording.bytes(of: self.store.parts(of: key), key: key, wallMilliseconds: 1))
    }

    func run(steps: Int) {
        for _ in 0..<steps { self.step() }
        self.relay.pass(.seconds(2))
    }

    private func step() {
        let client = self.clients.randomElement(using: &self.random)
        switch Int.random(in: 0..<40, using: &self.random) {
        case 0...5 where self.clients.count < 6:
            let client = self.relay.connect(on: self.clients.count % 2)
            client.send(#"{"type":"join","room":"room","name":"c\#(self.clients.count)","resume":true}"#)
            self.clients.append(client)
        case 6:
            guard let client else { return }
            self.clients.removeAll { $0 === client }
            client.disconnect(Bool.random(using: &self.random) ? .left : .lost)
        case 7: self.relay.pass(.milliseconds(Int.random(in: 0...30_000, using: &self.random)))
        case 8...11: self.relay.pass(.milliseconds(Int.random(in: 0...900, using: &self.random)))
        case 12: client?.send(#"{"type":"join","room":"room","resume":true}"#)
        default:
            let number = Int.random(in: 1...9, using: &self.random)
            let messages = self.game.messages + [#"{"type":"move","cell":@}"#, #"{"type":"say","text":"@"}"#]
            let text = messages.randomElement(using: &self.random)!.replacing("@", with: "\(number)")
            client?.send(text)
        }
        self.relay.settle()
    }

    /// - Returns: Whether the segment goes on in the next, where its end is compared with that one's beginning.
    func check(_ segment: Recording.Segment, of provider: any RulesProvider, before next: RecordedBase?) throws -> Bool
    {
        let twin = try RulesTwin(segment.base.beginning(for: provider), of: provider)
        var due = segment.base.nextTimer
        for (place, input) in segment.inputs.enumerated() {
            let step = try #require(twin.follow(input, due: due, isStopped: true))
            due = input.answer.nextTimer
            #expect(step.answer == input.answer, "\(place): \(input.question)")
            #expect(step.ownTimers.isEmpty && step.departures.isEmpty)
        }
        guard let next, next.cause == .continued else { return false }
        #expect(twin.rules.copy(at: next.uptimeMilliseconds) == next.copy)
        return true
    }
}
