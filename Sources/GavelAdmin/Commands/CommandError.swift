/// Why a command was not done.
package struct CommandError: Error, Codable, Hashable, Sendable, CustomStringConvertible {
    /// For programs.
    package enum Code: String, Codable, Sendable, CaseIterable {
        /// What was sent is no request.
        case badRequest = "bad_request"
        case unknownCommand = "unknown_command"
        case badArgument = "bad_argument"
        /// There is no such room, client, file or version.
        case notFound = "not_found"
        /// The relay can do it, but not so.
        case refused
        /// Too many clients at a time.
        case busy
        /// The relay is going away.
        case stopping
        /// It should have worked.
        case failed
    }

    package var code: Code
    /// For people: whole sentences.
    package var text: String

    package init(_ code: Code, _ text: String) {
        self.code = code
        self.text = text
    }

    package var description: String { self.text }
}
