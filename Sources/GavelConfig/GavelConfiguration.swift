package import Foundation
package import GavelAdmin
package import GavelCore
package import GavelScript
package import GavelStorage
package import GavelTransport

/// What `config.toml`, the environment and flags say, as each target's own configuration.
package struct GavelConfiguration: Sendable {
    /// What becomes of rooms that no entry matches.
    package enum UnlistedRooms: String, Sendable, CaseIterable {
        case relay
        case refuse
    }

    /// Event loops; `nil`: as many as there are cores.
    package var threads: Int?
    package var transport = TransportConfiguration()
    package var limits = RelayLimits()
    package var outbound = OutboundLimits()
    /// Bytes that may wait for a room, where its entry says nothing else.
    package var inboundBytes = RoomPolicy().inboundBytes
    package var unlistedRooms = UnlistedRooms.relay
    package var log = LogConfiguration()
    package var reload = ReloadConfiguration()
    /// Where commands are taken, as written; see ``controlSocket``. `nil`: nowhere.
    package var control: String? = "gavel.sock"
    package var http = HTTPConfiguration()
    /// Budgets of rules.
    package var scripts = ScriptConfiguration()
    /// Where rooms are kept over a restart; see ``storageFile``.
    package var storage = StorageConfiguration()
    /// Folder of rules files, as written; see ``scriptsFolder``.
    package var folder = "scripts"
    /// Folder of the configuration file, from which ``folder``, ``control`` and the path of ``storage`` are seen.
    package var baseFolder = URL(filePath: ".", directoryHint: .isDirectory)
    /// Kinds of rooms; the first whose pattern matches a key decides.
    package var rooms: [RoomEntry] = []

    package init() {}

    package var scriptsFolder: URL {
        URL(filePath: self.folder, directoryHint: .isDirectory, relativeTo: self.baseFolder).standardizedFileURL
    }

    /// The database of ``storage``; `nil` where rooms are kept in memory alone.
    package var storageFile: String? {
        guard self.storage.kind == .sqlite else { return nil }
        let url = URL(filePath: self.storage.path, directoryHint: .notDirectory, relativeTo: self.baseFolder)
        return url.standardizedFileURL.path(percentEncoded: false)
    }

    /// Path of the socket of ``control``.
    package var controlSocket: String? {
        self.control.map { path in
            let url = URL(filePath: path, directoryHint: .notDirectory, relativeTo: self.baseFolder)
            return url.standardizedFileURL.path(percentEncoded: false)
        }
    }

    /// What of `room`, by ``RoomEntry/rules``.
    package func rulesFile(of room: RoomEntry) -> URL? {
        room.rules.map { self.scriptsFolder.appending(path: $0, directoryHint: .notDirectory) }
    }

    /// Finds the policy of a room key.
    ///
    /// - Parameter provider: The rules of an entry that names a file; called once for each such entry.
    package func directory(
        provider: (RoomEntry) throws -> any RulesProvider
    ) rethrows -> RoomDirectory {
        let entries = try self.rooms.map { room in
            (match: room.match, policy: room.policy(rules: room.rules == nil ? nil : try provider(room)))
        }
        let unlisted: RoomPolicy? =
            switch self.unlistedRooms {
            case .relay: RoomPolicy(messageBytes: self.messageBytes, inboundBytes: self.inboundBytes)
            case .refuse: nil
            }
        return { key in entries.first { $0.match.matches(key) }?.policy ?? unlisted }
    }
}

/// One value of the file that several targets share.
extension GavelConfiguration {
    var messageBytes: Int {
        get { self.limits.messageBytes }
        set { (self.limits.messageBytes, self.transport.messageBytes) = (newValue, newValue) }
    }

    var chunkBytes: Int {
        get { self.outbound.chunkBytes }
        set { (self.outbound.chunkBytes, self.transport.chunkBytes) = (newValue, newValue) }
    }

    var jsonDepth: Int {
        get { Int(self.limits.jsonDepth) }
        set { self.limits.jsonDepth = UInt32(newValue) }
    }
}
