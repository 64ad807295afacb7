/// Who asks for a command, as far as it can be known; what counts is logged with it.
package struct CommandCaller: Hashable, Sendable, CustomStringConvertible {
    /// The system's number of the user; `nil`: not known.
    package var user: UInt32?

    package static let unknown = CommandCaller(user: nil)

    package init(user: UInt32?) {
        self.user = user
    }

    package var description: String { self.user.map { "uid \($0)" } ?? "unknown" }
}
