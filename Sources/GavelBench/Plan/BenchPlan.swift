/// What the clients of a run do.
package enum BenchScenario: String, CaseIterable, Sendable {
    /// Many rooms of a few clients; everybody sends.
    case rooms
    /// Each client alone in its room, one message in flight: the round trip.
    case pingpong
    /// One large room in which a few clients send.
    case fanout
}

/// One run of the load generator: against which relay, with how many clients, for how long.
///
/// Every client that sends keeps ``window`` messages in flight: it sends the next one when one of its own has come
/// back (a closed loop), so the relay sets the pace. With a ``rate`` messages are sent when they are due, whatever has
/// come back (an open loop), and their latency counts from then on.
package struct BenchPlan: Sendable {
    package var scenario: BenchScenario
    package var relay = RelayAddress()
    /// The key of room *n* is this followed by *n*.
    package var roomPrefix = "bench-"
    package var rooms: Int
    package var clientsPerRoom: Int
    /// How many clients of each room send; the others only listen.
    package var sendersPerRoom: Int
    /// Messages each sender has in flight; without meaning where there is a ``rate``.
    package var window: Int
    /// Messages in a second of all senders together; `nil`: as many as come back.
    package var rate: Double?
    /// Which part of the clients reads slowly or not at all, and sends nothing; below 1.
    package var slowShare = 0.0
    /// Between two losses of one client's connection, on average; `nil`: none is lost on purpose.
    package var dropInterval: Duration?
    /// Whether the rooms have rules that count, as those of ``SavedRules`` do: then clients check the counts, and a message
    /// that the rules fail at is counted and no mistake.
    var hasCountingRules = false
    /// Size of each message's JSON text in bytes, before the relay's stamp.
    package var payloadBytes = 100
    /// Traffic before the measurement.
    package var warmUp: Duration = .seconds(1)
    /// The measurement.
    package var duration: Duration = .seconds(4)
    /// Longest wait, after the last send, for what is still under way; what has not come then counts as lost.
    package var drain: Duration = .seconds(5)
    /// Longest wait until all clients have joined.
    package var joinLimit: Duration = .seconds(30)

    /// The scenario with its usual sizes.
    package init(_ scenario: BenchScenario) {
        self.scenario = scenario
        switch scenario {
        case .rooms: (self.rooms, self.clientsPerRoom, self.sendersPerRoom, self.window) = (100, 8, 8, 8)
        case .pingpong: (self.rooms, self.clientsPerRoom, self.sendersPerRoom, self.window) = (100, 1, 1, 1)
        case .fanout: (self.rooms, self.clientsPerRoom, self.sendersPerRoom, self.window) = (1, 100, 10, 8)
        }
    }

    /// How many clients of each room send in this scenario unless one says otherwise.
    package var usualSenders: Int {
        self.scenario == .fanout ? min(10, self.clientsPerRoom) : self.clientsPerRoom
    }

    package var clients: Int {
        self.rooms * self.clientsPerRoom
    }

    /// The most clients of a run: what one address has local ports for, towards one relay.
    package static let mostClients = 20_000
}

extension BenchPlan {
    /// What is wrong with the plan, one sentence each; a plan without mistakes can be run.
    package var mistakes: [String] {
        var mistakes: [String] = []
        func expect<Value: Comparable>(_ name: String, _ value: Value, in range: ClosedRange<Value>) {
            if !range.contains(value) {
                mistakes.append("\(name) must be between \(range.lowerBound) and \(range.upperBound), not \(value)")
            }
        }
        expect("rooms", self.rooms, in: 1...Self.mostClients)
        expect("per-room", self.clientsPerRoom, in: 1...Self.mostClients)
        if mistakes.isEmpty, self.clients > Self.mostClients {
            mistakes.append("rooms x per-room must be at most \(Self.mostClients) clients, not \(self.clients)")
        }
        expect("senders", self.sendersPerRoom, in: 1...max(1, self.clientsPerRoom))
        expect("window", self.window, in: 1...1024)
        if let rate { expect("rate", rate, in: 1...10_000_000) }
        if let dropInterval { expect("drop-every", dropInterval, in: .milliseconds(100) ... .seconds(3_600)) }
        if mistakes.isEmpty { mistakes += self.mistakesOfShares }
        expect("payload", self.payloadBytes, in: BenchMessage.leastBytes...BenchMessage.mostBytes)
        expect("warm", self.warmUp, in: .zero ... .seconds(60))
        expect("duration", self.duration, in: .milliseconds(10) ... .seconds(120))
        expect("drain", self.drain, in: .zero ... .seconds(60))
        expect("join-limit", self.joinLimit, in: .milliseconds(10) ... .seconds(120))
        if !RoomName.isValid(prefix: self.roomPrefix) {
            mistakes.append("room-prefix must be 1 to 120 printable characters of ASCII without quotes or backslashes")
        }
        return mistakes + self.relay.mistakes
    }
}

/// The keys of the rooms that a run joins.
enum RoomName {
    /// Whether `prefix` may stand in a room key, and in JSON as it is.
    static func isValid(prefix: String) -> Bool {
        (1...120).contains(prefix.utf8.count)
            && prefix.utf8.allSatisfy {
                (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
            }
    }
}
