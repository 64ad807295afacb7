package import GavelConfig
internal import GavelCore
internal import GavelStorage

/// Recordings that a relay left in its database.
package enum StoredRecording {
    /// - Returns: What is kept of a room, as `gavel replay` reads it; `nil`: nothing is.
    /// - Throws: ``StorageError``: there is no database, or a relay has it.
    package static func bytes(of room: String, in configuration: GavelConfiguration) throws(StorageError) -> [UInt8]? {
        let key = RoomKey(room)
        let parts = try self.read(configuration) { path throws(MessageLogError) in
            try StoredRecordings.parts(of: key, path: path)
        }
        let now = RelayClock.system.wallMilliseconds()
        return parts.isEmpty ? nil : Recording.bytes(of: parts, key: key, wallMilliseconds: now)
    }

    package static func rooms(in configuration: GavelConfiguration) throws(StorageError) -> [String] {
        try self.read(configuration) { path throws(MessageLogError) in
            try StoredRecordings.rooms(path: path)
        }.map(\.description)
    }

    private static func read<Value>(
        _ configuration: GavelConfiguration,
        _ body: (String) throws(MessageLogError) -> Value
    ) throws(StorageError) -> Value {
        guard let path = configuration.storageFile else {
            throw StorageError(text: "kind is memory, so that recordings went with the relay.")
        }
        do throws(MessageLogError) {
            return try body(path)
        } catch {
            throw StorageError(text: error.text)
        }
    }
}
