package import GavelCore

/// What one `[[rooms]]` entry says of the rooms whose keys it matches.
package struct RoomEntry: Sendable {
    package var match: Glob
    /// Name of the rules file in the scripts folder; `nil`: a plain relay.
    package var rules: String?
    /// Most clients at a time in one room; `nil`: no limit.
    package var maxClients: Int?
    package var presence: Bool
    package var linger: Duration
    /// Whether these rooms are kept in the log, where there is one.
    package var isLogged: Bool
    package var messageBytes: Int
    package var inboundBytes: Int
    /// Most messages that are kept for those who join or return; `nil`: none are.
    package var historyMessages: Int?
    package var historyBytes: Int
    package var historyAge: Duration
    /// How long a client that asked for a session may be away; `nil`: there are no sessions.
    package var resumeGrace: Duration?
    /// How much of what their rules are asked is recorded, of each room; `nil`: nothing.
    package var recordBytes: Int?
    package var recordAge: Duration
    /// `[rooms.params]` as a JSON object, `{}` where there are none.
    package var params: [UInt8] = Array("{}".utf8)
    /// Where the params stand, of the file that said so; `nil`: there are none.
    package var paramsLine: Int?

    /// An entry that says only what it matches.
    package init(match: Glob, in configuration: GavelConfiguration) {
        let policy = RoomPolicy()
        self.match = match
        self.presence = policy.presence
        self.linger = policy.linger
        self.isLogged = policy.isLogged
        self.messageBytes = configuration.messageBytes
        self.inboundBytes = configuration.inboundBytes
        let history = HistoryLimits()
        self.historyMessages = history.messages
        self.historyBytes = history.bytes
        self.historyAge = history.age
        self.resumeGrace = policy.resumeGrace
        self.recordAge = RecordingLimits().age
    }

    package func policy(rules: (any RulesProvider)?) -> RoomPolicy {
        RoomPolicy(
            maxClients: self.maxClients,
            presence: self.presence,
            linger: self.linger,
            messageBytes: self.messageBytes,
            inboundBytes: self.inboundBytes,
            history: self.historyMessages.map {
                HistoryLimits(messages: $0, bytes: self.historyBytes, age: self.historyAge)
            },
            resumeGrace: self.resumeGrace,
            isLogged: self.isLogged,
            recording: self.recordBytes.map { RecordingLimits(bytes: $0, age: self.recordAge) },
            rules: rules
        )
    }
}
