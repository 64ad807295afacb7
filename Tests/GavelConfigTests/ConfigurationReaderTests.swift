import Foundation
import GavelConfig
import GavelCore
import GavelTransport
import Testing

@Suite("Reading a configuration file")
struct ConfigurationReaderTests {
    private func read(_ text: String) -> ConfigurationReport {
        ConfigurationReader.read(text: text, folder: URL(filePath: "/nowhere", directoryHint: .isDirectory))
    }

    private func problems(_ text: String) -> [String] {
        self.read(text).problems.map(\.description)
    }

    @Test("an empty file means the defaults")
    func takesDefaults() throws {
        let configuration = try self.read("").get()
        let defaults = GavelConfiguration()
        for setting in Settings.all {
            #expect(setting.text(configuration) == setting.text(defaults), "\(setting.path)")
        }
        #expect(configuration.rooms.isEmpty)
    }

    @Test("a value that several targets share reaches each of them")
    func sharesValues() throws {
        let configuration = try self.read(
            """
            [limits]
            message_bytes = "8KiB"
            room_name_bytes = "32B"
            joins_per_minute = 20
            join_timeout = "off"
            [outbound]
            chunk = "32KiB"
            send_buffer = "off"
            [server]
            allowed_origins = ["https://a.example", "http://localhost:3000"]
            """
        ).get()
        #expect(configuration.transport.messageBytes == 8 << 10)
        #expect(configuration.limits.messageBytes == 8 << 10)
        #expect(configuration.limits.roomKeyBytes == 32)
        #expect(configuration.limits.joinsPerMinute == 20)
        #expect(configuration.limits.joinTimeout == nil)
        #expect(configuration.transport.chunkBytes == 32 << 10)
        #expect(configuration.outbound.chunkBytes == 32 << 10)
        #expect(configuration.transport.sendBufferBytes == nil)
        #expect(configuration.transport.allowedOrigins == ["https://a.example", "http://localhost:3000"])
    }

    @Test("all mistakes are told at once, from top to bottom, each with its line, its key and what to write")
    func tellsAll() {
        let problems = self.problems(
            """
            [server]
            port = 70000
            hots = "127.0.0.1"
            threads = "two"

            [limits]
            message_bytes = 65536
            joins_per_minute = -1

            [keepalive]
            ping = "15 s"
            timeout = 10

            [logs]
            level = "info"

            [[rooms]]
            match = "a-*"
            [[rooms]]
            match = "b-*"
            max_clients = "many"
            presense = true
            """
        )
        #expect(
            problems == [
                "config.toml:2: server.port: 70000 is out of range. Write a whole number from 0 to 65535.",
                "config.toml:3: server.hots: there is no such key. Did you mean host?",
                "config.toml:4: server.threads: \"two\" is not a whole number. Write a whole number from 1 to 256, or \"auto\".",
                "config.toml:7: limits.message_bytes: 65536 has no unit. Write \"65536B\", or with another unit of B, KiB, MiB, GiB.",
                "config.toml:8: limits.joins_per_minute: -1 is out of range. Write a whole number from 1 to 100000000, or \"off\".",
                "config.toml:11: keepalive.ping: \"15 s\" is not written as a duration. Write \"15s\".",
                "config.toml:12: keepalive.timeout: 10 has no unit. Write \"10s\", or with another unit of ms, s, m, h.",
                "config.toml:14: logs: there is no such table. Did you mean [log]?",
                "config.toml:21: rooms[1].max_clients: \"many\" is not a whole number. Write a whole number from 1 to 1000000, or \"off\".",
                "config.toml:22: rooms[1].presense: there is no such key. Did you mean presence?",
            ]
        )
    }

    @Test(
        "a wrong type is told what to write",
        arguments: [
            ("server", "port = \"8765\"", "port: \"8765\" is a string. Write 8765, without quotes."),
            ("server", "port = 1.5", "port: 1.5 is not a whole number. Write a whole number from 0 to 65535."),
            (
                "server", "host = 1",
                "host: 1 is not a string. Write an address such as \"127.0.0.1\", \"0.0.0.0\" (all) or \"::1\", in quotes."
            ),
            (
                "server", "host = \"ws://x/\"",
                "host: \"ws://x/\" is a URL, not an address. Write \"127.0.0.1\" for this machine alone, \"0.0.0.0\" for all addresses."
            ),
            (
                "server", "host = \"localhost:80\"",
                "host: \"localhost:80\" holds a port. Write \"localhost\" here and the port in server.port."
            ),
            ("server", "host = \"[::1]\"", "host: \"[::1]\" has brackets. Write \"::1\"."),
            (
                "server", "allowed_origins = \"https://a\"",
                "allowed_origins: \"https://a\" is not a list. Write [\"https://a\"]."
            ),
            (
                "server", "allowed_origins = [\"a.example\"]",
                "allowed_origins: \"a.example\" has no scheme. Write \"https://a.example\"."
            ),
            (
                "server", "allowed_origins = [\"https://a/\"]",
                "allowed_origins: \"https://a/\" has a path. An origin ends before it: write \"https://a\"."
            ),
            (
                "server", "allowed_origins = [\"*\"]",
                "allowed_origins: \"*\" is not an origin. Leave the list empty to admit every origin."
            ),
            (
                "server", "unlisted_rooms = \"deny\"",
                "unlisted_rooms: \"deny\" is not known here. Write one of \"relay\", \"refuse\"."
            ),
            ("server", "drain = \"0s\"", "drain: \"0s\" is out of range. Write a duration from \"100ms\" to \"1h\"."),
            (
                "server", "drain = 1979-05-27",
                "drain: a date or time is not a duration. Write a duration from \"100ms\" to \"1h\"."
            ),
            ("dev", "echo = \"true\"", "echo: \"true\" is a string. Write true, without quotes."),
            ("dev", "echo = 1", "echo: 1 is neither true nor false. Write true or false."),
            (
                "log", "level = \"verbose\"",
                "level: \"verbose\" is not known here. Write one of \"trace\", \"debug\", \"info\", \"notice\", \"warning\", \"error\", \"critical\"."
            ),
            (
                "limits", "rooms = \"none\"",
                "rooms: \"none\" is not a whole number. Write a whole number from 1 to 100000000, or \"off\"."
            ),
            (
                "limits", "room_name_bytes = \"129B\"",
                "room_name_bytes: \"129B\" is out of range. Write a size from \"1B\" to \"128B\"."
            ),
            (
                "scripts", "folder = \"\"",
                "folder: the folder is empty. Write \"scripts\", or \".\" for the folder of this file."
            ),
        ]
    )
    func tellsTypes(section: String, line: String, problem: String) {
        #expect(self.problems("[\(section)]\n\(line)\n") == ["config.toml:2: \(section).\(problem)"])
    }

    @Test(
        "a misplaced key or table is told where it belongs",
        arguments: [
            ("port = 1", "config.toml:1: port: this key stands in no table. Write it below [server]."),
            (
                "[server]\nping = \"1s\"",
                "config.toml:2: server.ping: there is no such key. Write it below [keepalive]."
            ),
            (
                "[server]\nmessage_byte = \"1KiB\"",
                "config.toml:2: server.message_byte: there is no such key. Did you mean limits.message_bytes?"
            ),
            (
                "[rooms]\nmatch = \"a\"",
                "config.toml:1: rooms: rooms is a list. Write [[rooms]], with two brackets, above each entry."
            ),
            ("[[room]]\nmatch = \"a\"", "config.toml:1: room: there is no such table. Did you mean [[rooms]]?"),
            (
                "[[server]]\nport = 1",
                "config.toml:1: server: server is a list. Write [server], with one pair of brackets."
            ),
            ("server = 1", "config.toml:1: server: server is a table. Write [server] and its keys below it."),
            (
                "[[rooms]]\nmatch = \"a\"\njson_depth = 3",
                "config.toml:3: rooms[0].json_depth: there is no such key. It holds for the whole relay: write it below [limits]."
            ),
            ("[dev]\nxyzzy = 1", "config.toml:2: dev.xyzzy: there is no such key. Write one of echo, script_errors."),
            (
                "rooms = [1]",
                "config.toml:1: rooms[0]: 1 is not an entry. Write [[rooms]] and the entry's keys below it."
            ),
        ]
    )
    func tellsPlaces(text: String, problem: String) {
        #expect(self.problems(text) == [problem])
    }

    @Test("what is not TOML is told with line and column")
    func tellsSyntax() {
        let problems = self.problems("[server]\nport = \nhost = 1\n")
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("config.toml:2:8: this is not TOML (") == true)
        #expect(self.problems("[server]\nport = 1\nport = 2\n").first?.hasPrefix("config.toml:3:") == true)
    }

    @Test("a NUL, written out or escaped, is refused where it stands")
    func refusesNul() {
        #expect(
            self.problems("[server]\nport = 1\u{0}\n") == [
                "config.toml:2: there is a NUL byte. Save the file as UTF-8 text."
            ]
        )
        #expect(
            self.problems("[server]\nhost = \"a\\u0000b\"\n")
                == ["config.toml:2: a string holds a NUL character. Leave it out."]
        )
        #expect(self.problems("\"a\\u0000b\" = 1\n").isEmpty == false)
    }

    @Test("values that contradict each other are told at the one that was written")
    func tellsContradictions() {
        #expect(
            self.problems("[outbound]\nsoft = \"4MiB\"\n") == [
                "config.toml:2: outbound.soft: \"4MiB\" is not below outbound.hard (\"2MiB\"). Lower it, or raise outbound.hard."
            ]
        )
        #expect(
            self.problems("[outbound]\nhard = \"200KiB\"\n") == [
                "config.toml:2: outbound.hard: \"200KiB\" is not above outbound.soft (\"256KiB\"). Raise it, or lower outbound.soft."
            ]
        )
        #expect(
            self.problems("[limits]\nmessage_bytes = \"16MiB\"\n") == [
                "config.toml:2: limits.message_bytes: \"16MiB\" is not below outbound.hard (\"2MiB\"). Lower it, or raise outbound.hard."
            ]
        )
        #expect(self.problems("[limits]\nmessage_bytes = \"16MiB\"\n[outbound]\nhard = \"64MiB\"\n").isEmpty)
        // A value that could not be read contradicts nothing.
        #expect(self.problems("[outbound]\nsoft = \"4MiB\"\nhard = 1\n").count == 1)
    }

    @Test("the echo path is pointed out")
    func warnsOfEcho() {
        let report = self.read("[dev]\necho = true\nscript_errors = true\n")
        #expect(report.problems.isEmpty)
        #expect(report.warnings.map(\.path) == ["dev.echo", "dev.script_errors"])
    }

    @Test("a file that is missing, a folder, too large or not UTF-8 is told apart")
    func tellsFiles() throws {
        let folder = try TemporaryFolder()
        func problem(_ path: String) -> String? {
            ConfigurationReader.read(path: path, environment: [:]).problems.first?.complaint.what
        }
        let missing = folder.url.appending(path: "none.toml").path(percentEncoded: false)
        #expect(problem(missing) == "there is no such file")
        #expect(problem(folder.url.path(percentEncoded: false)) == "this is a folder")
        #expect(problem(try folder.write(Data([0x61, 0xFF]), to: "latin.toml")) == "the file is not UTF-8")
        #expect(problem(try folder.write(Data(count: 5 << 20), to: "large.toml")) == "the file is larger than 4 MiB")
        #expect(problem(try folder.write("", to: "empty.toml")) == nil)
    }

    @Test("mistakes of the environment are told even where the file is missing")
    func tellsEnvironmentWithoutFile() {
        let report = ConfigurationReader.read(path: "/nowhere/config.toml", environment: ["GAVEL_SERVER_PORT": "x"])
        #expect(report.problems.count == 2)
        let error = #expect(throws: ConfigurationError.self) { try report.get() }
        #expect(error?.description.split(separator: "\n").count == 2)
    }
}
