import GavelAdmin
import Testing

@Suite("The OpenAPI document", .timeLimit(.minutes(10)))
struct OpenAPITests {
    private static func document(_ client: HTTPClient) async throws -> JSONValue {
        let answer = try await client.ask("GET", "/api/v1/openapi.json")
        #expect(answer.status == 200)
        return try AdminJSON.decode(JSONValue.self, from: answer.body)
    }

    private static func relay() -> RelayDouble {
        var content = RelayDouble.Content()
        var room = RoomOverview("a")
        room.rules = "chat.lua"
        room.version = "5d41402abc"
        content.rooms = [room]
        var view = RoomView(room)
        view.clients = [ClientView(3, name: "Ada")]
        view.lastFailure = RoomView.Failure(hook: "on_join", text: "chat.lua:3: no")
        view.nextTimerMilliseconds = 7
        content.views = ["a": view]
        content.files = [FileOutcome("chat.lua", .refused)]
        content.histories = [
            RulesHistory("chat.lua", versions: [.init("5d41402abc", since: 7, files: ["chat.lua"])], refused: ["x"])
        ]
        return RelayDouble(content)
    }

    @Test("it has each command of the registry, and each way to ask for it works as it says")
    func isTrue() async throws {
        var registry = ControlledRelay.registry(Self.relay())
        let gate = StreamGate(1)
        registry.add(CountingRelayDouble() as any CountingRelay, wait: { try await gate.wait($0) })
        registry.add(TrialDouble() as any TrialOperations)
        registry.add(TrialDouble() as any FailureOperations)
        registry.add(TrialDouble() as any RecordingOperations)
        registry.add(TrialDouble() as any WatchOperations)
        try await ServedRelay.run(registry) { relay async throws in
            let document = try await Self.document(relay.client)
            #expect(document["openapi"] == .text("3.1.0"))
            let paths = try #require(document["paths"]?.members)
            #expect(Set(paths.keys) == Set(registry.list.commands.map { "/api/v1/\($0.name)" }))
            for command in registry.list.commands {
                let operations = try #require(paths["/api/v1/\(command.name)"]?.members)
                #expect(operations.count == 1)
                let (method, operation) = try #require(operations.first)
                #expect(operation["operationId"] == .text(command.name))
                let (query, body) = try Self.request(command, operation, method)
                let answer = try await relay.client.ask(
                    method.uppercased(),
                    "/api/v1/\(command.name)\(query)",
                    body: body
                )
                #expect(answer.status == 200, "\(command.name): \(answer.text)")
                let content = operation["responses"]?["200"]?["content"]?.members
                let (type, description) = try #require(content?.first)
                #expect(answer.headers["content-type"] == type)
                let schema = try #require(description["schema"])
                let error = try #require(document["components"]?["schemas"]?["Error"])
                guard command.isStream else {
                    let reply = try AdminJSON.decode(JSONValue.self, from: answer.body)
                    #expect(Self.mistakes(reply, against: schema, at: command.name) == [])
                    continue
                }
                guard case .list(let kinds)? = schema["oneOf"] else {
                    Issue.record("\(command.name): \(schema)")
                    continue
                }
                #expect(kinds.dropFirst() == [.object(["$ref": .text("#/components/schemas/Error")])])
                #expect(!answer.lines.isEmpty)
                for line in answer.lines {
                    let value = try AdminJSON.decode(JSONValue.self, from: line.utf8)
                    let kind = value["error"] == nil ? kinds[0] : error
                    #expect(Self.mistakes(value, against: kind, at: command.name) == [])
                }
                #expect((answer.lines.last?.hasPrefix(#"{"error":"#) == true) == (command.name == "shadow"))
            }
        }
    }

    @Test("an error is what it says an error is")
    func errors() async throws {
        try await ServedRelay.run { relay async throws in
            let document = try await Self.document(relay.client)
            let schema = try #require(document["components"]?["schemas"]?["Error"])
            for path in ["/api/v1/room?room=none", "/api/v1/nothing", "/nothing"] {
                let answer = try await relay.client.ask("GET", path)
                let value = try AdminJSON.decode(JSONValue.self, from: answer.body)
                #expect(Self.mistakes(value, against: schema, at: path) == [])
            }
        }
    }

    /// A request made of the document alone, which names every argument that the registry has.
    private static func request(
        _ command: CommandList.Entry,
        _ operation: JSONValue,
        _ method: String
    ) throws -> (query: String, body: String?) {
        let values: [String: JSONValue] = ["room": .text("a"), "client": .integer(3), "file": .text("chat.lua")]
        func value(_ name: String, _ schema: JSONValue?) -> JSONValue {
            if case .list(let choices)? = schema?["enum"] { return choices[0] }
            if schema?["type"] == .text("boolean") { return .boolean(true) }
            return values[name]
                ?? (schema?["type"] == .text("integer") ? schema?["minimum"] ?? .integer(1) : .text("a"))
        }
        if method == "get" {
            guard case .list(let parameters)? = operation["parameters"] else { return ("", nil) }
            #expect(parameters.compactMap { $0["name"]?.string } == command.arguments.map(\.name))
            let pairs = parameters.map { parameter in
                let name = parameter["name"]?.string ?? ""
                return "\(name)=\(value(name, parameter["schema"]).plain)"
            }
            return (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"), nil)
        }
        let schema = operation["requestBody"]?["content"]?["application/json"]?["schema"]
        let properties = try #require(schema?["properties"]?.members)
        #expect(Set(properties.keys) == Set(command.arguments.map(\.name)))
        let members = properties.keys.reduce(into: [:]) { $0[$1] = value($1, properties[$1]) }
        return ("", String(decoding: try AdminJSON.encode(JSONValue.object(members)), as: UTF8.self))
    }

    /// Where a value is not as a schema says, in the part of JSON Schema that the document is written in.
    private static func mistakes(_ value: JSONValue, against schema: JSONValue, at place: String) -> [String] {
        switch (schema["type"]?.string, value) {
        case ("string"?, .text(let text)):
            guard case .list(let words)? = schema["enum"] else { return [] }
            return words.contains(.text(text)) ? [] : ["\(place) is \"\(text)\""]
        case ("integer"?, .integer), ("boolean"?, .boolean), ("number"?, .integer), ("number"?, .number):
            return []
        case ("array"?, .list(let items)):
            let schema = schema["items"] ?? .object([:])
            return items.flatMap { Self.mistakes($0, against: schema, at: "\(place)[]") }
        case ("object"?, .object(let members)):
            let properties = schema["properties"]?.members ?? [:]
            if let values = schema["additionalProperties"], values.members != nil {
                return members.flatMap { Self.mistakes($0.value, against: values, at: "\(place).\($0.key)") }
            }
            var mistakes = members.keys.filter { properties[$0] == nil }.map { "\(place).\($0) is not described" }
            if case .list(let required)? = schema["required"] {
                mistakes += required.compactMap(\.string).filter { members[$0] == nil }.map { "\(place) lacks \($0)" }
            }
            return mistakes
                + members.sorted { $0.key < $1.key }.flatMap { name, value in
                    properties[name].map { Self.mistakes(value, against: $0, at: "\(place).\(name)") } ?? []
                }
        default:
            return ["\(place) is \(value), and \(schema) was promised"]
        }
    }
}

extension JSONValue {
    fileprivate var members: [String: JSONValue]? { if case .object(let members) = self { members } else { nil } }
    fileprivate var string: String? { if case .text(let text) = self { text } else { nil } }

    fileprivate subscript(name: String) -> JSONValue? { self.members?[name] }

    /// As a query has it.
    fileprivate var plain: String {
        switch self {
        case .text(let text): text
        case .integer(let value): String(value)
        case .boolean(let value): String(value)
        default: ""
        }
    }
}
