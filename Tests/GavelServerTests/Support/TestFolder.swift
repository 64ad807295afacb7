import Foundation

/// A folder for one test, with an empty `scripts` in it; gone with the value.
final class TestFolder {
    let url = FileManager.default.temporaryDirectory
        .appending(path: "gavel-\(UUID().uuidString)", directoryHint: .isDirectory)

    var scripts: URL { self.url.appending(path: "scripts") }

    init() {
        try? FileManager.default.createDirectory(at: self.scripts, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: self.url)
    }

    /// Writes over a file, in a folder that is made where it is not there.
    func write(_ name: String, _ text: String) throws {
        let file = self.url.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: file)
    }
}
