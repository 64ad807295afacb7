import GavelAdmin
import Testing

@Suite("Commands")
struct CommandRegistryTests {
    private static let relay: RelayDouble = {
        var content = RelayDouble.Content()
        var lobby = RoomView(RoomOverview("lobby"))
        lobby.clients = [ClientView(3, name: "Ada")]
        content.views = ["lobby": lobby]
        return RelayDouble(content)
    }()
    private let registry = ControlledRelay.registry(Self.relay)

    private func perform(_ name: String, _ arguments: [String: JSONValue] = [:]) async throws -> String {
        let reply = try await self.registry.perform(name, arguments) { _ in Issue.record("\(name) is no stream") }
        return String(decoding: try #require(reply), as: UTF8.self)
    }

    private func error(_ name: String, _ arguments: [String: JSONValue] = [:]) async -> CommandError? {
        await #expect(throws: CommandError.self) { _ = try await self.perform(name, arguments) }
    }

    @Test("reach the relay with their arguments")
    func arguments() async throws {
        let kick: [String: JSONValue] = ["room": .text("lobby"), "client": .integer(3), "reason": .text("rude")]
        #expect(try await self.perform("kick", kick) == #"{"done":"Client 3 is out of lobby."}"#)
        #expect(Self.relay.done.contains("kick 3 from lobby: rude"))
        let notice = try await self.perform("notice", ["text": .text("soon"), "room": .null])
        #expect(notice == #"{"rooms":1}"#)
        #expect(Self.relay.done.contains("notice to all: soon"))
    }

    @Test("what is not there is told")
    func notFound() async {
        #expect(await self.error("room", ["room": .text("x")])?.code == .notFound)
        #expect(await self.error("close", ["room": .text("x")])?.code == .notFound)
        #expect(await self.error("notice", ["room": .text("x"), "text": .text("hi")])?.code == .notFound)
        let kick = await self.error("kick", ["room": .text("lobby"), "client": .integer(4)])
        #expect(kick == CommandError(.notFound, "There is no client 4 in a room \"lobby\"."))
    }

    @Test(
        "what cannot be meant is told, with what could be",
        arguments: [
            ("relaod", [:], CommandError.Code.unknownCommand, "Did you mean reload?"),
            ("xyzzy", [:], .unknownCommand, "There are commands, status, "),
            ("room", ["rom": .text("a")], .badArgument, "room has no argument \"rom\". Did you mean room?"),
            ("status", ["room": .text("a")], .badArgument, "It takes none."),
            ("room", [:], .badArgument, "room needs the argument room: Its name."),
            ("room", ["room": .integer(3)], .badArgument, "room is a whole number; give a text."),
            (
                "kick", ["room": .text("a"), "client": .integer(0)], .badArgument,
                "client is 0; give a whole number from 1 on."
            ),
            ("rooms", ["limit": .number(1.5)], .badArgument, "limit is a number; give a whole number from 1 to 10000."),
            ("rooms", ["sort": .text("client")], .badArgument, "Did you mean clients?"),
            ("log-level", ["level": .text("loud")], .badArgument, "Give one of trace, debug, info,"),
        ] as [(String, [String: JSONValue], CommandError.Code, String)]
    )
    func mistakes(
        _ name: String,
        _ arguments: [String: JSONValue],
        _ code: CommandError.Code,
        _ text: String
    ) async throws {
        let error = try #require(await self.error(name, arguments))
        #expect(error.code == code)
        #expect(error.text.contains(text), "\(error.text)")
    }

    @Test("the list describes every command, itself too")
    func list() async throws {
        let reply = try await self.registry.perform("commands", [:]) { _ in }
        let list = try AdminJSON.decode(CommandList.self, from: try #require(reply))
        #expect(list == self.registry.list)
        #expect(
            Set(list.commands.map(\.name)) == [
                "commands", "status", "rooms", "room", "kick", "close", "notice", "drain", "reload", "versions",
                "rollback", "log-level",
            ]
        )
        #expect(list.commands.allSatisfy { !$0.summary.isEmpty && !$0.isStream })
    }

    @Test("arguments are described under the names that they have")
    func fields() throws {
        func check(_ arguments: some CommandArguments) throws {
            let json = try AdminJSON.decode([String: JSONValue].self, from: try AdminJSON.encode(arguments))
            #expect(Set(json.keys) == Set(type(of: arguments).fields.map(\.name)))
        }
        try check(NoArguments())
        try check(RoomsArguments(search: "a", sort: .name, limit: 1))
        try check(RoomArguments(room: "a"))
        try check(KickArguments(room: "a", client: 1, reason: "b"))
        try check(CloseArguments(room: "a", reason: "b"))
        try check(NoticeArguments(text: "a", room: "b"))
        try check(RollbackArguments(file: "a", version: "b"))
        try check(LogLevelArguments(level: "info"))
    }

    @Test("texts of JSON come through as they were", arguments: ["camelCase", "snake_case", "a\"b", "é"])
    func keys(_ key: String) throws {
        let value = JSONValue.object([key: .list([.integer(1), .number(0.5), .boolean(false), .null, .text("x")])])
        #expect(try AdminJSON.decode(JSONValue.self, from: try AdminJSON.encode(value)) == value)
    }
}
