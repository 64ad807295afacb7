internal import GavelConfig
internal import GavelCore
internal import GavelStorage
internal import Logging

/// The log that a configuration asks for.
enum RoomStorage {
    /// Opens the database, where there is to be one.
    /// - Throws: ``StorageError``.
    static func open(_ configuration: GavelConfiguration, logger: Logger) throws(StorageError) -> SQLiteMessageLog? {
        guard let file = configuration.storageFile else { return nil }
        do throws(MessageLogError) {
            let log = try SQLiteMessageLog(configuration.storage, path: file, logger: logger)
            logger.info(
                "rooms are kept",
                metadata: ["file": "\(file)", "durability": "\(configuration.storage.durability.rawValue)"]
            )
            return log
        } catch {
            throw StorageError(text: error.text)
        }
    }

    /// What stands against it, found out without opening anything for writing.
    static func mistake(_ configuration: GavelConfiguration) -> StorageError? {
        guard let file = configuration.storageFile else { return nil }
        return StorageCheck.mistake(path: file).map { StorageError(text: $0.text) }
    }

    /// Tells an operator what the log did not keep or give of a room. What befalls all rooms, as a full disk does, the
    /// log tells once by itself.
    static func report(_ key: RoomKey, _ error: MessageLogError, logger: Logger) {
        logger.log(
            level: error.code == .corrupt ? .error : .debug,
            "a room could not be kept",
            metadata: ["room": "\(key)", "error": "\(error.text)"]
        )
    }
}

/// A place for rooms that cannot be used.
package struct StorageError: Error, CustomStringConvertible {
    let text: String

    package var description: String { "[storage] cannot be used: \(self.text)" }
}
