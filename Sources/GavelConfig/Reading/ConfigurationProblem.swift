/// One mistake in what the relay was told, or something that is probably one.
package struct ConfigurationProblem: Hashable, Sendable, CustomStringConvertible {
    /// Where a value came from.
    package enum Source: Hashable, Sendable {
        /// The configuration file, under the name by which it was asked for.
        case file(String, line: Int? = nil, column: Int? = nil)
        case environment(String)
        /// A flag of the command line, with its dashes.
        case flag(String)
    }

    package let source: Source
    /// `rooms[1].max_clients`; empty where it is about no key.
    package let path: String
    package let complaint: Complaint

    init(_ source: Source, path: String = "", _ complaint: Complaint) {
        self.source = source
        self.path = path
        self.complaint = complaint
    }

    /// `config.toml:12: rooms[1].max_clients: what is wrong. What to write.`
    package var description: String {
        let place =
            switch self.source {
            case .file(let name, let line?, let column?): "\(name):\(line):\(column)"
            case .file(let name, let line?, nil): "\(name):\(line)"
            case .file(let name, nil, _): name
            case .environment(let name): "environment variable \(name)"
            case .flag(let name): name
            }
        let path = self.path.isEmpty ? "" : "\(self.path): "
        return "\(place): \(path)\(self.complaint.what). \(self.complaint.advice)"
    }

    /// The file from top to bottom, then the environment, then flags.
    static func isBefore(_ left: Self, _ right: Self) -> Bool {
        left.rank < right.rank
    }

    private var rank: (Int, Int, Int) {
        switch self.source {
        case .file(_, let line, let column): (0, line ?? 0, column ?? 0)
        case .environment: (1, 0, 0)
        case .flag: (2, 0, 0)
        }
    }
}

/// Everything that is wrong with a configuration.
package struct ConfigurationError: Error, CustomStringConvertible {
    package let problems: [ConfigurationProblem]

    /// A line for each problem.
    package var description: String {
        self.problems.map(\.description).joined(separator: "\n")
    }
}

/// What reading a configuration led to.
package struct ConfigurationReport: Sendable {
    /// What could be read; not to be served while there are problems.
    package internal(set) var configuration = GavelConfiguration()
    package internal(set) var problems: [ConfigurationProblem] = []
    /// What does not stop the relay, but an operator should look at.
    package internal(set) var warnings: [ConfigurationProblem] = []

    init() {}

    /// The configuration, if nothing is wrong with it.
    package func get() throws(ConfigurationError) -> GavelConfiguration {
        guard self.problems.isEmpty else { throw ConfigurationError(problems: self.problems) }
        return self.configuration
    }
}
