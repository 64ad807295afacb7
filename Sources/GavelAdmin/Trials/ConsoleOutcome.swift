package struct ConsoleArguments: CommandArguments {
    package var room: String
    package var text: String
    package var client: Int?
    package var commit: Bool?

    package static let fields = [
        CommandField("room", .text, "The name of the room.", isRequired: true),
        CommandField("text", .text, "Lua, or of a client a message as it would send it.", isRequired: true),
        CommandField("client", .integer, "Whose message it is; 0: the first client's.", range: 0...Int.max),
        CommandField("commit", .boolean, "Whether it counts; by default a copy of the room is asked."),
    ]

    /// - Parameter client: `nil`: the text is Lua.
    package init(room: String, text: String, client: Int? = nil, commit: Bool? = nil) {
        self.room = room
        self.text = text
        self.client = client
        self.commit = commit
    }
}

/// A place in what rules keep, and what stood and stands there.
package struct ChangeView: Codable, Hashable, Sendable {
    /// As rules name it.
    package var path: String
    /// JSON; `nil`: it was not there.
    package var before: String?
    /// JSON; `nil`: it is not there.
    package var now: String?

    package init(_ path: String, before: String?, now: String?) {
        self.path = path
        self.before = before
        self.now = now
    }

    /// For people.
    package var text: String {
        switch (self.before, self.now) {
        case (let before?, let now?): "\(self.path): \(before) → \(now)"
        case (nil, let now?): "\(self.path): new, \(now)"
        case (let before?, nil): "\(self.path): gone, was \(before)"
        case (nil, nil): self.path
        }
    }
}

/// What came of a line that was typed into a console.
package struct ConsoleOutcome: CommandReply, Hashable {
    /// Whether it counts.
    package var isCommitted: Bool
    /// Who sent the message; `nil`: it was Lua.
    package var client: Int?
    /// The value of what was typed, what became of the message, or what is wrong, for people.
    package var result: String
    /// Whether a hook failed, or the Lua did: then nothing has changed.
    package var isFailure: Bool
    /// The number that the message has, or would have; `nil`: none.
    package var message: Int?
    /// What rules do to the outside, for people, in the order in which they do it.
    package var effects: [String]
    /// What the rules log meanwhile.
    package var logs: [String]
    package var changes: [ChangeView]

    package init(
        isCommitted: Bool,
        client: Int?,
        result: String,
        isFailure: Bool = false,
        message: Int? = nil,
        effects: [String] = [],
        logs: [String] = [],
        changes: [ChangeView] = []
    ) {
        self.isCommitted = isCommitted
        self.client = client
        self.result = result
        self.isFailure = isFailure
        self.message = message
        self.effects = effects
        self.logs = logs
        self.changes = changes
    }

    package var isRefusal: Bool { self.isFailure }

    package var text: String {
        var lines = self.logs.map { "log: \($0)" }
        let number = self.message.map { "#\($0) " } ?? ""
        lines.append(number + self.result)
        lines += self.effects.map { "  \($0.replacing("\n", with: "\n  "))" }
        lines += self.changes.map { "  \($0.text)" }
        if self.isCommitted { lines.append(self.isFailure ? "Nothing has changed." : "The room has taken it.") }
        return PrintableText.lines(lines.joined(separator: "\n"))
    }
}
