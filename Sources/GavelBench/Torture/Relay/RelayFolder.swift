import Foundation

/// The folder of a relay that is ended and started again: its configuration, its rules, its log.
struct RelayFolder {
    let url: URL
    let port: Int
    /// Of the configuration.
    let text: String
    /// By the name of the file.
    var rules: [String: String] = [:]

    var configuration: URL { self.url.appending(path: "config.toml") }
    var output: URL { self.url.appending(path: "output") }

    func write() throws {
        let scripts = self.url.appending(path: "scripts")
        try FileManager.default.createDirectory(at: scripts, withIntermediateDirectories: true)
        for (name, text) in self.rules { try Data(text.utf8).write(to: scripts.appending(path: name)) }
        try Data(self.text.utf8).write(to: self.configuration)
        try Data().write(to: self.output)
    }

    /// How much the files are whose names begin so.
    func bytes(of prefix: String) -> UInt64 {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: self.url.path)) ?? []
        return files.filter { $0.hasPrefix(prefix) }.reduce(0) { sum, name in
            let file = try? FileManager.default.attributesOfItem(atPath: self.url.appending(path: name).path)
            return sum + ((file?[.size] as? NSNumber)?.uint64Value ?? 0)
        }
    }
}
