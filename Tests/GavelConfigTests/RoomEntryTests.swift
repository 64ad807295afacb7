import Foundation
import GavelConfig
import GavelCore
import Testing

@Suite("Kinds of rooms")
struct RoomEntryTests {
    private let folder: TemporaryFolder

    init() throws {
        self.folder = try TemporaryFolder()
        try self.folder.write("return gavel.rules()", to: "scripts/chess.lua")
        try self.folder.write("return gavel.rules()", to: "scripts/deep/go.lua")
        try self.folder.write("return gavel.rules()", to: "outside.lua")
    }

    private func read(_ text: String) -> ConfigurationReport {
        ConfigurationReader.read(text: text, folder: self.folder.url)
    }

    private func problems(_ text: String) -> [String] {
        self.read(text).problems.map(\.description)
    }

    private struct NoRules: RulesProvider, Error {
        let name = "none", version = "", identity = ""

        func makeRules(for key: RoomKey) throws -> any RoomRules { throw self }
    }

    @Test("an entry takes from [limits] what it does not say")
    func takesDefaults() throws {
        let rooms = try self.read(
            """
            [[rooms]]
            match = "a"
            [[rooms]]
            match = "b"
            message_bytes = "1KiB"
            inbound_bytes = "8KiB"
            max_clients = 4
            presence = true
            linger = "0s"
            [limits]
            message_bytes = "2KiB"
            inbound_bytes = "64KiB"
            """
        ).get().rooms
        #expect(rooms.map(\.messageBytes) == [2 << 10, 1 << 10])
        #expect(rooms.map(\.inboundBytes) == [64 << 10, 8 << 10])
        #expect(rooms.map(\.maxClients) == [nil, 4])
        #expect(rooms.map(\.presence) == [false, true])
        #expect(rooms.map(\.linger) == [.seconds(30), .zero])
        #expect(rooms.map(\.params) == [Array("{}".utf8), Array("{}".utf8)])
    }

    @Test("an entry's tables say what it keeps and how long it waits, and the others keep their defaults")
    func readsTables() throws {
        let configuration = try self.read(
            """
            [[rooms]]
            match = "a"
            [rooms.history]
            messages = 20
            bytes = "4KiB"
            age = "90s"
            [rooms.resume]
            grace = "5s"
            [[rooms]]
            match = "b"
            history = { bytes = "1MiB" }
            [[rooms]]
            match = "c"
            history.messages = "off"
            resume.grace = "off"
            """
        ).get()
        let policy = configuration.directory { _ in NoRules() }
        let defaults = RoomPolicy()
        #expect(policy(RoomKey("a"))?.history == HistoryLimits(messages: 20, bytes: 4 << 10, age: .seconds(90)))
        #expect(policy(RoomKey("a"))?.resumeGrace == .seconds(5))
        #expect(policy(RoomKey("b"))?.history == HistoryLimits(messages: 1_000, bytes: 1 << 20, age: .seconds(600)))
        #expect(policy(RoomKey("b"))?.resumeGrace == defaults.resumeGrace)
        #expect(policy(RoomKey("c"))?.history == nil)
        #expect(policy(RoomKey("c"))?.resumeGrace == nil)
        #expect(policy(RoomKey("unlisted"))?.history == HistoryLimits())
        #expect(policy(RoomKey("unlisted"))?.resumeGrace == .seconds(60))
    }

    @Test(
        "a mistake in an entry's table is told at its key, and a key or table elsewhere with its place",
        arguments: [
            (
                "[rooms.history]\nmesages = 5",
                "config.toml:4: rooms[0].history.mesages: there is no such key. Did you mean messages?"
            ),
            (
                "[rooms.history]\nbytes = 4096",
                "config.toml:4: rooms[0].history.bytes: 4096 has no unit. Write \"4096B\", or with another unit of B, KiB, MiB, GiB."
            ),
            (
                "resume = \"1m\"",
                "config.toml:3: rooms[0].resume: \"1m\" is not a table. Write [rooms.resume] and its keys below it."
            ),
            (
                "grace = \"1m\"",
                "config.toml:3: rooms[0].grace: there is no such key. Write it below [rooms.resume], under this entry."
            ),
            (
                "[resume]\ngrace = \"1m\"",
                "config.toml:3: resume: there is no such table. It belongs to a kind of rooms: write [rooms.resume] below its [[rooms]]."
            ),
        ]
    )
    func refusesTables(text: String, problem: String) {
        #expect(self.problems("[[rooms]]\nmatch = \"a\"\n\(text)") == [problem])
    }

    @Test("the first entry that matches decides, and rooms that none matches are relays or refused")
    func findsPolicy() throws {
        let text = """
            [[rooms]]
            match = "chess-blitz-*"
            max_clients = 1
            [[rooms]]
            match = "chess-*"
            max_clients = 2
            rules = "chess.lua"
            [[rooms]]
            match = "{go,chess}-*"
            max_clients = 3
            """
        var asked: [String?] = []
        var configuration = try self.read(text).get()
        let relay = configuration.directory { room in
            asked.append(room.rules)
            return NoRules()
        }
        #expect(asked == ["chess.lua"])
        #expect(relay(RoomKey("chess-blitz-1"))?.maxClients == 1)
        #expect(relay(RoomKey("chess-blitz-1"))?.rules == nil)
        #expect(relay(RoomKey("chess-1"))?.maxClients == 2)
        #expect(relay(RoomKey("chess-1"))?.rules != nil)
        #expect(relay(RoomKey("go-1"))?.maxClients == 3)
        let unlisted = try #require(relay(RoomKey("ludo-1")))
        #expect(unlisted.maxClients == nil)
        #expect(unlisted.messageBytes == configuration.limits.messageBytes)

        configuration.unlistedRooms = .refuse
        let refuse = configuration.directory { _ in NoRules() }
        #expect(refuse(RoomKey("ludo-1")) == nil)
        #expect(refuse(RoomKey("go-1")) != nil)
    }

    @Test("rules that do not load stop the making of the directory")
    func passesErrors() throws {
        let configuration = try self.read("[[rooms]]\nmatch = \"a\"\nrules = \"chess.lua\"").get()
        #expect(throws: NoRules.self) { try configuration.directory { _ in throw NoRules() } }
    }

    @Test("a rules file is found in the scripts folder, seen from the configuration file")
    func findsRules() throws {
        let configuration = try self.read("[[rooms]]\nmatch = \"a\"\nrules = \"deep/go.lua\"").get()
        let file = try #require(configuration.rulesFile(of: configuration.rooms[0]))
        #expect(try String(contentsOf: file, encoding: .utf8) == "return gavel.rules()")

        let text = "[scripts]\nfolder = \"scripts/deep\"\n[[rooms]]\nmatch = \"a\"\nrules = \"go.lua\""
        #expect(self.problems(text).isEmpty)
        let path = try self.folder.write(text, to: "config.toml")
        #expect(ConfigurationReader.read(path: path, environment: [:]).problems.isEmpty)
        let elsewhere = ConfigurationReader.read(path: path, environment: ["GAVEL_SCRIPTS_FOLDER": "scripts"])
        #expect(elsewhere.problems.map(\.path) == ["rooms[0].rules"])
    }

    @Test(
        "a rules file outside the scripts folder, or none at all, is refused",
        arguments: [
            ("../outside.lua", "\"../outside.lua\" leads out of the scripts folder"),
            ("deep/../../outside.lua", "\"deep/../../outside.lua\" leads out of the scripts folder"),
            ("/etc/passwd", "\"/etc/passwd\" is an absolute path"), ("", "the file name is empty"),
            ("./chess.lua", "\"./chess.lua\" is not a file name"),
            ("deep//go.lua", "\"deep//go.lua\" is not a file name"),
            ("deep", "deep is a folder"),
        ]
    )
    func refusesFiles(name: String, what: String) {
        let report = self.read("[[rooms]]\nmatch = \"a\"\nrules = \"\(name)\"")
        #expect(report.problems.map(\.complaint.what) == [what])
        #expect(report.problems.map(\.source) == [.file("config.toml", line: 3)])
    }

    @Test("a rules file that is not there is told with the nearest one that is")
    func suggestsFile() {
        let report = self.read("[[rooms]]\nmatch = \"a\"\nrules = \"ches.lua\"")
        #expect(report.problems.map(\.complaint.advice) == ["Did you mean chess.lua?"])
        #expect(report.configuration.rooms.map(\.rules) == [nil], "it would be told a second time")
    }

    @Test("a scripts folder that is not there is told once, at its key")
    func tellsMissingFolder() {
        let problems = self.read(
            """
            [scripts]
            folder = "lua"
            [[rooms]]
            match = "a"
            rules = "chess.lua"
            [[rooms]]
            match = "b"
            rules = "chess.lua"
            """
        ).problems
        #expect(problems.map(\.path) == ["scripts.folder"])
        #expect(problems.map(\.source) == [.file("config.toml", line: 2)])
    }

    @Test("parameters become a JSON object, whatever they hold")
    func writesParameters() throws {
        let configuration = try self.read(
            #"""
            [[rooms]]
            match = "a"
            rules = "chess.lua"
            [rooms.params]
            turn = 30
            name = "é \"q\" \\ \t \u0001"
            fast = false
            rate = 1.5
            "odd key" = [1, [], { b = 2, a = 1 }]
            """#
        ).get()
        #expect(
            String(decoding: configuration.rooms[0].params, as: UTF8.self)
                == #"{"fast":false,"name":"é \"q\" \\ \t \u0001","odd key":[1,[],{"a":1,"b":2}],"rate":1.5,"turn":30}"#
        )
    }

    @Test("two normalisations of a parameter's name are two parameters")
    func keepsNormalisations() throws {
        let text = "[[rooms]]\nmatch = \"a\"\nrules = \"chess.lua\"\nparams = { \"\u{E9}\" = 1, \"e\u{301}\" = 2 }"
        let params = try self.read(text).get().rooms[0].params
        #expect(params == Array("{\"e\u{301}\":2,\"\u{E9}\":1}".utf8))
    }

    @Test("parameters that JSON has no form for, or that nobody reads, are refused")
    func refusesParameters() {
        let entry = "[[rooms]]\nmatch = \"a\"\nrules = \"chess.lua\"\n"
        #expect(
            self.problems(entry + "params = { since = 2020-01-01 }") == [
                "config.toml:4: rooms[0].params: a date or time cannot be handed to the rules. Write it as a string, in quotes."
            ]
        )
        #expect(
            self.problems(entry + "[rooms.params]\nx = inf") == [
                "config.toml:4: rooms[0].params: inf cannot be handed to the rules. Write a finite number."
            ]
        )
        #expect(
            self.problems("[[rooms]]\nmatch = \"a\"\nparams = { a = 1 }") == [
                "config.toml:3: rooms[0].params: there are no rules to read them. Write rules = \"….lua\" in this entry."
            ]
        )
    }

    @Test("an entry without a pattern, or with a wrong one, is told")
    func refusesPatterns() {
        #expect(
            self.problems("[[rooms]]\npresence = true") == [
                "config.toml:1: rooms[0].match: this entry does not say which rooms it is for. Write match = \"chess-*\"."
            ]
        )
        #expect(
            self.problems("[[rooms]]\nmatch = \"[a\"") == [
                "config.toml:2: rooms[0].match: a [ has no ]. Close it, or write \\[ for the character itself."
            ]
        )
    }

    @Test("a room may not admit larger messages than its connections")
    func refusesLargerMessages() {
        #expect(
            self.problems("[limits]\nmessage_bytes = \"1KiB\"\n[[rooms]]\nmatch = \"a\"\nmessage_bytes = \"2KiB\"") == [
                "config.toml:5: rooms[0].message_bytes: 2KiB is more than limits.message_bytes. Write \"1KiB\" or less, or raise that limit."
            ]
        )
    }

    @Test("an entry that no room can reach is pointed out")
    func warnsOfShadows() {
        let text =
            "[[rooms]]\nmatch = \"a-*\"\n[[rooms]]\nmatch = \"*\"\n[[rooms]]\nmatch = \"b\"\n[[rooms]]\nmatch = \"a-*\""
        let report = self.read(text)
        #expect(report.problems.isEmpty)
        #expect(
            report.warnings.map(\.description) == [
                "config.toml:6: rooms[2].match: no room comes here: rooms[1] matches \"*\" first. Put the narrower pattern first.",
                "config.toml:8: rooms[3].match: no room comes here: rooms[0] matches \"a-*\" first. Put the narrower pattern first.",
            ]
        )
    }
}
