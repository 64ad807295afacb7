/// How much of a room is recorded.
package struct RecordingLimits: Hashable, Sendable {
    /// Of the latest, about; older parts go as a whole.
    package var bytes: Int
    /// Older parts go.
    package var age: Duration

    package init(bytes: Int = 4 << 20, age: Duration = .seconds(86_400)) {
        self.bytes = bytes
        self.age = age
    }

    package var ageMilliseconds: Int64 {
        let (seconds, attoseconds) = self.age.components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }
}

/// What keeps recordings. Given parts by every loop, which it never keeps waiting.
package protocol RecordingStore: Sendable {
    /// - Returns: `false` where there is no room for it: it is dropped, and counted.
    func append(_ part: RecordingPart) -> Bool

    /// What is kept of a room, in the order in which it was given.
    /// - Throws: ``RecordingError`` where it cannot be read.
    func parts(of key: RoomKey) async throws -> [[UInt8]]

    /// Rooms of which something is kept, by their keys.
    func rooms() async throws -> [RoomKey]

    /// Parts dropped since it began.
    var droppedParts: Int { get }
}

/// A piece of a recording, on its way to where it is kept.
package struct RecordingPart: Sendable {
    package var key: RoomKey
    /// Which segment it belongs to: the first of it begins one. Later segments have higher numbers.
    package var segment: UInt64
    package var isFirst: Bool
    /// A block; see ``Recording``.
    package var bytes: [UInt8]
    package var limits: RecordingLimits
    package var wallMilliseconds: Int64

    package init(
        key: RoomKey,
        segment: UInt64,
        isFirst: Bool,
        bytes: [UInt8],
        limits: RecordingLimits,
        wallMilliseconds: Int64
    ) {
        self.key = key
        self.segment = segment
        self.isFirst = isFirst
        self.bytes = bytes
        self.limits = limits
        self.wallMilliseconds = wallMilliseconds
    }
}

/// What is wrong with a recording.
package struct RecordingError: Error, Hashable, CustomStringConvertible {
    /// For people.
    package var description: String

    package init(_ description: String) { self.description = description }
}
