internal import Foundation
internal import GavelConfig
internal import GavelCore
internal import Logging
internal import NIOPosix
internal import ServiceLifecycle

/// Keeps a running relay at what its files say: rules, modules and the configuration.
///
/// What was saved is loaded aside, tried in every room that it concerns, and put in force only if all of them can go
/// on with it. Every save is told once, with its outcome. One file is taken up at a time: who saves while another save
/// is loaded, or tried, comes after it.
package actor Supervisor: Service, CustomStringConvertible {
    /// What it needs of the relay beside the rooms.
    struct Surroundings: Sendable {
        /// Where the configuration is read again; `nil`: it stays as it is.
        var source: ConfigurationSource?
        var watch: FileWatch
        /// SIGHUP; `nil`: not heard.
        var hangups: AsyncStream<Void>?
        /// Has the parts that are no rooms go on under another configuration.
        var adopt: @Sendable (_ former: GavelConfiguration, _ configuration: GavelConfiguration) -> Void
        var logger: Logger
        /// Waits for a file that may be on its way, such as one that is missing or empty.
        var wait: @Sendable () async -> Void = { try? await Task.sleep(for: .milliseconds(200)) }
    }

    let relay: any ReloadTarget
    let surroundings: Surroundings
    var configuration: GavelConfiguration
    var rules: LoadedRules
    var shelf = RulesShelf()
    /// By the main file: what was saved last, where that is not in force.
    var refused: [String: Refused] = [:]
    /// What is wrong with the configuration that was saved last, where that is not in force.
    var refusedConfiguration: [String] = []
    var isStopping = false
    private var turns = Turns()

    /// - Parameters:
    ///   - configuration: In force, as the rules are.
    init(
        _ configuration: GavelConfiguration,
        rules: LoadedRules,
        relay: any ReloadTarget,
        surroundings: Surroundings
    ) {
        self.configuration = configuration
        self.rules = rules
        self.relay = relay
        self.surroundings = surroundings
        for text in rules.texts.values { self.shelf.put(text, at: Date()) }
    }

    /// What logs call it.
    package nonisolated var description: String { "supervisor" }

    var logger: Logger { self.surroundings.logger }

    /// Follows the files until graceful shutdown or cancellation.
    package func run() async {
        self.surroundings.watch.watch(as: self.configuration.reload)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await saved in self.surroundings.watch.saves.cancelOnGracefulShutdown() { await self.take(saved) }
            }
            if let hangups = self.surroundings.hangups {
                group.addTask {
                    for await _ in hangups.cancelOnGracefulShutdown() { _ = await self.reload() }
                }
            }
            // Throws only where the task is cancelled, which is another way to be told to stop.
            try? await gracefulShutdown()
            self.isStopping = true
            group.cancelAll()
        }
        self.surroundings.watch.stop()
    }

    // MARK: What an operator asks for

    /// Reads the configuration and all rules again.
    /// - Returns: What became of each file, the configuration first.
    package func reload() async -> [ReloadOutcome] {
        await self.begin()
        defer { self.turns.end() }
        let start = ContinuousClock.now
        let outcomes = await self.reloadConfiguration(fresh: nil, since: start)
        let all = outcomes + (await self.reloadRules(nil, since: start, beside: outcomes))
        self.log(all, asked: true)
        return all
    }

    /// The versions of every main file, in the order of the rooms.
    package func versions() -> [RulesVersions] {
        self.rulesLibrary.mains.map { main in
            RulesVersions(
                file: main,
                versions: self.shelf.versions(of: main).map { kept in
                    RulesVersions.Version(
                        version: kept.text.version,
                        since: kept.since.timeIntervalSince1970,
                        files: [main] + kept.text.files.keys.filter { $0 != main }.sorted()
                    )
                },
                refused: self.refused[main]?.mistakes ?? []
            )
        }
    }

    /// Puts an earlier version of a main file in force again, in all its rooms, as if it had been saved; the files stay
    /// as they are, and the next save of them counts.
    /// - Parameter version: How its name begins; `nil`: the version before the one in force.
    package func rollBack(_ file: String, to version: String? = nil) async -> ReloadOutcome {
        await self.begin()
        defer { self.turns.end() }
        let outcome = await self.goBack(file, to: version, since: .now)
        self.log([outcome], asked: true)
        return outcome
    }

    // MARK: Saves

    func take(_ saved: SavedFiles) async {
        await self.begin()
        defer { self.turns.end() }
        var outcomes: [ReloadOutcome] = []
        // A configuration that was refused may have lacked what is saved now.
        let former = self.refusedConfiguration
        if saved.changes.hasConfiguration || !former.isEmpty {
            outcomes += await self.reloadConfiguration(fresh: saved.changes.scripts, since: saved.since)
            if !saved.changes.hasConfiguration, self.refusedConfiguration == former { outcomes = [] }
        }
        outcomes += await self.reloadRules(saved.changes.scripts, since: saved.since, beside: outcomes)
        self.log(outcomes, asked: false)
    }

    private func begin() async {
        if self.turns.take() { return }
        await withCheckedContinuation { self.turns.wait($0) }
    }

    var rulesLibrary: RulesLibrary { RulesLibrary(self.configuration, logger: self.logger) }

    /// Calls what reads files on a thread that may wait for them.
    func aside<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value? {
        try? await NIOThreadPool.singleton.runIfActive(body)
    }
}
