import ArgumentParser
import Foundation

/// Where the relay that a command starts has its files, and which program that relay is.
struct RelayFiles: ParsableArguments {
    @Option(help: ArgumentHelp("Keep the relay's files, in this folder.", valueName: "folder"))
    var keep: String?

    /// This program.
    static var program: URL { Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0]) }

    /// Makes a folder for the time of `body`, or the one that is to be kept.
    /// - Parameter purpose: Part of the folder's name.
    func withFolder<Result>(for purpose: String, _ body: (URL) async throws -> Result) async throws -> Result {
        let folder =
            self.keep.map { URL(filePath: $0, directoryHint: .isDirectory) }
            ?? FileManager.default.temporaryDirectory.appending(path: "gavel-\(purpose)-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { if self.keep == nil { try? FileManager.default.removeItem(at: folder) } }
        return try await body(folder)
    }
}
