/// What somebody who watches a room is told: one thing that happened in it.
package struct WatchLine: Codable, Hashable, Sendable {
    package enum Kind: String, Codable, Sendable, CaseIterable {
        /// Calls of the rules.
        case create, join, message, leave, drop, resume, timer, signal, close, reload, evaluate
        /// From here on the room is seen: it began, or was there.
        case began
        /// The room is over, or sleeps.
        case ended
        /// Calls that were left out, as there were too many.
        case skipped
        /// Nothing happened for a while.
        case idle
    }

    package enum Verdict: String, Codable, Sendable, CaseIterable {
        case relayed, changed, handled, dropped, refused, failed
    }

    /// Milliseconds since 1970.
    package var time: Int
    package var kind: Kind
    /// Whom it concerns.
    package var client: Int?
    /// Of a join: what the client called itself. Of a signal: the signal's name.
    package var name: String?
    /// Of a message.
    package var type: String?
    package var verdict: Verdict?
    /// Of what was refused or failed: as its sender is told, `rejected`. Of what began: why, `created`.
    package var code: String?
    /// Of what was rejected: as the rules call it, `not_your_turn`. Of a leave: why.
    package var reason: String?
    /// For people: why it was refused; what failed, `file:line: …`; which rules began.
    package var detail: String?
    /// What the rules ran, `commands.move`.
    package var hook: String?
    /// Where that begins, `file:line`.
    package var place: String?
    package var microseconds: Double?
    /// The number that a message got.
    package var msgId: Int?
    /// To how many clients it goes.
    package var recipients: Int?
    /// Size of the message as it was sent.
    package var bytes: Int?
    /// As it was sent, perhaps cut.
    package var message: String?
    /// What is relayed instead, or replied, perhaps cut.
    package var answer: String?
    /// What the rules did besides, the first of it.
    package var effects: [String]?
    /// How many calls were left out.
    package var skipped: Int?

    package init(_ kind: Kind, time: Int) {
        self.kind = kind
        self.time = time
    }
}

package struct WatchArguments: CommandArguments {
    package static let standardBytes = 256
    package static let standardRate = 100

    package var room: String
    package var client: Int?
    package var type: String?
    package var bytes: Int?
    package var rate: Int?

    package static let fields = [
        CommandField("room", .text, "Its name; it need not be there yet.", isRequired: true),
        CommandField("client", .integer, "Only what concerns the client of this number.", range: 1...Int.max),
        CommandField("type", .text, "Only messages of this type."),
        CommandField("bytes", .integer, "Of a message shown at most; by default 256.", range: 0...4_096),
        CommandField(
            "rate",
            .integer,
            "Lines a second at most, and as many of what was refused or failed; by default 100.",
            range: 1...1_000
        ),
    ]

    package init(room: String, client: Int? = nil, type: String? = nil, bytes: Int? = nil, rate: Int? = nil) {
        self.room = room
        self.client = client
        self.type = type
        self.bytes = bytes
        self.rate = rate
    }
}

extension Commands {
    package static let watch = StreamCommand<WatchArguments, WatchLine>(
        "watch",
        "Tells what happens in a room, and what its rules say to it."
    )
}

/// What can be watched.
package protocol WatchOperations: Sendable {
    /// Sends a line for each thing that happens in a room, now and whenever there is one of that name, until its task is
    /// cancelled.
    func watch(
        _ arguments: WatchArguments,
        _ send: @escaping @Sendable (WatchLine) async throws -> Void
    ) async throws
}

extension CommandRegistry {
    package mutating func add(_ relay: any WatchOperations) {
        self.add(Commands.watch) { arguments, send in try await relay.watch(arguments, send) }
    }
}
