package import GavelAdmin
package import GavelConfig
internal import GavelCore
internal import GavelStorage
internal import GavelTransport
package import Logging
package import NIOCore
internal import NIOPosix
internal import ServiceLifecycle
internal import UnixSignals

/// Joins the parts of the relay: from a configuration to running services.
package enum GavelServer {
    /// Of this program.
    package static let version = "0.1.0"

    /// Runs the relay until SIGTERM, SIGINT or cancellation, then ends it in good order, within `server.drain`.
    ///
    /// Until then it follows its files, and reads all of them again on SIGHUP.
    /// - Parameters:
    ///   - source: Where the configuration is read again; `nil`: it stays as it is.
    ///   - hangups: Reads all files again; `nil`: SIGHUP does.
    ///   - level: Of the process's log, which operators and `log.level` may change.
    ///   - metrics: Of parts of this program that report some.
    ///   - onListening: Called once, with the address bound for players.
    ///   - onHTTP: Called once, with the address bound for HTTP.
    /// - Throws: ``RulesError`` where rules do not load, ``StorageError`` where rooms cannot be kept, and what the system
    ///   says where the relay cannot listen.
    package static func run(
        _ configuration: GavelConfiguration,
        source: ConfigurationSource? = nil,
        hangups: AsyncStream<Void>? = nil,
        logger: Logger,
        level: LogLevel = LogLevel(.info),
        metrics: MetricStore = MetricStore(),
        onListening: @escaping @Sendable (SocketAddress) -> Void = { _ in },
        onHTTP: @escaping @Sendable (SocketAddress) -> Void = { _ in }
    ) async throws {
        let failures = HookFailures()
        let logger = failures.hearing(logger)
        // Both before the rules are read, so that no save and no hangup is missed.
        let watch = FileWatch(WatchedFiles(configuration, source), logger: logger)
        let hangups = hangups ?? Hangups.process.stream()
        let rules = try RulesLibrary(configuration, logger: logger).loadAll()
        let socket = try configuration.controlSocket.map { path in try ControlSocket.listen(at: path) }
        let log: SQLiteMessageLog?
        do {
            log = try RoomStorage.open(configuration, logger: logger)
        } catch {
            socket?.discard()
            throw error
        }
        let recordings: any RecordingStore = log ?? MemoryRecordings()
        let environment = RelayEnvironment(
            settings: RelaySettings(configuration, rules: rules),
            log: log,
            report: { RoomStorage.report($0, $1, logger: logger) },
            tell: { $0.log(to: logger) },
            recordings: recordings
        )
        let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.threads ?? System.coreCount)
        let hub = RelayHub(eventLoops: Array(group.makeIterator()), environment: environment)
        let relay = OperatedRelay(hub: hub, failures: failures, level: level)
        let server = GameServer(
            configuration: configuration.transport,
            hub: hub,
            group: group,
            otherDescriptors: configuration.operatorConnections,
            logger: logger,
            onListening: { address in
                relay.listens(on: address)
                onListening(address)
            }
        )
        let surroundings = Supervisor.Surroundings(
            source: source,
            watch: watch,
            hangups: hangups,
            adopt: { former, configuration in
                // What an operator set stays until the file says another.
                if configuration.log.level != former.log.level { level.set(configuration.log.level) }
                server.adopt(configuration.transport)
            },
            logger: logger
        )
        let supervisor = Supervisor(configuration, rules: rules, relay: hub, surroundings: surroundings)
        let registry = relay.registry(supervisor: supervisor, logger: logger)
        let control = socket.map { socket in
            relay.controlServer(over: socket, registry: registry, eventLoop: group.next(), logger: logger)
        }
        let result: Result<Void, any Error>
        do {
            let http = try relay.httpServer(
                configuration.http,
                registry: registry,
                metrics: metrics,
                logger: logger,
                onListening: onHTTP
            )
            // The last is the first to end: commands are taken until all clients have been told.
            let services = ([http, control, server, supervisor, relay] as [(any Service)?]).compactMap { $0 }
            result = .success(try await self.serviceGroup(services, logger: logger).run())
        } catch {
            result = .failure(error)
        }
        await hub.flushRecordings()
        let statistics = await hub.statistics()
        var metadata = statistics.metadata
        metadata["dropped_recordings"] = "\(recordings.droppedParts)"
        logger.info("stopped", metadata: metadata)
        hub.stop()
        // Before the loops end, which hear its last answers.
        await log?.close()
        try await group.shutdownGracefully()
        try result.get()
    }

    /// - Parameter services: Stopped from the last to the first.
    private static func serviceGroup(_ services: [any Service], logger: Logger) -> ServiceGroup {
        ServiceGroup(
            configuration: .init(
                services: services.map { service in
                    .init(
                        service: service,
                        successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup
                    )
                },
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
    }

    /// Looks at the place where rooms are to be kept, and changes nothing.
    /// - Returns: What is wrong with it.
    package static func checkStorage(_ configuration: GavelConfiguration) -> String? {
        RoomStorage.mistake(configuration)?.description
    }
}

extension GavelConfiguration {
    /// Connections that are no players', at a time.
    var operatorConnections: Int {
        (self.http.host == nil ? 0 : self.http.connections)
            + (self.controlSocket == nil ? 0 : ControlConfiguration().clients)
    }
}

extension RelayStatistics {
    /// What has been done, for the log.
    fileprivate var metadata: Logger.Metadata {
        [
            "conflated_messages": "\(self.conflatedMessages)", "conflated_bytes": "\(self.conflatedBytes)",
            "cut_clients": "\(self.cutClients)", "cut_bytes": "\(self.cutBytes)",
            "recovered_resumes": "\(self.recoveredResumes)", "unrecovered_resumes": "\(self.unrecoveredResumes)",
            "expired_sessions": "\(self.expiredSessions)", "failed_rooms": "\(self.failedRooms)",
            "lost_signals": "\(self.lostSignals)", "reloads": "\(self.reloads)",
            "refused_reloads": "\(self.refusedReloads)", "rollbacks": "\(self.rollbacks)",
        ]
    }
}
