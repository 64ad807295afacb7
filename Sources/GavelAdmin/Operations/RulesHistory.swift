/// What became of a file that the relay was told to read again.
package struct FileOutcome: Codable, Hashable, Sendable {
    package enum Result: String, Codable, Sendable, CaseIterable {
        /// It is in force.
        case applied
        /// It says what it said before.
        case unchanged
        /// Something is wrong with it; everything is as it was.
        case refused
    }

    /// Rules as rooms name them, or the configuration file.
    package var file: String
    package var result: Result
    /// Versions of the rules, before and after.
    package var from: String?
    package var to: String?
    /// Rooms that went on under other rules; `nil`: another outcome counts them.
    package var rooms: Int?
    package var milliseconds = 0
    /// Why it was refused: `file:line: …` each.
    package var mistakes: [String] = []
    /// What whoever saved it should know besides.
    package var notes: [String] = []
    /// Of a configuration: what is another now.
    package var changes: [String] = []
    /// Of a configuration: what waits for a restart.
    package var waiting: [String] = []

    package init(_ file: String, _ result: Result) {
        self.file = file
        self.result = result
    }
}

/// The versions of a file of rules.
package struct RulesHistory: Codable, Hashable, Sendable {
    package struct Version: Codable, Hashable, Sendable {
        package var version: String
        /// Seconds since 1970 at which it was put in force, the last time.
        package var since: Int
        /// The files it is made of, the main one first.
        package var files: [String]

        package init(_ version: String, since: Int, files: [String]) {
            self.version = version
            self.since = since
            self.files = files
        }
    }

    /// The main file.
    package var file: String
    /// The one in force first, then those that can be gone back to.
    package var versions: [Version]
    /// What is wrong with what was saved last, if it still waits to be mended.
    package var refused: [String]

    package init(_ file: String, versions: [Version], refused: [String] = []) {
        self.file = file
        self.versions = versions
        self.refused = refused
    }
}
