internal import DequeModule
internal import Synchronization

/// Recordings that end with the process, within a bound of memory: the oldest parts of all rooms go first.
package final class MemoryRecordings: RecordingStore {
    fileprivate struct Segment {
        let number: UInt64
        var parts: [[UInt8]] = []
        var bytes = 0
        var wallMilliseconds: Int64
    }

    fileprivate struct State {
        var rooms: [RoomKey: Deque<Segment>] = [:]
        /// Of all rooms, in the order in which segments began.
        var order = Deque<(key: RoomKey, segment: UInt64)>()
        var bytes = 0
        var droppedParts = 0
    }

    private let limitBytes: Int
    private let state = Mutex(State())

    package init(limitBytes: Int = 256 << 20) { self.limitBytes = limitBytes }

    package var droppedParts: Int { self.state.withLock { $0.droppedParts } }

    package func append(_ part: RecordingPart) -> Bool {
        self.state.withLock { state in
            state.take(part)
            state.trim(part)
            while state.bytes > self.limitBytes, state.order.count > 1, let first = state.order.popFirst() {
                state.forget(first.segment, of: first.key)
            }
            let isKept = state.rooms[part.key]?.contains { $0.number == part.segment } ?? false
            if !isKept { state.droppedParts += 1 }
            return isKept
        }
    }

    package func parts(of key: RoomKey) -> [[UInt8]] {
        self.state.withLock { $0.rooms[key]?.flatMap(\.parts) ?? [] }
    }

    package func rooms() -> [RoomKey] {
        self.state.withLock { $0.rooms.keys.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) } }
    }

    /// Of all rooms.
    package var byteCount: Int { self.state.withLock { $0.bytes } }
}

extension MemoryRecordings.State {
    fileprivate mutating func take(_ part: RecordingPart) {
        var segments = self.rooms.removeValue(forKey: part.key) ?? []
        defer { if !segments.isEmpty { self.rooms[part.key] = segments } }
        if part.isFirst {
            segments.append(MemoryRecordings.Segment(number: part.segment, wallMilliseconds: part.wallMilliseconds))
            self.order.append((part.key, part.segment))
        }
        // One that went already takes nothing more.
        guard let index = segments.lastIndex(where: { $0.number == part.segment }) else { return }
        segments[index].parts.append(part.bytes)
        segments[index].bytes += part.bytes.count
        segments[index].wallMilliseconds = part.wallMilliseconds
        self.bytes += part.bytes.count
    }

    /// Lets go of what the room's own limits do not allow.
    fileprivate mutating func trim(_ part: RecordingPart) {
        guard part.isFirst else { return }
        let oldest = part.wallMilliseconds - part.limits.ageMilliseconds
        while let segments = self.rooms[part.key], segments.count > 1,
            segments.reduce(0, { $0 + $1.bytes }) > part.limits.bytes * 3 / 4 || segments[0].wallMilliseconds < oldest
        {
            self.forget(segments[0].number, of: part.key)
        }
    }

    fileprivate mutating func forget(_ segment: UInt64, of key: RoomKey) {
        guard let index = self.rooms[key]?.firstIndex(where: { $0.number == segment }) else { return }
        self.bytes -= self.rooms[key]![index].bytes
        self.rooms[key]!.remove(at: index)
        if self.rooms[key]!.isEmpty { self.rooms[key] = nil }
        self.order.removeAll { $0.segment == segment }
    }
}
