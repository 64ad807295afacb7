import ArgumentParser
import CoreMetrics
import Foundation
import GavelAdmin
import GavelConfig
import GavelServer
import Logging

/// `gavel serve`: runs the relay until it is told to stop.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the relay.",
        discussion: """
            Settings come from the configuration file; environment variables such as GAVEL_SERVER_PORT override it, \
            and the flags below override both. SIGTERM or Ctrl-C stops the relay in good order; SIGHUP has it read its \
            files again.
            """
    )

    @OptionGroup var file: ConfigurationFile

    @Option(help: ArgumentHelp("Address to listen on.", valueName: "address"))
    var host: String?

    @Option(help: "TCP port; 0 lets the system choose.")
    var port: String?

    @Option(help: ArgumentHelp("Event loops, or auto.", valueName: "count"))
    var threads: String?

    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel: String?

    @Option(help: ArgumentHelp("text or json.", valueName: "format"))
    var logFormat: String?

    func run() async throws {
        // Whoever hangs up before the relay is up has nothing to reload yet.
        signal(SIGHUP, SIG_IGN)
        let source = self.file.source(flags: self.flags)
        let report = source.read()
        for warning in report.warnings { Console.complain("warning: \(warning)") }
        let configuration: GavelConfiguration
        do {
            configuration = try report.get()
        } catch {
            Console.complain(error.description)
            throw ExitCode.failure
        }
        let log = configuration.log
        let level = LogLevel(log.level)
        LoggingSystem.bootstrap(
            { label, provider in log.makeHandler(label: label, metadataProvider: provider, level: level) },
            metadataProvider: nil
        )
        let metrics = MetricStore()
        MetricsSystem.bootstrap(metrics)
        do {
            try await GavelServer.run(
                configuration,
                source: source,
                logger: Logger(label: "gavel"),
                level: level,
                metrics: metrics
            )
        } catch {
            Console.complain("gavel: \(error)")
            throw ExitCode.failure
        }
    }

    private var flags: [ConfigurationFlag] {
        [
            ("--host", ConfigurationPath("server", "host"), self.host),
            ("--port", ConfigurationPath("server", "port"), self.port),
            ("--threads", ConfigurationPath("server", "threads"), self.threads),
            ("--log-level", ConfigurationPath("log", "level"), self.logLevel),
            ("--log-format", ConfigurationPath("log", "format"), self.logFormat),
        ].compactMap { name, path, value in value.map { ConfigurationFlag(name, path, $0) } }
    }
}
