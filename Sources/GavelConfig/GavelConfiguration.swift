package import Foundation
package import GavelCore
package import GavelScript
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
    /// Budgets of rules.
    package var scripts = ScriptConfiguration()
    /// Folder of rules files, as written; see ``scriptsFolder``.
    package var folder = "scripts"
    /// Folder of the configuration file, from which ``folder`` is seen.
    package var baseFolder = URL(filePath: ".", directoryHint: .isDirectory)
    /// Kinds of rooms; the first whose pattern matches a key decides.
    package var rooms: [RoomEntry] = []

    package init() {}

    package var scriptsFolder: URL {
        URL(filePath: self.folder, directoryHint: .isDirectory, relativeTo: self.baseFolder).standardizedFileURL
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
