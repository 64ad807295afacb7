internal import NIOCore

/// The host that a request names, and what is known of it.
struct HostName: Hashable {
    /// In small letters; an IPv6 address without its brackets.
    let name: String
    let isAddress: Bool

    /// - Parameter authority: `game.example:8766`, `127.0.0.1`, `[::1]:8766`.
    init?(authority: String) {
        var host = Substring(authority)
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return nil }
            let rest = host[host.index(after: end)...]
            guard rest.isEmpty || Self.isPort(rest) else { return nil }
            host = host[host.index(after: host.startIndex)..<end]
            guard Self.isIPv6(String(host)) else { return nil }
            (self.name, self.isAddress) = (host.lowercased(), true)
            return
        }
        if let colon = host.firstIndex(of: ":") {
            guard Self.isPort(host[colon...]) else { return nil }
            host = host[..<colon]
        }
        guard !host.isEmpty else { return nil }
        self.name = host.lowercased()
        self.isAddress = Self.isIPv4(self.name)
    }

    /// Whether no other machine's name server can say where this name leads: a page of somebody else's that has its own
    /// name lead here (DNS rebinding) is known by that name.
    func isTrusted(names: [String]) -> Bool {
        self.isAddress || self.name == "localhost" || self.name.hasSuffix(".localhost")
            || names.contains { $0.lowercased() == self.name }
    }

    /// Whether only programs of this machine reach an address to listen on.
    static func isLoopback(_ host: String) -> Bool {
        if host.lowercased() == "localhost" { return true }
        return Self.isIPv4(host) ? host.hasPrefix("127.") : Self.address(host) == "::1"
    }

    private static func isIPv4(_ text: String) -> Bool { !text.contains(":") && Self.address(text) != nil }

    private static func isIPv6(_ text: String) -> Bool { text.contains(":") && Self.address(text) != nil }

    /// - Returns: `nil`: it is a name.
    private static func address(_ text: String) -> String? {
        (try? SocketAddress(ipAddress: text, port: 0))?.ipAddress
    }

    /// `:8766`
    private static func isPort(_ text: Substring) -> Bool {
        text.first == ":" && (1...6).contains(text.utf8.count)
            && text.utf8.dropFirst().allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
