package import NIOCore

/// Whole frames, one after another, and where each stands.
package struct Frames: Sendable {
    /// Where one frame stands.
    package struct Entry: Sendable, Equatable {
        /// The frame's first byte, its header, in ``Frames/bytes``.
        package var offset: UInt32
        /// Its length in bytes with the header.
        package var length: UInt32
        /// A number, or a topic behind ``topicBit``: no message has both.
        private var mark: UInt64

        private static let topicBit: UInt64 = 1 << 63

        init(offset: UInt32, length: UInt32, id: MessageID = 0, topic: Topic = 0) {
            self.offset = offset
            self.length = length
            self.mark = topic == 0 ? id : topic | Self.topicBit
        }

        /// The message's number, 0 where it has none.
        package var id: MessageID { self.mark < Self.topicBit ? self.mark : 0 }

        /// What the message is the newest of, 0 where it is not of class `latest`.
        package var topic: Topic { self.mark < Self.topicBit ? 0 : self.mark & ~Self.topicBit }
    }

    /// The first byte is at index 0.
    package private(set) var bytes: ByteBuffer
    /// One for each frame, in order.
    package private(set) var entries: ContiguousArray<Entry> = []
    /// Whether a frame may be of class `latest`.
    package private(set) var hasTopics = false
    /// Frames that have a number.
    package private(set) var numberedCount = 0

    /// Frames of class `latest`. Complexity: O(n).
    var latestCount: Int { self.entries.count { $0.topic != 0 } }

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
        let offset = self.bytes.writerIndex
        if offset == 0, self.bytes.capacity < Self.initialBytes { self.bytes.reserveCapacity(Self.initialBytes) }
        self.bytes.writeStamped(object, brace: brace, Stamp(client: client, id: id, follows: !isEmpty))
        self.note(offset: offset, id: id)
    }

    /// As ``append(_:brace:isEmpty:client:id:)``, of a message of class `latest`.
    mutating func append(
        _ object: UnsafeRawBufferPointer,
        brace: Int,
        isEmpty: Bool,
        client: ClientID,
        topic: Topic
    ) {
        let offset = self.bytes.writerIndex
        self.bytes.writeStamped(object, brace: brace, Stamp(client: client, id: 0, follows: !isEmpty))
        self.note(offset: offset, id: 0, topic: topic)
    }

    /// Appends one frame.
    mutating func append(_ opcode: FrameOpcode, _ payload: UnsafeRawBufferPointer) {
        let offset = self.bytes.writerIndex
        self.bytes.writeFrame(opcode, payload)
        self.note(offset: offset, id: 0)
    }

    /// Appends frames that are together one entry of no number.
    mutating func append(whole frames: UnsafeRawBufferPointer, topic: Topic = 0) {
        let offset = self.bytes.writerIndex
        _ = self.bytes.writeBytes(frames)
        self.note(offset: offset, id: 0, topic: topic)
    }

    /// Appends the frames of `other` from one byte offset to another, both frame boundaries.
    /// - Parameter index: Which entry is the first; afterwards the one behind the last.
    mutating func append(_ other: View, from start: Int, to end: Int, entry index: inout Int) {
        guard start < end else { return }
        let shift = self.bytes.writerIndex - start
        _ = self.bytes.writeBytes(UnsafeRawBufferPointer(rebasing: other.bytes[start..<end]))
        while index < other.entries.count, other.entries[index].offset < end {
            var entry = other.entries[index]
            entry.offset = UInt32(Int(entry.offset) + shift)
            if entry.topic != 0 { self.hasTopics = true }
            if entry.id != 0 { self.numberedCount += 1 }
            self.entries.append(entry)
            index += 1
        }
    }

    /// Appends all frames of `other`.
    mutating func append(_ other: Frames) {
        other.withView {
            var entry = 0
            self.append($0, from: 0, to: $0.bytes.count, entry: &entry)
        }
    }

    /// Appends the frames of `other` that have a number.
    mutating func appendNumbered(of other: Frames) {
        other.withView { view in
            var entry = 0
            if !other.hasTopics { return self.append(view, from: 0, to: view.bytes.count, entry: &entry) }
            while entry < view.entries.count {
                let frame = view.entries[entry]
                if frame.id == 0 {
                    entry += 1
                } else {
                    self.append(view, from: Int(frame.offset), to: Int(frame.offset + frame.length), entry: &entry)
                }
            }
        }
    }

    /// Appends frames of a server, as they were sent, that are numbered without gap.
    /// - Returns: `false` where they are not so many whole frames.
    mutating func append(serverFrames frames: [UInt8], firstID: MessageID, lastID: MessageID) -> Bool {
        guard firstID > 0, lastID >= firstID else { return false }
        let shift = self.bytes.writerIndex
        self.bytes.writeBytes(frames)
        var offset = 0
        var id = firstID
        while offset < frames.count {
            guard let length = FrameHeader.frameLength(at: offset, in: frames), id <= lastID else { return false }
            self.entries.append(Entry(offset: UInt32(shift + offset), length: UInt32(length), id: id))
            self.numberedCount += 1
            id += 1
            offset += length
        }
        return id == lastID + 1
    }

    /// Makes room for so many bytes and entries in all.
    mutating func reserve(bytes: Int, entries: Int) {
        self.bytes.reserveCapacity(bytes)
        self.entries.reserveCapacity(entries)
    }

    /// Frames to read from, valid during ``withView(_:)``.
    struct View {
        var bytes = UnsafeRawBufferPointer.empty
        var entries = UnsafeBufferPointer<Entry>(start: nil, count: 0)

        /// The frame, its header included.
        func bytes(of entry: Entry) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(rebasing: self.bytes[Int(entry.offset)..<Int(entry.offset + entry.length)])
        }
    }

    borrowing func withView<Result>(_ body: (View) -> Result) -> Result {
        self.bytes.withUnsafeReadableBytes { bytes in
            self.entries.withUnsafeBufferPointer { body(View(bytes: bytes, entries: $0)) }
        }
    }

    /// The index of the entry whose frame holds the byte at `offset`; the number of entries past the last.
    /// Complexity: O(log n).
    func entryIndex(at offset: Int) -> Int {
        self.entries.withUnsafeBufferPointer { Self.entryIndex(at: offset, in: $0) }
    }

    /// As ``entryIndex(at:)``.
    static func entryIndex(at offset: Int, in entries: UnsafeBufferPointer<Entry>) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            let entry = entries[middle]
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
        self.hasTopics = false
        self.numberedCount = 0
    }

    @inline(__always)
    private mutating func note(offset: Int, id: MessageID, topic: Topic = 0) {
        self.entries.append(
            Entry(offset: UInt32(offset), length: UInt32(self.bytes.writerIndex - offset), id: id, topic: topic)
        )
        if topic != 0 { self.hasTopics = true }
        if id != 0 { self.numberedCount += 1 }
    }
}
