/// Where a relay listens.
package struct RelayAddress: Equatable, Sendable {
    package var host = "127.0.0.1"
    package var port = 8765
    package var path = "/"

    package init() {}

    /// Parses `ws://host[:port][/path]`; an IPv6 address stands in brackets, a missing port means 80 (RFC 6455,
    /// section 3).
    /// - Throws: ``RelayAddressError`` with what is wrong in words.
    package init(url: String) throws(RelayAddressError) {
        guard url.hasPrefix("ws://") else {
            throw RelayAddressError(message: "the URL must begin with ws:// (TLS is not measured), not \"\(url)\"")
        }
        let rest = url.dropFirst("ws://".count)
        let slash = rest.firstIndex(where: { $0 == "/" || $0 == "?" }) ?? rest.endIndex
        var authority = rest[..<slash]
        let target = rest[slash...]
        self.path = target.hasPrefix("/") ? String(target) : "/" + target
        var port: Substring?
        if authority.hasPrefix("["), let bracket = authority.firstIndex(of: "]") {
            let after = authority[authority.index(after: bracket)...]
            guard after.isEmpty || after.hasPrefix(":") else {
                throw RelayAddressError(message: "only a port may follow the address in \"\(url)\"")
            }
            port = after.isEmpty ? nil : after.dropFirst()
            authority = authority[..<bracket].dropFirst()
        } else if let colon = authority.firstIndex(of: ":") {
            port = authority[authority.index(after: colon)...]
            authority = authority[..<colon]
        }
        self.host = String(authority)
        if let port {
            guard let number = Int(port) else {
                throw RelayAddressError(message: "the port \"\(port)\" in \"\(url)\" is not a number")
            }
            self.port = number
        } else {
            self.port = 80
        }
    }

    /// The address as the `Host` header has it.
    var authority: String {
        self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)"
    }

    var mistakes: [String] {
        var mistakes: [String] = []
        // Both go into the handshake, where a space or a line break would end them.
        func isHeaderText(_ text: String) -> Bool { text.utf8.allSatisfy { (0x21...0x7E).contains($0) } }
        if self.host.isEmpty || !isHeaderText(self.host) { mistakes.append("host must be a name or an address") }
        if !(1...65535).contains(self.port) { mistakes.append("port must be between 1 and 65535, not \(self.port)") }
        if !self.path.hasPrefix("/") || !isHeaderText(self.path) {
            mistakes.append("the path must begin with / and hold neither spaces nor control characters")
        }
        return mistakes
    }
}

/// A URL that names no relay.
package struct RelayAddressError: Error, CustomStringConvertible {
    package let message: String

    package var description: String {
        self.message
    }
}
