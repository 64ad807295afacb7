import NIOCore

/// A frame from the server, as a client sees it.
struct ServerFrame: Equatable, CustomStringConvertible {
    var first: UInt8
    var payload: [UInt8]

    var opcode: UInt8 { self.first & 0x0F }
    var text: String { String(decoding: self.payload, as: UTF8.self) }
    /// Of a close frame.
    var closeCode: UInt16? {
        self.payload.count >= 2 ? UInt16(self.payload[0]) << 8 | UInt16(self.payload[1]) : nil
    }
    var description: String { "\(self.first) \(self.text.prefix(80))" }

    static func text(_ text: String) -> Self { Self(first: 0x81, payload: Array(text.utf8)) }
    static func binary(_ bytes: [UInt8]) -> Self { Self(first: 0x82, payload: bytes) }
    static func pong(_ bytes: [UInt8] = []) -> Self { Self(first: 0x8A, payload: bytes) }

    /// Takes the next whole frame; `nil` where there is none.
    static func read(from buffer: inout ByteBuffer) -> ServerFrame? {
        var rest = buffer
        guard let first = rest.readInteger(as: UInt8.self), let short = rest.readInteger(as: UInt8.self) else {
            return nil
        }
        var length = Int(short)
        if short == 126 {
            guard let long = rest.readInteger(as: UInt16.self) else { return nil }
            length = Int(long)
        } else if short == 127 {
            guard let long = rest.readInteger(as: UInt64.self) else { return nil }
            length = Int(long)
        }
        guard let payload = rest.readBytes(length: length) else { return nil }
        buffer = rest
        return ServerFrame(first: first, payload: payload)
    }
}
