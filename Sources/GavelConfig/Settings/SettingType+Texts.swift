import GavelAdmin

extension SettingType where Value == String {
    /// An address to listen on.
    static var host: Self {
        .text("an address such as \"127.0.0.1\", \"0.0.0.0\" (all) or \"::1\"") { text throws(Complaint) in
            let advice = "Write \"127.0.0.1\" for this machine alone, \"0.0.0.0\" for all addresses."
            if text.isEmpty { throw Complaint("the host is empty", advice: advice) }
            if text.contains("/") {
                throw Complaint("\"\(text)\" is a URL, not an address", advice: advice)
            }
            if text.hasPrefix("[") {
                throw Complaint(
                    "\"\(text)\" has brackets",
                    advice: "Write \"\(text.filter { $0 != "[" && $0 != "]" })\"."
                )
            }
            if text.filter({ $0 == ":" }).count == 1 {
                let host = text.prefix { $0 != ":" }
                throw Complaint(
                    "\"\(text)\" holds a port",
                    advice: "Write \"\(host)\" here and the port in server.port."
                )
            }
            let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
            guard isPlain else { throw Complaint("\"\(text)\" is not an address", advice: advice) }
        }
    }

    /// A name that leads to this machine, as browsers send it in `Host`.
    static var hostName: Self {
        .text("a name such as \"relay.example\"") { text throws(Complaint) in
            let isName = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "*") }
            guard isName, !text.contains("/"), !text.contains(":") else {
                throw Complaint("\"\(text)\" is not a name", advice: "Write it without scheme, port and path.")
            }
        }
    }

    /// An address of a relay for clients (RFC 6455 section 3), of characters that stand for themselves in HTML.
    static var relayAddress: Self {
        .text("an address such as \"wss://game.example\"") { text throws(Complaint) in
            let advice = "Write \"wss://\" or \"ws://\", the host, and its port or path where it has one."
            let rest = ["ws://", "wss://"].first { text.hasPrefix($0) }.map { text.dropFirst($0.count) }
            let letters = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/[]%".utf8)
            guard let rest, !rest.isEmpty, !rest.hasPrefix("/"), rest.utf8.allSatisfy(letters.contains) else {
                throw Complaint("\"\(text)\" is not a relay's address", advice: advice)
            }
        }
    }

    /// A secret. It is never shown: what stands for it differs where it does.
    static var token: Self {
        let shortest = HTTPConfiguration.shortestToken
        let expected = "a token of \(shortest) letters or more, such as openssl rand -hex 16 prints"
        let type = Self.text(expected) { text throws(Complaint) in
            let advice = "Write \(expected)."
            guard text.utf8.count >= shortest else { throw Complaint("the token is too short", advice: advice) }
            guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw Complaint("the token holds more than letters, digits and signs", advice: advice)
            }
        }
        return Self(
            expected: type.expected,
            interpret: type.interpret,
            format: { "a secret (\(AccessToken($0).mark))" },
            read: { node throws(Complaint) in
                guard case .string = node else {
                    throw Complaint("the token is not a string", advice: "Put it in quotes.")
                }
                return try type.read(node)
            }
        )
    }

    /// A value that browsers send in `Origin` (RFC 6454 section 6.1).
    static var origin: Self {
        .text("an origin such as \"https://game.example\"") { text throws(Complaint) in
            if text == "null" { return }
            if text == "*" {
                throw Complaint("\"*\" is not an origin", advice: "Leave the list empty to admit every origin.")
            }
            let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
                throw Complaint("\"\(text)\" has no scheme", advice: "Write \"https://\(text)\".")
            }
            guard let slash = parts[1].firstIndex(of: "/") else { return }
            let origin = "\(parts[0])://\(parts[1][..<slash])"
            throw Complaint("\"\(text)\" has a path", advice: "An origin ends before it: write \"\(origin)\".")
        }
    }

    static var folder: Self {
        .text("a folder, seen from the folder of this file") { text throws(Complaint) in
            if text.isEmpty {
                throw Complaint(
                    "the folder is empty",
                    advice: "Write \"scripts\", or \".\" for the folder of this file."
                )
            }
        }
    }

    /// A file of SQLite's, in any folder.
    static var databaseFile: Self {
        .text("a file, seen from the folder of this file") { text throws(Complaint) in
            let advice = "Write the name of a file, such as \"gavel.db\"."
            if text.isEmpty { throw Complaint("the path is empty", advice: advice) }
            if text.hasSuffix("/") { throw Complaint("\"\(text)\" is a folder", advice: advice) }
            if text.hasPrefix("file:") || text == ":memory:" {
                throw Complaint("\"\(text)\" is not a file name", advice: advice)
            }
        }
    }

    /// A Unix-domain socket, in any folder.
    static var socketFile: Self {
        .text("a file, seen from the folder of this file") { text throws(Complaint) in
            let advice = "Write the name of a file, such as \"gavel.sock\"."
            if text.isEmpty { throw Complaint("the path is empty", advice: advice) }
            if text.hasSuffix("/") { throw Complaint("\"\(text)\" is a folder", advice: advice) }
        }
    }

    /// A file in the scripts folder: never outside it.
    static var rulesFile: Self {
        .text("the name of a file in the scripts folder, such as \"tictactoe.lua\"") { text throws(Complaint) in
            let advice = "Write the name of a file in the scripts folder, such as \"tictactoe.lua\"."
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            if text.isEmpty { throw Complaint("the file name is empty", advice: advice) }
            if text.hasPrefix("/") { throw Complaint("\"\(text)\" is an absolute path", advice: advice) }
            if parts.contains("..") {
                throw Complaint("\"\(text)\" leads out of the scripts folder", advice: advice)
            }
            if parts.contains("") || parts.contains(".") || text.contains("\\") {
                throw Complaint("\"\(text)\" is not a file name", advice: advice)
            }
        }
    }
}
