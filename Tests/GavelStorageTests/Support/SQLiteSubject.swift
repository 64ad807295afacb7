import Foundation
import GavelCore
import GavelStorage
import GavelTesting
import Logging

/// An SQLite log in a folder of its own, gone with the value that holds it.
final class SQLiteSubject: MessageLogSubject {
    private(set) var sqlite: SQLiteMessageLog
    private let folder: StorageFolder
    private let configuration: StorageConfiguration
    private var generation = 0

    init(_ durability: LogDurability) throws {
        var configuration = StorageConfiguration()
        configuration.durability = durability
        self.configuration = configuration
        self.folder = try StorageFolder()
        self.sqlite = try SQLiteMessageLog(configuration, path: self.folder.path("0.db"), logger: .silent)
    }

    var log: any MessageLog { self.sqlite }

    func settle() {}

    func restart(_ way: MessageLogRestart) async throws {
        let path = self.folder.path("\(self.generation).db")
        switch way {
        case .inGoodOrder: await self.sqlite.close()
        case .killed:
            // Nothing is being written now, so that the files are those of a process that was killed. The log that is
            // left goes on with files that nobody reads any more.
            self.generation += 1
            let copy = self.folder.path("\(self.generation).db")
            for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: path + suffix) {
                try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
            }
            await self.sqlite.close()
        }
        self.sqlite = try SQLiteMessageLog(
            self.configuration,
            path: self.folder.path("\(self.generation).db"),
            logger: .silent
        )
    }
}
