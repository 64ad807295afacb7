import Crypto

/// `Sec-WebSocket-Key` and the answer that proves it was understood (RFC 6455 sections 4.1 and 4.2.2).
enum HandshakeKey {
    private static let suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Whether the key is 16 bytes in Base64: 22 digits, the last with four bits of zero, and two of padding.
    static func isValid(_ key: String) -> Bool {
        let bytes = Array(key.utf8)
        guard bytes.count == 24, bytes[22...] == [UInt8(ascii: "="), UInt8(ascii: "=")] else { return false }
        guard bytes[..<21].allSatisfy(Self.alphabet.contains) else { return false }
        return "AQgw".utf8.contains(bytes[21])
    }

    /// The value of `Sec-WebSocket-Accept`.
    static func accept(_ key: String) -> String {
        Self.base64(Insecure.SHA1.hash(data: Array((key + Self.suffix).utf8)).map { $0 })
    }

    /// RFC 4648 section 4.
    private static func base64(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for digit in 0..<4 {
                text.append(digit <= group.count ? Self.alphabet[bits >> (18 - 6 * digit) & 0x3F] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
