package struct ShadowArguments: CommandArguments {
    package var room: String
    package var file: String

    package static let fields = [
        CommandField("room", .text, "The name of the room.", isRequired: true),
        CommandField("file", .text, "The rules to try: their path on the relay's machine.", isRequired: true),
    ]

    package init(room: String, file: String) {
        self.room = room
        self.file = file
    }
}

/// What there is to tell of a shadow: one of these.
package struct ShadowLine: CommandReply, Hashable {
    package var began: ShadowStart?
    package var difference: ShadowFinding?
    /// Something that a hook of the shadow's logged.
    package var log: String?
    /// Differences that were too many to be told one by one.
    package var omitted: Int?
    package var figures: ShadowFigures?
    /// Why it is over, for people; nothing follows.
    package var ended: String?

    package init(began: ShadowStart) { self.began = began }
    package init(difference: ShadowFinding) { self.difference = difference }
    package init(log: String) { self.log = log }
    package init(omitted: Int) { self.omitted = omitted }
    package init(figures: ShadowFigures) { self.figures = figures }
    package init(ended: String) { self.ended = ended }
}

/// How a shadow goes on from where its room was.
package struct ShadowStart: Codable, Hashable, Sendable {
    /// The rules of the room, and their version; `nil`: it has none.
    package var rules: String?
    package var version: String?
    /// The shadow's.
    package var shadow: String
    package var shadowVersion: String
    /// The last number given in the room.
    package var lastMessage: Int
    /// Whether it has begun anew, as the room's rules were exchanged.
    package var isAgain: Bool
    /// What `on_reload` did to the outside, for people.
    package var effects: [String] = []
    /// What it keeps otherwise than the room, by its `on_reload`.
    package var changes: [ChangeView] = []

    package init(
        rules: String?,
        version: String?,
        shadow: String,
        shadowVersion: String,
        lastMessage: Int,
        isAgain: Bool
    ) {
        self.rules = rules
        self.version = version
        self.shadow = shadow
        self.shadowVersion = shadowVersion
        self.lastMessage = lastMessage
        self.isAgain = isAgain
    }
}

/// Something to which a shadow answered otherwise than its room.
package struct ShadowFinding: Codable, Hashable, Sendable {
    package struct Difference: Codable, Hashable, Sendable {
        /// `refused`, `accepted`, `effects` …
        package var kind: String
        /// For people: what the room did, and the shadow.
        package var room: String
        package var shadow: String

        package init(_ kind: String, room: String, shadow: String) {
            self.kind = kind
            self.room = room
            self.shadow = shadow
        }
    }

    /// `message`, `join`, `timer` …
    package var call: String
    /// 0: no client is concerned.
    package var client: Int
    /// The message as it was sent; `nil`: it is none.
    package var sent: String?
    /// The number that it got in the room; `nil`: none.
    package var message: Int?
    /// The last number given before it.
    package var lastMessage: Int
    package var differences: [Difference] = []
    /// What the room keeps, and the shadow from now on.
    package var changes: [ChangeView] = []
    /// Clients that only the shadow sent away.
    package var departures: [Int] = []
    /// A hook of the shadow's that failed: which, and how.
    package var failure: String?

    package init(_ call: String, client: Int, sent: String?, message: Int?, lastMessage: Int) {
        self.call = call
        self.client = client
        self.sent = sent
        self.message = message
        self.lastMessage = lastMessage
    }
}

/// How much a shadow has seen.
package struct ShadowFigures: Codable, Hashable, Sendable {
    package var calls: Int
    package var messages: Int
    /// Calls with a difference.
    package var different: Int
    /// By their kind.
    package var kinds: [String: Int]
    /// Hooks of the shadow's that failed.
    package var failures: Int
    /// Places at which what both keep differs now.
    package var statePlaces: Int

    package init(calls: Int, messages: Int, different: Int, kinds: [String: Int], failures: Int, statePlaces: Int) {
        self.calls = calls
        self.messages = messages
        self.different = different
        self.kinds = kinds
        self.failures = failures
        self.statePlaces = statePlaces
    }
}

/// What became of a room that was to go on under the rules of its shadow.
package struct ShadowPromotion: CommandReply, Hashable {
    package var room: String
    /// The rules' file.
    package var file: String
    package var version: String
    /// Whether the file is that of the room's rules: then all rooms with these rules have it.
    package var isForAll: Bool
    /// Why the room keeps the rules that it has; empty: it goes on under the new ones.
    package var refusals: [String]

    package init(room: String, file: String, version: String, isForAll: Bool, refusals: [String]) {
        self.room = room
        self.file = file
        self.version = version
        self.isForAll = isForAll
        self.refusals = refusals
    }

    package var isRefusal: Bool { !self.refusals.isEmpty }
}
