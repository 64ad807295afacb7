package import GavelScript

/// Why a test failed, or a file of tests could not run.
package struct TestFailure: Error, Sendable {
    /// What was expected, and what came nearest to it.
    package struct Comparison: Sendable {
        package var expectation: Expectation
        /// `nil`: nothing came.
        package var actual: JSONValue?
    }

    /// A mistake of the rules that came to light.
    package struct RulesError: Sendable {
        /// `file:line: …`.
        package var text: String
        /// The hook, the room, the client and its message, as far as there are any.
        package var circumstances: String
        package var traceback: [String]
    }

    package var place: TestPlace
    package var text: String
    /// `file:line in name`, the innermost first, where the failure is not in the test itself.
    package var traceback: [String] = []
    package var comparison: Comparison?
    /// What else the client has not read, and who it is.
    package var unread: [String] = []
    package var receiver: String?
    package var errors: [RulesError] = []
    /// What the rules wrote to the log in this test, and the test printed.
    package var log: [String] = []

    package init(place: TestPlace, text: String) {
        self.place = place
        self.text = text
    }

    package init(_ error: ScriptError) {
        self.place = TestPlace(file: error.file, line: error.line ?? 0)
        self.text = error.text
        self.traceback = error.traceback.count > 1 ? error.traceback : []
    }
}
