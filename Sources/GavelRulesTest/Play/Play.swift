internal import GavelConfig
internal import GavelCore
package import GavelScript
internal import GavelSimulation
internal import NIOCore

/// One test at play: a relay of its own with virtual time, the rooms of the test, and its clients.
package final class Play: TestHost {
    /// What may happen at one moment of a test before it counts as endless.
    static let mostSteps = 100_000

    let shelf: TestShelf
    let rules: TestedRules
    let rooms: PlayRooms
    let log: PlayLog
    let relay: SimulatedRelay
    var clients: [PlayClient] = []
    var roomKeys: [String] = []
    /// Calls of the test so far.
    package private(set) var steps = 0
    /// Time that the test has let pass.
    var passed = Duration.zero
    /// How often the test has looked whether something is so.
    var checks = 0
    /// Why the test ended, where a call of it found that.
    private(set) var failure: TestFailure?
    private var files = 0
    /// A moment in January 2027, at which each test begins.
    private static let start: UInt64 = 1_800_000_000_000_000_000

    package init(_ shelf: TestShelf, _ rules: TestedRules, test: String) {
        self.shelf = shelf
        self.rules = rules
        self.log = PlayLog()
        let seed = rules.seed.map { UInt64($0.magnitude) } ?? Self.seed(of: test)
        let rooms = PlayRooms(shelf, rules, log: self.log, seed: seed)
        self.rooms = rooms
        self.relay = SimulatedRelay(
            loops: 1,
            seed: seed,
            limits: shelf.configuration.limits,
            outbound: shelf.configuration.outbound,
            clock: ManualClock(nanoseconds: Self.start),
            directory: { rooms.policy(of: $0) }
        )
    }

    /// FNV-1a, so that a test plays alike wherever it stands.
    private static func seed(of test: String) -> UInt64 {
        test.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 } >> 8
    }

    package func printed(_ line: String) { self.log.add(line: line) }

    package func answer(_ call: TestCall) -> TestAnswer {
        do throws(TestFailure) {
            return try self.reply(to: call)
        } catch {
            var failure = error
            if failure.errors.isEmpty { failure.errors = self.log.errors }
            failure.errors += self.rooms.mistakes.map {
                TestFailure.RulesError(text: $0.description, circumstances: "", traceback: $0.traceback)
            }
            failure.log = self.log.lines
            self.failure = failure
            return .failure(failure.text)
        }
    }

    private func reply(to call: TestCall) throws(TestFailure) -> TestAnswer {
        switch call.receiver {
        case .gavel:
            self.files += 1
            return .file(self.files)
        case .file: return .nothing
        case .test:
            self.steps += 1
            return call.isField ? self.field(call.name) : try self.perform(PlayCall(call))
        case .client(let number):
            self.steps += 1
            let client = self.clients[number - 1]
            return call.isField ? self.field(call.name, of: client) : try self.perform(PlayCall(call), by: client)
        case .room(let number):
            let key = self.roomKeys[number - 1]
            return call.name == "key"
                ? .json(Array(key.quoted.utf8)) : .state(of: self.scriptRules(of: key), client: nil)
        }
    }

    /// What the test says at its end, if it did not end before.
    package func finish(at place: TestPlace) -> TestFailure? {
        guard self.failure == nil else { return self.failure }
        let errors = self.log.errors
        var failure = TestFailure(place: place, text: "a hook of the rules failed.")
        failure.errors = errors
        failure.log = self.log.lines
        if !errors.isEmpty { return failure }
        if self.checks > 0 { return nil }
        failure.text = "the test expects nothing, so it cannot fail. Write what must happen: bo:expect { type = … }."
        return failure
    }

    // MARK: The relay

    /// Lets everything happen that is under way, and everyone receive it.
    func settle(_ call: PlayCall) throws(TestFailure) {
        var wakes = 0
        repeat {
            guard self.relay.settle(atMost: Self.mostSteps), wakes < Self.mostSteps else { throw self.endless(call) }
            wakes += 1
        } while self.relay.wake()
        for client in self.clients { client.receive() }
    }

    func endless(_ call: PlayCall) -> TestFailure {
        call.failure(
            "the rooms go on without end at one moment. Does a timer of 0 ms set itself, or do rooms signal in circles?"
        )
    }

    func scriptRules(of key: String) -> ScriptRoomRules? {
        self.relay.loops[0].rules(of: RoomKey(key)) as? ScriptRoomRules
    }

    /// The clients in the test's own room whose connection is there.
    var present: [PlayClient] {
        self.clients.filter { $0.room == self.rooms.key && $0.isConnected }
    }

    private func field(_ name: String) -> TestAnswer {
        switch name {
        case "state": .state(of: self.scriptRules(of: self.rooms.key), client: nil)
        case "key": .json(Array(self.rooms.key.quoted.utf8))
        default: .json(Array("\(self.relay.clock.now.uptimeNanoseconds / 1_000_000)".utf8))
        }
    }

    private func field(_ name: String, of client: PlayClient) -> TestAnswer {
        switch name {
        case "id": return .json(Array("\(client.id)".utf8))
        case "name": return .json(Array(client.name.quoted.utf8))
        case "joined": return client.joined.map { .json($0.received.text) } ?? .nothing
        case "room": return client.room.map { .json(Array($0.quoted.utf8)) } ?? .nothing
        case "connected": return .json(Array((client.isConnected ? "true" : "false").utf8))
        default:
            guard let room = client.room, client.id > 0 else { return .nothing }
            return .state(of: self.scriptRules(of: room), client: ClientID(client.id))
        }
    }
}

@available(*, unavailable)
extension Play: Sendable {}
