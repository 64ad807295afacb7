internal import Foundation

/// Where a configuration comes from, so that it can be read again: always by the same environment and flags.
package struct ConfigurationSource: Sendable {
    /// The file, as it was named.
    package let path: String
    private let environment: [String: String]
    private let flags: [ConfigurationFlag]

    package init(path: String, environment: [String: String], flags: [ConfigurationFlag] = []) {
        self.path = path
        self.environment = environment
        self.flags = flags
    }

    /// Whether there is nothing in the file, as while it is being written; also where there is none.
    package var isEmpty: Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: self.path)
        return (attributes?[.size] as? Int ?? 0) == 0
    }

    /// Where the file is, whatever folder the process is in later.
    package var absolutePath: String {
        URL(filePath: self.path, directoryHint: .notDirectory).absoluteURL.standardizedFileURL
            .path(percentEncoded: false)
    }

    package func read() -> ConfigurationReport {
        ConfigurationReader.read(path: self.path, environment: self.environment, flags: self.flags)
    }
}
