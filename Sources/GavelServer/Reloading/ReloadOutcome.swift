/// What became of one save, or of one file that the relay was told to read again.
package struct ReloadOutcome: Hashable, Sendable, Codable {
    package enum Result: String, Sendable, Codable {
        /// It is in force.
        case applied
        /// It says what it said before.
        case unchanged
        /// Something is wrong with it; everything is as it was.
        case refused
    }

    /// What was saved or read again: rules as rooms name them, a module that they share, or the configuration file.
    package var file: String
    package var result: Result
    /// Versions of the rules, before and after; `nil` for a configuration, and for rules that did not load.
    package var from: String?
    package var to: String?
    /// Rooms that went on under other rules; `nil`: the configuration's outcome counts them.
    package var rooms: Int? = 0
    /// From the save to the end.
    package var milliseconds = 0
    /// Why it was refused: `file:line: …` each.
    package var mistakes: [String] = []
    /// What whoever saved it should know besides.
    package var notes: [String] = []
    /// Of a configuration: what is another now, `limits.rooms: "off" → 100` each.
    package var changes: [String] = []
    /// Of a configuration: what waits for a restart.
    package var waiting: [String] = []

    package init(file: String, result: Result) {
        self.file = file
        self.result = result
    }
}

/// The versions of one main file of rules.
package struct RulesVersions: Hashable, Sendable, Codable {
    package struct Version: Hashable, Sendable, Codable {
        package var version: String
        /// Seconds since 1970 at which it was put in force, the last time.
        package var since: Double
        /// The files it is made of, the main one first.
        package var files: [String]
    }

    /// The main file.
    package var file: String
    /// The one in force first, then those that can be gone back to.
    package var versions: [Version]
    /// What is wrong with the version that was refused last, if it still waits to be mended.
    package var refused: [String] = []
}
