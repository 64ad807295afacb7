package import GavelCore

/// Frames of numbered messages, for tests of logs.
package enum FrameBytes {
    /// A text frame (RFC 6455 section 5.2).
    package static func text(_ payload: [UInt8]) -> [UInt8] {
        let length = payload.count
        let header: [UInt8] =
            if length < 126 {
                [0x81, UInt8(length)]
            } else if length < 65_536 {
                [0x81, 126, UInt8(length >> 8), UInt8(length & 255)]
            } else {
                [0x81, 127] + (0..<8).map { UInt8(truncatingIfNeeded: length >> (56 - 8 * $0)) }
            }
        return header + payload
    }

    /// A message of the given number.
    /// - Parameter padding: Bytes that make it longer.
    package static func message(_ id: MessageID, padding: Int = 0) -> [UInt8] {
        let text = String(repeating: "x", count: padding)
        return self.text(Array("{\"type\":\"say\",\"text\":\"\(text)\",\"client_id\":1,\"msg_id\":\(id)}".utf8))
    }

    package static func messages(_ ids: ClosedRange<MessageID>, padding: Int = 0) -> NumberedFrames {
        NumberedFrames(
            firstID: ids.lowerBound,
            lastID: ids.upperBound,
            frames: ids.flatMap { self.message($0, padding: padding) }
        )
    }

    /// The frames that stand in `bytes` one after another; what is no whole frame is left out.
    package static func split(_ bytes: [UInt8]) -> [[UInt8]] {
        var frames: [[UInt8]] = []
        var offset = 0
        while offset + 2 <= bytes.count {
            let short = Int(bytes[offset + 1])
            let extra = short < 126 ? 0 : short == 126 ? 2 : 8
            guard offset + 2 + extra <= bytes.count else { break }
            let length = extra == 0 ? short : bytes[offset + 2..<offset + 2 + extra].reduce(0) { $0 << 8 | Int($1) }
            let end = offset + 2 + extra + length
            guard end <= bytes.count else { break }
            frames.append(Array(bytes[offset..<end]))
            offset = end
        }
        return frames
    }
}
