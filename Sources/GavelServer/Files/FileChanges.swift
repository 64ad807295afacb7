internal import Foundation
internal import GavelConfig

/// The files that a relay is made of.
struct WatchedFiles: Sendable {
    /// The scripts folder, watched with all that is in it.
    var scripts: String
    /// The configuration file; `nil`: there is none.
    var configuration: String?
}

extension WatchedFiles {
    init(_ configuration: GavelConfiguration, _ source: ConfigurationSource?) {
        self.init(scripts: configuration.scriptsFolder.path, configuration: source?.absolutePath)
    }
}

/// Files that are not what they were.
struct FileChanges: Hashable, Sendable {
    /// Names in the scripts folder, such as `lib/board.lua`: written, made or gone.
    var scripts: Set<String> = []
    var hasConfiguration = false

    var isEmpty: Bool { self.scripts.isEmpty && !self.hasConfiguration }

    mutating func merge(_ other: Self) {
        self.scripts.formUnion(other.scripts)
        self.hasConfiguration = self.hasConfiguration || other.hasConfiguration
    }
}

/// Files that have been saved, and are at rest.
struct SavedFiles: Hashable, Sendable {
    var changes: FileChanges
    /// When the first of them was seen to change.
    var since: ContinuousClock.Instant
}
