/// What a line that somebody types into a console asks for.
package enum ConsoleLine: Hashable, Sendable {
    case empty
    case help
    case quit
    /// Messages are of this client from now on.
    case client(Int)
    /// The line before is to count.
    case commit
    case send(Input)

    /// Lua, or a message.
    package struct Input: Hashable, Sendable {
        package var text: String
        /// Whose message it is; `nil`: it is Lua.
        package var client: Int?
        /// Whether it counts.
        package var isCommitted: Bool

        package init(text: String, client: Int?, isCommitted: Bool) {
            self.text = text
            self.client = client
            self.isCommitted = isCommitted
        }
    }

    package static let helpText = """
        room.state.turn            an expression, on a copy of the room as it is now
        room.state.turn = 2        statements, too
        {"type":"roll"}            a message, as the first client would send it
        as 3 {"type":"roll"}       a message of client 3
        as 3                       messages are of client 3 from now on
        commit                     does the line before for real
        commit room.state.turn = 2 does a line for real
        quit                       or the end of input
        """

    /// - Parameter client: Whose messages are; 0: the first client's.
    package init(_ line: String, client: Int) {
        var line = Substring(line).trimmed
        if line.hasPrefix("> ") { line = line.dropFirst(2).trimmed }
        let isCommitted = line.hasPrefix("commit ")
        if isCommitted { line = line.dropFirst(7).trimmed }
        switch line {
        case "": self = .empty
        case "help", "?": self = .help
        case "quit", "exit": self = .quit
        case "commit": self = .commit
        default:
            if let (client, message) = Self.sender(of: line) {
                self =
                    message.isEmpty
                    ? .client(client) : .send(Input(text: message, client: client, isCommitted: isCommitted))
            } else {
                let isMessage = line.hasPrefix("{\"")
                self = .send(
                    Input(text: String(line), client: isMessage ? client : nil, isCommitted: isCommitted)
                )
            }
        }
    }

    /// Of `as 3 …`.
    private static func sender(of line: Substring) -> (client: Int, message: String)? {
        guard line.hasPrefix("as ") else { return nil }
        let rest = line.dropFirst(3).trimmed
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        let message = rest.dropFirst(digits.count)
        guard let client = Int(digits), message.isEmpty || message.first?.isWhitespace == true else { return nil }
        return (client, String(message.trimmed))
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = self.drop { $0.isWhitespace }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
