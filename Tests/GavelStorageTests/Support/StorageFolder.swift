import Foundation
import Logging

/// A folder of its own for one test, gone with the value that holds it.
final class StorageFolder {
    private let url: URL

    init() throws {
        self.url = FileManager.default.temporaryDirectory
            .appending(path: "gavel-storage-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: self.url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: self.url)
    }

    func path(_ name: String) -> String {
        self.url.appending(path: name, directoryHint: .notDirectory).path(percentEncoded: false)
    }
}

extension Logger {
    static var silent: Logger {
        Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    }
}
