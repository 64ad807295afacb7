/// Bytes of client frames, right ones and wrong ones.
enum ClientFrame {
    static let text: UInt8 = 0x1
    static let binary: UInt8 = 0x2
    static let close: UInt8 = 0x8
    static let ping: UInt8 = 0x9
    static let pong: UInt8 = 0xA

    /// A frame whose first byte and masking can be anything.
    static func bytes(
        first: UInt8,
        payload: [UInt8] = [],
        mask: [UInt8]? = [0x37, 0xFA, 0x21, 0x3D],
        announcing length: Int? = nil
    ) -> [UInt8] {
        let length = length ?? payload.count
        let flag: UInt8 = mask == nil ? 0 : 0x80
        var frame = [first]
        if length < 126 {
            frame.append(flag | UInt8(length))
        } else if length < 65536 {
            frame += [flag | 126, UInt8(length >> 8), UInt8(length & 0xFF)]
        } else {
            frame.append(flag | 127)
            frame += (0..<8).map { UInt8(truncatingIfNeeded: length >> (56 - 8 * $0)) }
        }
        guard let mask else { return frame + payload }
        if mask == [0, 0, 0, 0] { return frame + mask + payload }
        return frame + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
    }

    static func message(_ text: String, isFinal: Bool = true) -> [UInt8] {
        self.bytes(first: (isFinal ? 0x80 : 0) | self.text, payload: Array(text.utf8))
    }

    static func continuation(_ text: String, isFinal: Bool) -> [UInt8] {
        self.bytes(first: isFinal ? 0x80 : 0, payload: Array(text.utf8))
    }

    static func control(_ opcode: UInt8, _ payload: [UInt8] = []) -> [UInt8] {
        self.bytes(first: 0x80 | opcode, payload: payload)
    }

    static func closing(_ code: UInt16, _ reason: String = "") -> [UInt8] {
        self.control(self.close, [UInt8(code >> 8), UInt8(code & 0xFF)] + Array(reason.utf8))
    }
}
