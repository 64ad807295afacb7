internal import GavelConfig
internal import GavelScript

/// One line of what `gavel check` finds.
package struct CheckProblem: Hashable, Sendable, Encodable {
    /// As it can be opened from where `gavel` was started; for a variable or a flag its name.
    package var file: String
    /// Counted from 1; left out where it is not known.
    package var line: Int?
    /// Counted from 1, in bytes; left out where it is not known.
    package var column: Int?
    /// `error` or `warning`.
    package var severity: String
    /// `config`, `storage`, or one of ``ScriptProblem/Code``.
    package var code: String
    /// What it is. What to do.
    package var message: String
    /// Where the functions were that ran while a file was loaded; left out where there is nothing to tell.
    package var traceback: [String]?

    /// The ``code`` of mistakes of the configuration.
    static let configurationCode = "config"

    package var isError: Bool { self.severity == ScriptProblem.Severity.error.rawValue }

    /// `scripts/dice.lua:12:3: warning: …`, and a line for each place of the traceback. A mistake has no such word.
    package var text: String {
        let place = [self.file, self.line.map(String.init), self.column.map(String.init)].compactMap { $0 }
        let word = self.isError ? "" : "warning: "
        let lines = ["\(place.joined(separator: ":")): \(word)\(self.message)"]
        return (lines + (self.traceback ?? []).map { "  at \($0)" }).joined(separator: "\n")
    }

    init(_ problem: ScriptProblem, folder: String) {
        self.file = folder + problem.file
        self.line = problem.line
        self.column = problem.line == nil ? nil : problem.column
        self.severity = problem.severity.rawValue
        self.code = problem.code.rawValue
        self.message = problem.message
        self.traceback = problem.traceback.isEmpty ? nil : problem.traceback
    }

    init(_ problem: ConfigurationProblem, _ severity: ScriptProblem.Severity) {
        switch problem.source {
        case .file(let name, let line, let column):
            (self.file, self.line, self.column) = (name, line, column)
        case .environment(let name), .flag(let name):
            self.file = name
        }
        let path = problem.path.isEmpty ? "" : "\(problem.path): "
        self.severity = severity.rawValue
        self.code = Self.configurationCode
        self.message = "\(path)\(problem.complaint.what). \(problem.complaint.advice)"
    }

    init(file: String, line: Int? = nil, _ severity: ScriptProblem.Severity, code: String, _ message: String) {
        self.file = file
        self.line = line
        self.severity = severity.rawValue
        self.code = code
        self.message = message
    }
}
