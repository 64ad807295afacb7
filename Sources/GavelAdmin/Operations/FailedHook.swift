/// A hook of rules that failed, perhaps more than once: what a designer has to know to mend it.
package struct FailedHook: Codable, Hashable, Sendable {
    /// Milliseconds since 1970 of the last that was told.
    package var time: Int
    /// As a designer writes it, `commands.roll`; empty where rules did not start.
    package var hook: String
    /// `file:line: what it is`.
    package var text: String
    /// Of the rules.
    package var version: String
    /// Where it failed last.
    package var room: String
    /// Whom it concerned; `nil`: nobody.
    package var client: Int?
    /// The message on which it failed, perhaps cut.
    package var message: String?
    /// `file:line: in …`, the innermost call first.
    package var traceback: [String]
    /// How often it is known to have failed.
    package var count: Int

    package init(
        time: Int,
        hook: String,
        text: String,
        version: String,
        room: String,
        client: Int? = nil,
        message: String? = nil,
        traceback: [String] = [],
        count: Int = 1
    ) {
        self.time = time
        self.hook = hook
        self.text = text
        self.version = version
        self.room = room
        self.client = client
        self.message = message
        self.traceback = traceback
        self.count = count
    }
}

/// Who knows what failed in rules.
package protocol FailureOperations: Sendable {
    /// The latest first, a bounded number of them.
    func failures() async throws -> [FailedHook]
}
