import CPowerLoss
import GavelCore
import GavelStorage

/// A database on a file system that can fail and lose its power.
final class FaultyDisk {
    let path: String
    private let folder: StorageFolder
    private var copies = 0

    init() throws {
        guard power_loss_register() == 0 else { throw MessageLogError(.failed, "no file system") }
        self.folder = try StorageFolder()
        self.path = self.folder.path("a.db")
        power_loss_fail(self.path, -1, 0, 0)
    }

    deinit {
        power_loss_forget(self.path)
    }

    func open(_ configuration: StorageConfiguration) throws -> SQLiteMessageLog {
        try SQLiteMessageLog(configuration, path: self.path, vfs: POWER_LOSS_NAME, logger: .silent)
    }

    /// Lets operations fail with SQLite's `code`: `count` from the `first` on, counted from now.
    func fail(from first: Int, count: Int, code: Int32) {
        power_loss_fail(self.path, Int64(first), Int64(count), code)
    }

    /// Every operation from the `first` on fails, as if the process were gone.
    func die(after first: Int) {
        power_loss_fail(self.path, Int64(first), -1, 10)
    }

    /// The files as they would be found afterwards, in a place of their own.
    /// - Parameter seed: Decides what of that which was not synced is lost; `nil`: nothing.
    /// - Returns: The path of the copy.
    func copy(losingPower seed: UInt64?) throws -> String {
        self.copies += 1
        let copy = self.folder.path("copy \(self.copies).db")
        guard power_loss_copy(self.path, copy, seed == nil ? 0 : 1, seed ?? 0) == 0 else {
            throw MessageLogError(.failed, "no copy")
        }
        return copy
    }
}
