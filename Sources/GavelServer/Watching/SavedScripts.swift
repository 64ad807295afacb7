package import GavelConfig
package import Logging

/// Saves in a scripts folder, for who does not run a relay.
package enum SavedScripts {
    /// Which files of the folder were saved, their names seen from it; ends with whoever iterates.
    package static func all(in configuration: GavelConfiguration, logger: Logger) -> AsyncStream<Set<String>> {
        let watch = FileWatch(
            WatchedFiles(configuration, nil),
            logger: logger
        )
        watch.watch(as: ReloadConfiguration())
        return AsyncStream { continuation in
            let task = Task {
                for await saved in watch.saves { continuation.yield(saved.changes.scripts) }
                continuation.finish()
            }
            continuation.onTermination = { _ in
                task.cancel()
                watch.stop()
            }
        }
    }
}
