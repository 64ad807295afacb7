package import NIOCore

/// Whole frames, one after another, and where each stands.
package struct Frames: Sendable {
    /// Where one frame stands.
    package struct Entry: Sendable, Equatable {
        /// The frame's first byte, its header, in ``Frames/bytes``.
        package var offset: UInt32
        /// Its length in bytes with the header.
        package var length: UInt32
        /// The message's number, 0 where it has none.
        package var id: MessageID
    }

    /// The first byte is at index 0.
    package private(set) var bytes: ByteBuffer
    /// One for each frame, in order.
    package private(set) var entries: ContiguousArray<Entry> = []

    /// Bytes made room for at first.
    private static let initialBytes = 2048

    package init() {
        self.bytes = ByteBuffer()
    }

    package var count: Int { self.bytes.writerIndex }

    package var isEmpty: Bool { self.bytes.writerIndex == 0 }

    /// Appends a JSON object as a text frame, with `client_id` and, unless it is 0, `msg_id` put in before its
    /// closing brace.
    /// - Parameters:
    ///   - object: The object; its bytes before and after the closing brace stay as they are.
    ///   - brace: Where the closing brace is in `object`.
    ///   - isEmpty: Whether the object has no member.
    @inline(__always)
    mutating func append(
        _ object: UnsafeRawBufferPointer,
        brace: Int,
        isEmpty: Bool,
        client: ClientID,
        id: MessageID
    ) {
        let stamp = Stamp(client: client, id: id, follows: !isEmpty)
        let payload = object.count + stamp.length
        let header = FrameHeader.length(payload: payload)
        let offset = self.bytes.writerIndex
        if offset == 0 { self.bytes.reserveCapacity(Self.initialBytes) }
        self.bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: header + payload) { target in
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
        self.note(offset: offset, id: id)
    }

    /// Appends one frame.
    mutating func append(_ opcode: FrameOpcode, _ payload: UnsafeRawBufferPointer) {
        let offset = self.bytes.writerIndex
        self.bytes.writeFrame(opcode, payload)
        self.note(offset: offset, id: 0)
    }

    /// Appends frames that stand in `side`, which together are one entry of no number.
    mutating func append(framesOf side: ByteBuffer, from start: Int, count: Int) {
        let offset = self.bytes.writerIndex
        side.withUnsafeReadableBytes { source in
            _ = self.bytes.writeBytes(UnsafeRawBufferPointer(rebasing: source[start..<start + count]))
        }
        self.note(offset: offset, id: 0)
    }

    /// Appends the frames of `other` from one byte offset to another, both frame boundaries.
    mutating func append(framesOf other: borrowing Frames, from start: Int, to end: Int) {
        var entry = start == 0 ? 0 : other.entryIndex(at: start)
        self.append(framesOf: other, from: start, to: end, entry: &entry)
    }

    /// As ``append(framesOf:from:to:)`` where it is known which entry is the first; afterwards `entry` is the one
    /// behind the last.
    mutating func append(framesOf other: borrowing Frames, from start: Int, to end: Int, entry index: inout Int) {
        guard start < end else { return }
        let shift = self.bytes.writerIndex - start
        other.bytes.withUnsafeReadableBytes { source in
            _ = self.bytes.writeBytes(UnsafeRawBufferPointer(rebasing: source[start..<end]))
        }
        while index < other.entries.count, other.entries[index].offset < end {
            var entry = other.entries[index]
            entry.offset = UInt32(Int(entry.offset) + shift)
            self.entries.append(entry)
            index += 1
        }
    }

    /// The index of the entry whose frame holds the byte at `offset`; the number of entries past the last.
    /// Complexity: O(log n).
    func entryIndex(at offset: Int) -> Int {
        var low = 0
        var high = self.entries.count
        while low < high {
            let middle = (low + high) / 2
            let entry = self.entries[middle]
            if Int(entry.offset + entry.length) <= offset { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The end of the frame that the byte at `offset` is inside of; `offset` itself where a frame begins there.
    func frameEnd(after offset: Int) -> Int {
        let index = self.entryIndex(at: offset)
        guard index < self.entries.count else { return self.count }
        let entry = self.entries[index]
        return Int(entry.offset) == offset ? offset : Int(entry.offset + entry.length)
    }

    /// Forgets everything and keeps the memory, unless it is shared.
    mutating func clear() {
        self.bytes.clear()
        self.entries.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    private mutating func note(offset: Int, id: MessageID) {
        self.entries.append(
            Entry(offset: UInt32(offset), length: UInt32(self.bytes.writerIndex - offset), id: id)
        )
    }
}
