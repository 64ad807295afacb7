internal import Foundation

/// What `gavel check --format json` prints; fields are added to it, and none is taken away.
package struct CheckReport: Encodable {
    private let version = 1
    private let errors: Int
    private let warnings: Int
    private let problems: [CheckProblem]

    package init(problems: [CheckProblem]) {
        self.errors = problems.count { $0.isError }
        self.warnings = problems.count - self.errors
        self.problems = problems
    }

    /// One object.
    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
