internal import Foundation
internal import GRDB
package import GavelCore

/// Whether a database could be used, found out without making or changing anything.
package enum StorageCheck {
    /// - Returns: What is wrong; `nil`: nothing that can be seen. A log that a relay has at this moment is in order.
    package static func mistake(path: String) -> MessageLogError? {
        do throws(MessageLogError) {
            try LogFile.checkPlace(path)
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            // What is not there, or empty, is made at the start.
            guard let size = attributes?[.size] as? NSNumber, size.intValue > 0 else { return nil }
            do throws(MessageLogError) {
                try self.read(path)
            } catch {
                // What a relay is writing at this moment cannot be read in this way.
                if !FileLock.isHeld(path) { throw error }
            }
            return nil
        } catch {
            return error
        }
    }

    /// Reads the file as it is, with nothing of SQLite's beside it.
    private static func read(_ path: String) throws(MessageLogError) {
        do {
            var configuration = Configuration()
            configuration.readonly = true
            let address = LogFile.address(path, vfs: nil, query: "mode=ro&immutable=1")
            let queue = try DatabaseQueue(path: address, configuration: configuration)
            _ = try queue.inDatabase { try LogSchema.check($0, path: path) }
        } catch {
            throw MessageLogError(error, path: path)
        }
    }
}
