internal import GavelCore

/// One thing that every log does.
package struct MessageLogCase: Sendable, CustomStringConvertible {
    /// A sentence.
    package let description: String
    let durabilities: [LogDurability]
    private let check: @Sendable (MessageLogClient) async throws -> Void

    init(
        _ description: String,
        only durability: LogDurability? = nil,
        check: @escaping @Sendable (MessageLogClient) async throws -> Void
    ) {
        self.description = description
        self.durabilities = durability.map { [$0] } ?? LogDurability.allCases
        self.check = check
    }

    /// Runs it on a log that holds nothing.
    /// - Throws: ``MessageLogViolation`` where the log does something else.
    package func run(on subject: any MessageLogSubject) async throws {
        guard self.durabilities.contains(subject.log.durability) else { return }
        try await self.check(MessageLogClient(subject))
    }
}

/// What a log did that it must not do.
package struct MessageLogViolation: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Throws where a condition does not hold.
func expect(_ condition: Bool, _ text: @autoclosure () -> String, line: UInt = #line) throws {
    if !condition { throw MessageLogViolation("\(text()) (line \(line))") }
}
