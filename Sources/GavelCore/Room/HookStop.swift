/// A hook that was stopped as it had spent its budget: where clocks decide on that, it is an input of a recording.
package struct HookStop: Hashable, Codable, Sendable {
    /// What was spent.
    package enum Budget: UInt8, Codable, Sendable {
        case steps = 2
        case time = 3
        case memory = 4
        case effects = 5
    }

    package var budget: Budget
    /// As a designer writes it.
    package var hook: String
    package var file: String
    package var line: Int?
    /// What it is, without file and line.
    package var text: String
    package var traceback: [String]
    /// How many identifiers it made: they are not made again.
    package var identifiers: UInt64
    /// `nil`: the hook was stopped. Else the hook ended well, and one of the snapshots it asked for was stopped, after so
    /// many others.
    package var snapshots: Int?

    package init(
        budget: Budget,
        hook: String,
        file: String,
        line: Int?,
        text: String,
        traceback: [String] = [],
        identifiers: UInt64 = 0,
        snapshots: Int? = nil
    ) {
        self.budget = budget
        self.hook = hook
        self.file = file
        self.line = line
        self.text = text
        self.traceback = traceback
        self.identifiers = identifiers
        self.snapshots = snapshots
    }
}
