extension Commands {
    package static let failures = Command<NoArguments, FailedHooks>(
        "failures",
        "Lists the hooks of rules that failed, with the messages on which they did.",
        .looks
    )
}

/// The hooks that failed, the latest first.
package struct FailedHooks: CommandReply, Hashable {
    package var failures: [FailedHook]

    package init(_ failures: [FailedHook]) {
        self.failures = failures
    }
}

extension CommandRegistry {
    package mutating func add(_ failures: any FailureOperations) {
        self.add(Commands.failures) { _ in FailedHooks(try await failures.failures()) }
    }
}
