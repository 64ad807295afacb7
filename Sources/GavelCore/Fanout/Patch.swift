package import NIOCore

/// Where a client is reached.
package struct MemberAddress: Hashable, Sendable {
    /// The loop its connection lives on.
    package var loop: UInt16
    /// The connection's place on that loop.
    package var slot: UInt32
    /// The number of this stay in a room, never given twice on that loop. What was meant for an older one is dropped.
    package var attachment: UInt64

    package init(loop: UInt16, slot: UInt32, attachment: UInt64) {
        self.loop = loop
        self.slot = slot
        self.attachment = attachment
    }
}

/// One way in which a member's tick differs from its room's batch.
package struct Patch: Sendable {
    package enum Kind: UInt8, Sendable {
        /// A frame for this member alone.
        case insert
        /// A frame of the batch, ``Patch/length`` bytes, is not for this member.
        case skip
        /// The member is in from here on; `value` is its client id.
        case begin
        /// The member is out from here on.
        case end
        /// The join was refused; the connection is in no room.
        case refuse
        /// The room refused a malformed message of the connection.
        case malformed
        /// Messages of the history are for this member; `value` is their place in ``PatchList/replays``.
        case replay
        /// The connection is to join another room: a frame's place has the join, ``Patch/value`` bytes, and what the
        /// room's rules send along.
        case move
        /// The connection is to be closed behind what came before; `value` is the close code.
        case close
    }

    package var kind: Kind
    package var address: MemberAddress
    /// Before which byte of the room's batch it stands.
    package var offset: UInt32
    /// Where what it brings stands in ``PatchList/side``.
    package var from: UInt32 = 0
    /// Of that, or of the frame that is left out.
    package var length: UInt32 = 0
    package var value: UInt64 = 0
}

/// The patches of a tick in the order in which they were made, and the bytes they put in.
package struct PatchList: Sendable {
    package private(set) var patches: ContiguousArray<Patch> = []
    package private(set) var side = ByteBuffer()
    private(set) var replays: ContiguousArray<Replay> = []

    package init() {}

    package var isEmpty: Bool { self.patches.isEmpty }

    mutating func note(_ kind: Patch.Kind, _ address: MemberAddress, offset: Int, value: UInt64 = 0) {
        self.patches.append(Patch(kind: kind, address: address, offset: UInt32(offset), value: value))
    }

    /// Forgets everything and keeps the memory.
    mutating func clear() {
        self.patches.removeAll(keepingCapacity: true)
        self.side.clear()
        self.replays.removeAll()
    }

    /// Adds the patches of a later tick, whose batch begins `shift` bytes into the joined one.
    mutating func append(_ next: PatchList, shift: Int) {
        let side = self.side.writerIndex
        self.side.writeImmutableBuffer(next.side)
        self.patches.reserveCapacity(self.patches.count + next.patches.count)
        for var patch in next.patches {
            patch.offset += UInt32(shift)
            patch.from += UInt32(side)
            if patch.kind == .replay { patch.value += UInt64(self.replays.count) }
            self.patches.append(patch)
        }
        self.replays.append(contentsOf: next.replays)
    }

    /// Writes a private message of the rules, an object with a type, as a frame for any number of members.
    /// - Returns: Where it stands in ``side``.
    mutating func write(_ message: UnsafeRawBufferPointer) -> Range<Int> {
        self.reserve()
        let start = self.side.writerIndex
        self.side.writeStamped(message, brace: message.count - 1, Stamp(client: 0, id: 0, follows: true))
        return start..<self.side.writerIndex
    }

    /// Puts in a frame that stands in ``side``.
    mutating func insert(_ frame: Range<Int>, _ address: MemberAddress, offset: Int) {
        self.patches.append(
            Patch(
                kind: .insert,
                address: address,
                offset: UInt32(offset),
                from: UInt32(frame.lowerBound),
                length: UInt32(frame.count)
            )
        )
    }

    /// Has a connection join another room.
    /// - Parameter join: Writes the join, JSON.
    mutating func move(
        _ address: MemberAddress,
        offset: Int,
        data: UnsafeRawBufferPointer,
        join: (inout ByteBuffer) -> Void
    ) {
        let start = self.side.writerIndex
        join(&self.side)
        let length = self.side.writerIndex - start
        self.side.writeBytes(data)
        self.insert(start..<self.side.writerIndex, address, offset: offset)
        self.patches[self.patches.count - 1].kind = .move
        self.patches[self.patches.count - 1].value = UInt64(length)
    }

    /// Puts in messages of the history, which ``findReplays(in:)`` is to find.
    mutating func replay(_ replay: Replay, _ address: MemberAddress, offset: Int) {
        self.note(.replay, address, offset: offset, value: UInt64(self.replays.count))
        self.replays.append(replay)
    }

    /// Finds the messages that are to be replayed. Members that miss the same share what is found.
    mutating func findReplays(in history: inout History) {
        for index in self.replays.indices {
            let replay = self.replays[index]
            if index > 0, self.replays[index - 1].first == replay.first, self.replays[index - 1].last == replay.last {
                self.replays[index].ranges = self.replays[index - 1].ranges
            } else {
                self.replays[index].ranges = history.ranges(from: replay.first, through: replay.last)
            }
        }
    }

    /// Leaves a frame of the batch out for its sender.
    mutating func skip(_ length: Int, _ address: MemberAddress, offset: Int) {
        self.patches.append(Patch(kind: .skip, address: address, offset: UInt32(offset), length: UInt32(length)))
    }

    /// Puts in whole frames.
    mutating func insert(_ address: MemberAddress, offset: Int, frames: [UInt8]) {
        self.reserve()
        let start = self.side.writerIndex
        self.side.writeBytes(frames)
        self.insert(start..<start + frames.count, address, offset: offset)
    }

    @inline(__always)
    private mutating func reserve() {
        guard self.patches.isEmpty else { return }
        self.patches.reserveCapacity(16)
        self.side.reserveCapacity(1024)
    }

    /// Puts in one text frame whose payload `compose` appends.
    @inline(__always)
    mutating func insert(_ address: MemberAddress, offset: Int, compose: (inout ByteBuffer) -> Void) {
        self.reserve()
        // The payload's length is known only after it is written: the header is laid right before it.
        let start = self.side.writerIndex + FrameHeader.maximumLength
        self.side.writeRepeatingByte(0, count: FrameHeader.maximumLength)
        compose(&self.side)
        let payload = self.side.writerIndex - start
        let header = FrameHeader.length(payload: payload)
        self.side.withUnsafeMutableReadableBytes { bytes in
            FrameHeader.write(.text, payload: payload, to: bytes.baseAddress! + (start - header))
        }
        self.insert(start - header..<start + payload, address, offset: offset)
    }
}

/// What a room has to say after a tick: the same to every member but for the patches.
package struct RoomTick: Sendable {
    package var batch: Batch?
    package var patches = PatchList()
    /// How many members the room has on each loop.
    package var members: [Int]
    /// Whether the room's senders are not to be read for now.
    package var pausesSenders: Bool

    init(members: [Int], pausesSenders: Bool) {
        self.members = members
        self.pausesSenders = pausesSenders
    }

    mutating func takePatches() -> PatchList {
        var patches = PatchList()
        swap(&patches, &self.patches)
        return patches
    }

    /// What it weighs in a mailbox, in bytes.
    var weight: Int {
        (self.batch?.count ?? 0) + self.patches.side.readableBytes + 64
    }
}
