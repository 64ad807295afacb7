/// The bytes of a frame header that a read cut off; empty between reads that end with a frame.
struct PartialHeader {
    private var bytes: (UInt64, UInt64) = (0, 0)
    private(set) var count = 0

    /// Parses the header that begins with the bytes kept here and goes on at `offset`.
    ///
    /// Where it is complete, `offset` is moved behind it and nothing is kept; where it is not, all bytes are taken.
    mutating func parse(_ input: UnsafeRawBufferPointer, from offset: inout Int) -> ClientFrameHeader.Parsed {
        if self.count == 0 {
            let parsed = ClientFrameHeader.parse(UnsafeRawBufferPointer(rebasing: input[offset...]))
            switch parsed {
            case .header(_, let size):
                offset += size
            case .incomplete:
                self.append(input, from: &offset, count: input.count - offset)
            case .malformed:
                break
            }
            return parsed
        }

        let before = self.count
        let start = offset
        self.append(input, from: &offset, count: min(input.count - offset, ClientFrameHeader.longestBytes - before))
        let parsed = withUnsafeBytes(of: self.bytes) { stored in
            ClientFrameHeader.parse(UnsafeRawBufferPointer(rebasing: stored[..<self.count]))
        }
        if case .header(_, let size) = parsed {
            offset = start + size - before
            self.count = 0
        }
        return parsed
    }

    private mutating func append(_ input: UnsafeRawBufferPointer, from offset: inout Int, count: Int) {
        let source = UnsafeRawBufferPointer(rebasing: input[offset..<offset + count])
        withUnsafeMutableBytes(of: &self.bytes) { target in
            UnsafeMutableRawBufferPointer(rebasing: target[self.count...]).copyMemory(from: source)
        }
        self.count += count
        offset += count
    }
}
