internal import NIOCore

/// The members the relay puts into a message: `"client_id":3,"msg_id":121`.
struct Stamp {
    private let client: ClientID
    private let id: MessageID
    private let clientDigits: Int
    private let idDigits: Int
    private let comma: Int
    /// In bytes.
    let length: Int

    private static let clientMember: StaticString = "\"client_id\":"
    private static let idMember: StaticString = ",\"msg_id\":"

    /// - Parameter follows: Whether a member stands before it, so that a comma is due.
    @inline(__always)
    init(client: ClientID, id: MessageID, follows: Bool) {
        self.client = client
        self.id = id
        self.clientDigits = Decimal.length(client)
        self.idDigits = id == 0 ? 0 : Decimal.length(id)
        self.comma = follows ? 1 : 0
        let idLength = id == 0 ? 0 : Self.idMember.utf8CodeUnitCount + self.idDigits
        self.length = self.comma + Self.clientMember.utf8CodeUnitCount + self.clientDigits + idLength
    }

    /// Writes ``length`` bytes.
    @inline(__always)
    func write(to target: UnsafeMutableRawPointer) {
        var position = target
        if self.comma == 1 {
            position.storeBytes(of: UInt8(ascii: ","), as: UInt8.self)
            position += 1
        }
        position.copyMemory(from: Self.clientMember.utf8Start, byteCount: Self.clientMember.utf8CodeUnitCount)
        position += Self.clientMember.utf8CodeUnitCount
        position += Decimal.write(self.client, length: self.clientDigits, to: position)
        guard self.id != 0 else { return }
        position.copyMemory(from: Self.idMember.utf8Start, byteCount: Self.idMember.utf8CodeUnitCount)
        position += Self.idMember.utf8CodeUnitCount
        Decimal.write(self.id, length: self.idDigits, to: position)
    }
}

extension ByteBuffer {
    /// Appends a JSON object as a text frame, with the stamp before its closing brace.
    /// - Parameters:
    ///   - object: Its bytes before and after the closing brace stay as they are.
    ///   - brace: Where the closing brace is in `object`.
    @inline(__always)
    mutating func writeStamped(_ object: UnsafeRawBufferPointer, brace: Int, _ stamp: Stamp) {
        let payload = object.count + stamp.length
        let header = FrameHeader.length(payload: payload)
        self.writeWithUnsafeMutableBytes(minimumWritableBytes: header + payload) { target in
            var position = target.baseAddress!
            FrameHeader.write(.text, payload: payload, to: position)
            position += header
            position.copyMemory(from: object.baseAddress!, byteCount: brace)
            position += brace
            stamp.write(to: position)
            position += stamp.length
            position.copyMemory(from: object.baseAddress! + brace, byteCount: object.count - brace)
            return header + payload
        }
    }
}
