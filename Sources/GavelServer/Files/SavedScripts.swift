package import GavelConfig
package import Logging

/// Saves in a scripts folder and of the configuration file, for who does not run a relay.
package struct SavedScripts: Sendable {
    /// Names of files, seen from the scripts folder.
    package var scripts: Set<String>
    package var hasConfiguration: Bool

    /// Saves from now on; ends with whoever iterates.
    package static func all(
        in configuration: GavelConfiguration,
        from source: ConfigurationSource?,
        logger: Logger
    ) -> AsyncStream<SavedScripts> {
        let watch = FileWatch(WatchedFiles(configuration, source), logger: logger)
        watch.watch(as: ReloadConfiguration())
        return AsyncStream { continuation in
            let task = Task {
                for await saved in watch.saves {
                    let changes = saved.changes
                    continuation.yield(
                        SavedScripts(scripts: changes.scripts, hasConfiguration: changes.hasConfiguration)
                    )
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in
                task.cancel()
                watch.stop()
            }
        }
    }
}
