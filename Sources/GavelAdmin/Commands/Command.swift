/// A command: its name, what it takes and what it answers.
///
/// It is one value for all who speak of it: the registry, which does it; the client, which asks for it; and a
/// description of the whole interface.
package struct Command<Arguments: CommandArguments, Reply: CommandReply>: Sendable {
    package let name: String
    /// One sentence.
    package let summary: String
    package let effect: CommandEffect

    package init(_ name: String, _ summary: String, _ effect: CommandEffect = .acts) {
        self.name = name
        self.summary = summary
        self.effect = effect
    }
}

/// Whether a command leaves everything as it is.
package enum CommandEffect: String, Codable, Sendable, CaseIterable {
    case looks
    case acts
}

/// A command that answers line by line, for as long as somebody listens or until there is no more to say.
package struct StreamCommand<Arguments: CommandArguments, Line: CommandReply>: Sendable {
    package let name: String
    /// One sentence.
    package let summary: String

    package init(_ name: String, _ summary: String) {
        self.name = name
        self.summary = summary
    }
}

/// What a command takes: the members of a JSON object.
package protocol CommandArguments: Codable, Sendable {
    /// One for each property, under the name that it has in JSON.
    static var fields: [CommandField] { get }
}

/// What a command answers.
package protocol CommandReply: Codable, Sendable {
    /// For people: lines without a line feed at the end.
    var text: String { get }
    /// Whether it tells that the relay would not do what was asked.
    var isRefusal: Bool { get }
}

extension CommandReply {
    package var isRefusal: Bool { false }
}

/// One argument of a command.
package struct CommandField: Codable, Hashable, Sendable {
    package enum Kind: String, Codable, Sendable, CaseIterable {
        case text
        case integer
        case boolean
    }

    package var name: String
    package var kind: Kind
    /// One sentence.
    package var summary: String
    package var isRequired: Bool
    /// The only texts that may be given; `nil`: any.
    package var choices: [String]?
    package var minimum: Int?
    package var maximum: Int?

    package init(
        _ name: String,
        _ kind: Kind,
        _ summary: String,
        isRequired: Bool = false,
        choices: [String]? = nil,
        range: ClosedRange<Int>? = nil
    ) {
        self.name = name
        self.kind = kind
        self.summary = summary
        self.isRequired = isRequired
        self.choices = choices
        self.minimum = range?.lowerBound
        self.maximum = range?.upperBound
    }
}
