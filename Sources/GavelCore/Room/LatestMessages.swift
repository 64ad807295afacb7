internal import NIOCore

/// What a message of class `latest` is the newest of, as the rules say it.
package struct LatestKey {
    /// Which of the rules' types it has.
    package var type: UInt32
    /// The value of the field that decides; `nil`: its sender does.
    package var value: UnsafeRawBufferPointer?
    /// Whether the sender gets it, too.
    package var echoes: Bool

    package init(type: UInt32, value: UnsafeRawBufferPointer?, echoes: Bool) {
        self.type = type
        self.value = value
        self.echoes = echoes
    }
}

/// The newest message of class `latest` of each key, kept for those who join.
struct LatestMessages: Sendable {
    private struct Key: Hashable {
        var type: UInt32
        /// 0 where a field's value decides.
        var sender: ClientID
        var value: [UInt8]
    }

    private struct Kept {
        var topic: Topic
        var sender: ClientID
        var serial: UInt64
        /// With its header.
        var frame: [UInt8]

        mutating func replace(_ frame: UnsafeRawBufferPointer, from sender: ClientID, serial: UInt64) {
            self.sender = sender
            self.serial = serial
            self.frame.removeAll(keepingCapacity: true)
            self.frame.append(contentsOf: frame)
        }
    }

    private var kept: [Key: Kept] = [:]
    private var bytes = 0
    private var lastTopic: Topic = 0
    private var lastSerial: UInt64 = 0

    /// Bounds of what is kept; the older half goes when one is passed.
    private static let most = 1024
    private static let mostBytes = 256 << 10

    var isEmpty: Bool { self.kept.isEmpty }

    /// Takes the next message of a key.
    /// - Parameter append: Appends it to the batch as a frame of that topic.
    mutating func keep(_ key: LatestKey, from sender: ClientID, in batch: Batch, append: (Topic) -> Void) {
        let sole = Key(type: key.type, sender: key.value == nil ? sender : 0, value: key.value.map { Array($0) } ?? [])
        let topic = self.kept[sole]?.topic ?? self.nextTopic()
        let start = batch.count
        append(topic)
        self.lastSerial += 1
        self.bytes += batch.count - start - (self.kept[sole]?.frame.count ?? 0)
        batch.frames.bytes.withUnsafeReadableBytes {
            self.kept[sole, default: Kept(topic: topic, sender: sender, serial: 0, frame: [])].replace(
                UnsafeRawBufferPointer(rebasing: $0[start...]),
                from: sender,
                serial: self.lastSerial
            )
        }
        if self.kept.count > Self.most || self.bytes > Self.mostBytes { self.forgetOlderHalf() }
    }

    private mutating func nextTopic() -> Topic {
        self.lastTopic += 1
        return self.lastTopic
    }

    private mutating func forgetOlderHalf() {
        let serials = self.kept.values.map(\.serial).sorted()
        let middle = serials[serials.count / 2]
        self.filter { $1.serial > middle }
    }

    /// Forgets what a client sent that has left.
    mutating func forget(_ sender: ClientID) {
        guard !self.isEmpty else { return }
        self.filter { $1.sender != sender }
    }

    /// Forgets those of all types but some.
    mutating func forget(but isKept: (_ type: UInt32) -> Bool) {
        let types = Set(self.kept.keys.map(\.type)).filter(isKept)
        self.filter { key, _ in types.contains(key.type) }
    }

    private mutating func filter(_ isKept: (Key, Kept) -> Bool) {
        self.kept = self.kept.filter { isKept($0.key, $0.value) }
        self.bytes = self.kept.values.reduce(0) { $0 + $1.frame.count }
    }

    /// All frames, in the order in which they were sent.
    var frames: [UInt8] {
        self.kept.values.sorted { $0.serial < $1.serial }.flatMap(\.frame)
    }
}
