import Foundation
import GavelConfig
import GavelTransport
import Testing

@Suite("Environment and flags")
struct OverrideTests {
    private func read(
        _ text: String = "",
        _ environment: [String: String] = [:],
        _ flags: [ConfigurationFlag] = []
    ) -> ConfigurationReport {
        let folder = URL(filePath: "/nowhere", directoryHint: .isDirectory)
        return ConfigurationReader.read(text: text, folder: folder, environment: environment, flags: flags)
    }

    private static let port = ConfigurationPath("server", "port")

    @Test("every key outside [[rooms]] can be overridden by its variable, and by a flag, and nothing else changes")
    func overridesEveryKey() throws {
        let defaults = GavelConfiguration()
        let candidates = [
            "7", "9000", "true", "3s", "48KiB", "3MiB", "17B", "refuse", "relay", "json", "debug", "elsewhere", "::1",
            "https://a.example", "sqlite", "strict", "3h", "poll", "wss://a.example",
        ]
        for setting in Settings.all {
            let value = candidates.first { candidate in
                let report = self.read("", [setting.environmentName: candidate])
                return report.problems.isEmpty && setting.text(report.configuration) != setting.text(defaults)
            }
            let candidate = try #require(value, "no value for \(setting.path)")
            let byVariable = self.read("", [setting.environmentName: candidate])
            let byFlag = self.read("", [:], [ConfigurationFlag("--x", setting.path, candidate)])
            #expect(byVariable.warnings.allSatisfy { $0.path.hasPrefix("dev.") })
            #expect(setting.text(byFlag.configuration) == setting.text(byVariable.configuration))
            for other in Settings.all where other.path != setting.path {
                #expect(
                    other.text(byVariable.configuration) == other.text(defaults),
                    "\(setting.path) changed \(other.path)"
                )
            }
        }
    }

    @Test("no two keys have the same variable")
    func namesDiffer() {
        #expect(Set(Settings.all.map(\.environmentName)).count == Settings.all.count)
        #expect(Settings.all.map(\.environmentName).contains("GAVEL_SERVER_PORT"))
        #expect(Settings.all.map(\.environmentName).contains("GAVEL_LIMITS_MESSAGES_PER_SECOND"))
    }

    @Test("the environment wins over the file, and a flag over both")
    func ranks() throws {
        let file = "[server]\nport = 1\n"
        let variable = ["GAVEL_SERVER_PORT": "2"]
        let flag = [ConfigurationFlag("--port", Self.port, "3")]
        #expect(try self.read(file).get().transport.port == 1)
        #expect(try self.read(file, variable).get().transport.port == 2)
        #expect(try self.read(file, variable, flag).get().transport.port == 3)
        #expect(try self.read(file, [:], flag).get().transport.port == 3)
    }

    @Test("a mistake in an overridden value is told by where it came from")
    func namesSource() {
        let report = self.read(
            "[server]\nport = \"a\"\n",
            ["GAVEL_SERVER_PORT": "b"],
            [ConfigurationFlag("--port", Self.port, "c")]
        )
        #expect(
            report.problems.map(\.description) == [
                "config.toml:2: server.port: \"a\" is not a whole number. Write a whole number from 0 to 65535.",
                "environment variable GAVEL_SERVER_PORT: server.port: \"b\" is not a whole number. Write a whole number from 0 to 65535.",
                "--port: server.port: \"c\" is not a whole number. Write a whole number from 0 to 65535.",
            ]
        )
    }

    @Test("a contradiction between file and environment is told by the variable")
    func namesSourceOfContradiction() {
        let report = self.read("", ["GAVEL_OUTBOUND_SOFT": "8MiB"])
        #expect(report.problems.map(\.source) == [.environment("GAVEL_OUTBOUND_SOFT")])
    }

    @Test("a list is given with commas")
    func readsList() throws {
        let environment = ["GAVEL_SERVER_ALLOWED_ORIGINS": "https://a.example, https://b.example"]
        #expect(
            try self.read("", environment).get().transport.allowedOrigins == ["https://a.example", "https://b.example"]
        )
        let none = ["GAVEL_SERVER_ALLOWED_ORIGINS": ""]
        #expect(
            try self.read("[server]\nallowed_origins = [\"https://a\"]", none).get().transport.allowedOrigins.isEmpty
        )
    }

    @Test("an unknown variable is a warning with the nearest name; others are no concern")
    func warnsOfUnknown() throws {
        let report = self.read("", ["GAVEL_SEVER_PORT": "1", "PORT": "tcp://x", "HOME": "/", "gavel_server_port": "x"])
        #expect(try report.get().transport.port == TransportConfiguration().port)
        #expect(
            report.warnings.map(\.description) == [
                "environment variable GAVEL_SEVER_PORT: this stands for no key, and does nothing. Did you mean GAVEL_SERVER_PORT?"
            ]
        )
    }

    @Test(
        "a variable that an orchestrator set for a service is an error that names the cause",
        arguments: [("GAVEL_SERVER_PORT", "gavel-server"), ("GAVEL_PORT", "gavel"), ("GAVEL_PORT_8765_TCP", "gavel")]
    )
    func refusesServiceLinks(name: String, service: String) throws {
        let report = self.read("", [name: "tcp://10.0.0.7:8765"])
        let problem = try #require(report.problems.first)
        #expect(report.problems.count == 1)
        #expect(report.warnings.isEmpty)
        #expect(problem.source == .environment(name))
        #expect(problem.description.contains("for a service called \"\(service)\""))
        #expect(problem.description.contains("enableServiceLinks: false"))
    }
}
