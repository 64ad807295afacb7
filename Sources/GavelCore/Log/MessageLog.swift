/// Where rooms outlive the relay: the seam behind which stands a database, or memory.
///
/// Called from every event loop, and never waits: what it has to do it does elsewhere, in the order of the calls that
/// concern a room. A room is known by its key and its *life*, a number that the caller never gives twice; what comes
/// for a life that is not the last one opened, or that has failed, is refused and not kept.
package protocol MessageLog: AnyObject, Sendable {
    var durability: LogDurability { get }

    /// Begins a life of a room, and ends the one before it even where it fails. Behind the answer stands a synced
    /// commit: from then on a room that was kept counts as *open*, until an entry says that it sleeps.
    /// - Parameters:
    ///   - history: How much of the latest messages is wanted.
    ///   - reply: Called once, on any thread: what is kept of the room, `nil` where nothing is.
    func open(
        _ key: RoomKey,
        life: UInt64,
        history: HistoryLimits,
        reply: @escaping @Sendable (Result<StoredRoom?, MessageLogError>) -> Void
    )

    /// Takes entries to be committed in one transaction: but for those that are refused, all of them or none.
    /// - Parameter reply: Called once for each call, on any thread, in the order of the calls: the lives of entries that
    ///   were refused or could not be committed, and why. Empty: all are committed, and synced where ``durability`` is
    ///   `.strict`.
    func append(_ entries: [LogEntry], reply: @escaping @Sendable ([UInt64: MessageLogError]) -> Void)
}

/// When the output of a room leaves.
package enum LogDurability: String, Sendable, CaseIterable {
    /// At once; commits follow within 50 ms.
    case relaxed
    /// After the commit of what it tells of.
    case strict
}

/// What a room did in one tick.
package struct LogEntry: Sendable {
    package enum Kind: Sendable {
        /// The room goes on.
        case tick
        /// The relay stops, and the room with it, until somebody joins: its epoch goes on then. All of it is in
        /// ``LogEntry/copy``. Ends the life.
        case sleep
        /// The room is over: nothing of it is kept. Ends the life.
        case end
    }

    package var kind: Kind
    package var key: RoomKey
    package var life: UInt64
    /// Printable ASCII.
    package var epoch: [UInt8]
    /// The last number given by the end of the tick: that of the last entry, where there are no messages.
    package var lastID: MessageID
    /// The tick's numbered messages, in order, without gap, the last of them ``lastID``; perhaps none.
    package var messages: NumberedFrames?
    /// What else changed, for ``StoredRoom/changes``; perhaps nothing. Bytes of the caller's own.
    package var changes: [UInt8]
    /// All that such changes have led to by the end of the tick, these included: earlier ones are needed no more.
    package var copy: [UInt8]?

    package init(
        _ kind: Kind,
        key: RoomKey,
        life: UInt64,
        epoch: [UInt8],
        lastID: MessageID,
        messages: NumberedFrames? = nil,
        changes: [UInt8] = [],
        copy: [UInt8]? = nil
    ) {
        self.kind = kind
        self.key = key
        self.life = life
        self.epoch = epoch
        self.lastID = lastID
        self.messages = messages
        self.changes = changes
        self.copy = copy
    }

    /// About how much memory it holds, in bytes.
    package var weight: Int {
        (self.messages?.byteCount ?? 0) + self.changes.count + (self.copy?.count ?? 0) + 128
    }
}

/// What a log keeps of a room.
package struct StoredRoom: Sendable {
    package var epoch: [UInt8]
    package var lastID: MessageID
    /// Whether its epoch may go on: it slept, or every output of it was behind a synced commit (`strict`).
    package var isWhole: Bool
    /// The last copy of an entry.
    package var copy: [UInt8]?
    /// The changes of the entries after that, in order; none of them empty.
    package var changes: [[UInt8]]
    /// The latest numbered messages, in order, without gap, the last of them ``lastID``: as many as were asked for, or
    /// as are kept.
    package var messages: [StoredFrames]

    package init(
        epoch: [UInt8],
        lastID: MessageID,
        isWhole: Bool,
        copy: [UInt8]? = nil,
        changes: [[UInt8]] = [],
        messages: [StoredFrames] = []
    ) {
        self.epoch = epoch
        self.lastID = lastID
        self.isWhole = isWhole
        self.copy = copy
        self.changes = changes
        self.messages = messages
    }
}

/// Numbered messages as they were sent, read back from a log.
package struct StoredFrames: Sendable {
    package var firstID: MessageID
    package var lastID: MessageID
    /// When they were committed, milliseconds since 1970 UTC.
    package var wallMilliseconds: Int64
    /// Whole frames, one after another.
    package var bytes: [UInt8]

    package init(firstID: MessageID, lastID: MessageID, wallMilliseconds: Int64, bytes: [UInt8]) {
        self.firstID = firstID
        self.lastID = lastID
        self.wallMilliseconds = wallMilliseconds
        self.bytes = bytes
    }
}

/// Why a log did not keep or give something.
package struct MessageLogError: Error, Hashable, Sendable {
    package enum Code: String, Sendable {
        /// No room on the disk.
        case full
        /// The file cannot be written.
        case readOnly
        /// The file is no log, or what stands in it contradicts itself.
        case corrupt
        /// Another relay has it.
        case locked
        /// Anything else that the system or the database says.
        case failed
        /// The entry's life is not the last opened, or an entry before it was not committed.
        case stale
    }

    package var code: Code
    /// For people.
    package var text: String

    package init(_ code: Code, _ text: String) {
        self.code = code
        self.text = text
    }
}
