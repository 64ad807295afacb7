/// What an operator can do with recordings of rooms.
package protocol RecordingOperations: Sendable {
    /// Rooms of which something is kept, by their names.
    func recordedRooms() async throws -> [String]

    /// What is kept of a room, as `gavel replay` reads it.
    /// - Returns: `nil` where nothing is kept of it.
    func recording(of room: String) async throws -> [UInt8]?
}

extension CommandRegistry {
    package mutating func add(_ recordings: any RecordingOperations) {
        self.add(Commands.recordings) { _ in RecordingList(rooms: try await recordings.recordedRooms()) }
        self.add(Commands.recording) { arguments, send in
            guard let bytes = try await recordings.recording(of: arguments.room) else {
                throw CommandError(.notFound, "Nothing is recorded of a room \"\(arguments.room)\".")
            }
            for start in stride(from: 0, to: bytes.count, by: RecordingPiece.mostBytes) {
                try await send(RecordingPiece(bytes[start..<min(start + RecordingPiece.mostBytes, bytes.count)]))
            }
        }
    }
}
