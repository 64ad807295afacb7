/// What the operator decided about a kind of room.
package struct RoomPolicy: Sendable {
    /// Most clients at a time; `nil`: no limit.
    package var maxClients: Int?
    /// Whether `client_joined` and `client_left` are told to the room.
    package var presence: Bool
    /// How long an empty room keeps its order before it ends.
    package var linger: Duration
    /// Largest message of the room in bytes; never above ``RelayLimits/messageBytes``, which the transport enforces.
    package var messageBytes: Int
    /// Most bytes that may wait for the room before its senders are no longer read.
    package var inboundBytes: Int
    /// What is kept for those who join or return; `nil`: nothing.
    package var history: HistoryLimits?
    /// How long a client that asked for a session may be away; `nil`: there are no sessions.
    package var resumeGrace: Duration?
    /// Whether the room is kept in the relay's log, where there is one.
    package var isLogged: Bool
    /// How much of what its rules are asked is recorded; `nil`: nothing.
    package var recording: RecordingLimits?
    /// Makes the rules; `nil`: a plain relay.
    package var rules: (any RulesProvider)?

    package init(
        maxClients: Int? = nil,
        presence: Bool = false,
        linger: Duration = .seconds(30),
        messageBytes: Int = 64 << 10,
        inboundBytes: Int = 1 << 20,
        history: HistoryLimits? = HistoryLimits(),
        resumeGrace: Duration? = .seconds(60),
        isLogged: Bool = true,
        recording: RecordingLimits? = nil,
        rules: (any RulesProvider)? = nil
    ) {
        self.maxClients = maxClients
        self.presence = presence
        self.linger = linger
        self.messageBytes = messageBytes
        self.inboundBytes = inboundBytes
        self.history = history
        self.resumeGrace = resumeGrace
        self.isLogged = isLogged
        self.recording = recording
        self.rules = rules
    }
}

/// One version of one kind of rules, from which each room gets its own.
package protocol RulesProvider: Sendable {
    /// The main file, as errors name it.
    var name: String { get }

    /// A short hash of all files, for people.
    var version: String { get }

    /// Equal where rooms would do the same: the same files, params and budgets.
    var identity: String { get }

    /// What the operator gave the rules, a JSON object or nothing.
    var params: [UInt8] { get }

    /// The same, of whose rooms nobody is told.
    var silent: Self { get }

    /// Makes the rules of one room; called on the room's home loop.
    /// - Throws: What stopped the script from loading; the join that wanted the room is refused, `unavailable`.
    func makeRules(for key: RoomKey) throws -> any RoomRules
}

extension RulesProvider {
    package var params: [UInt8] { [] }
    package var silent: Self { self }
}

/// Finds the policy for a room key; `nil`: rooms of this name are refused, `forbidden`.
package typealias RoomDirectory = @Sendable (RoomKey) -> RoomPolicy?
