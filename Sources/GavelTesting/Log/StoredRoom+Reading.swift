package import GavelCore

extension StoredRoom {
    /// All messages, a frame each; the numbers must be without gap and end with ``lastID``.
    package func frames() throws -> [[UInt8]] {
        var next: MessageID?
        var all: [[UInt8]] = []
        for part in self.messages {
            let frames = FrameBytes.split(part.bytes)
            try expect(UInt64(frames.count) == part.lastID + 1 - part.firstID, "frames and numbers differ")
            try expect(next == nil || next == part.firstID, "a gap before \(part.firstID)")
            next = part.lastID + 1
            all += frames
        }
        try expect(next == nil || next == self.lastID + 1, "the last message is not \(self.lastID)")
        return all
    }

    package var changeTexts: [String] { self.changes.map { String(decoding: $0, as: UTF8.self) } }
    package var copyText: String? { self.copy.map { String(decoding: $0, as: UTF8.self) } }
}
