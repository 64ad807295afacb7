internal import GavelAdmin
internal import GavelCore

extension OperatedRelay: RecordingOperations {
    func recordedRooms() async throws -> [String] {
        await self.hub.flushRecordings()
        return try await self.hub.environment.recordings?.rooms().map(\.description) ?? []
    }

    func recording(of room: String) async throws -> [UInt8]? {
        await self.hub.flushRecordings()
        let key = RoomKey(room)
        guard let parts = try await self.hub.environment.recordings?.parts(of: key), !parts.isEmpty else { return nil }
        return Recording.bytes(of: parts, key: key, wallMilliseconds: self.hub.environment.clock.wallMilliseconds())
    }
}
