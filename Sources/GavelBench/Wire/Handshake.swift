/// The client's side of the opening handshake (RFC 6455, section 4.1).
enum Handshake {
    /// The RFC's own example (section 1.3): one nonce for all clients, so that the answer is known beforehand.
    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="
    private static let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    /// The most an answer may have before its empty line, in bytes.
    static let mostReplyBytes = 16 << 10

    static func request(to relay: RelayAddress) -> String {
        """
        GET \(relay.path) HTTP/1.1\r
        Host: \(relay.authority)\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Key: \(Self.key)\r
        Sec-WebSocket-Version: 13\r
        \r\n
        """
    }

    enum Reply: Equatable {
        /// More bytes are needed.
        case incomplete
        /// The connection speaks WebSocket from the byte at this offset on.
        case accepted(headerBytes: Int)
        /// What the relay said instead.
        case refused(String)
    }

    /// Reads the relay's answer, which may still be incomplete.
    static func reply(_ bytes: some Collection<UInt8>) -> Reply {
        let text = Array(bytes.prefix(Self.mostReplyBytes))
        guard let end = text.indices.dropLast(3).first(where: { text[$0...].starts(with: "\r\n\r\n".utf8) }) else {
            return text.count < Self.mostReplyBytes ? .incomplete : .refused("its answer to the handshake has no end")
        }
        // Swift takes "\r\n" for one character.
        let lines = String(decoding: text[..<end], as: UTF8.self).split(separator: "\r\n")
        let status = lines.first ?? ""
        guard status.hasPrefix("HTTP/1.1 101") else {
            return .refused("it answered the handshake with \"\(status.prefix(120))\"")
        }
        let isAccepted = lines.dropFirst().contains { line in
            guard let colon = line.firstIndex(of: ":") else { return false }
            return line[..<colon].lowercased() == "sec-websocket-accept"
                && line[line.index(after: colon)...].drop(while: { $0 == " " }) == Self.accept
        }
        guard isAccepted else { return .refused("its Sec-WebSocket-Accept does not answer our key") }
        return .accepted(headerBytes: end + 4)
    }
}
