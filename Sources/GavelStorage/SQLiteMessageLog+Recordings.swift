internal import Foundation
package import GavelCore

extension SQLiteMessageLog: RecordingStore {
    package func append(_ part: RecordingPart) -> Bool {
        let (isTaken, isFirst) = self.recordings.put(part)
        if isFirst { self.waiting.noteRecordings(areUrgent: false) }
        return isTaken
    }

    package var droppedParts: Int { self.recordings.dropped }

    package func parts(of key: RoomKey) async throws -> [[UInt8]] {
        try await self.read { file throws(MessageLogError) in try file.recording(of: key) }
    }

    package func rooms() async throws -> [RoomKey] {
        try await self.read { file throws(MessageLogError) in try file.recordedRooms() }
    }

    /// Has the writer read something, after all that was given before.
    private func read<Value: Sendable>(
        _ body: @escaping @Sendable (LogFile) throws(MessageLogError) -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            self.recordings.put { file in
                do throws(MessageLogError) {
                    guard let file else { throw LogFile.closed }
                    continuation.resume(returning: try body(file))
                } catch {
                    continuation.resume(throwing: error)
                }
            }
            self.waiting.noteRecordings(areUrgent: true)
        }
    }
}

/// Recordings in the database of a relay that does not run.
package enum StoredRecordings {
    /// - Throws: ``MessageLogError``: there is no such file, or a relay has it.
    package static func parts(of key: RoomKey, path: String) throws(MessageLogError) -> [[UInt8]] {
        try self.read(path) { file throws(MessageLogError) in try file.recording(of: key) }
    }

    /// Rooms of which something is kept.
    package static func rooms(path: String) throws(MessageLogError) -> [RoomKey] {
        try self.read(path) { file throws(MessageLogError) in try file.recordedRooms() }
    }

    private static func read<Value>(
        _ path: String,
        _ body: (LogFile) throws(MessageLogError) -> Value
    ) throws(MessageLogError) -> Value {
        guard FileManager.default.fileExists(atPath: path) else {
            throw MessageLogError(.failed, "there is no database \(path)")
        }
        let file = try LogFile(path: path, vfs: nil)
        let result: Result<Value, MessageLogError> = file.access {
            do throws(MessageLogError) { return .success(try body(file)) } catch { return .failure(error) }
        }
        try file.close()
        return try result.get()
    }
}
