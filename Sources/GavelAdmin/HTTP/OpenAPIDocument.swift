/// What can be asked over HTTP, for programs: an OpenAPI 3.1 document made from a registry of commands.
struct OpenAPIDocument {
    let bytes: [UInt8]

    /// - Throws: Where a command answers with a type whose schema cannot be found.
    init(_ registry: CommandRegistry, version: String) throws {
        var paths: [String: JSONValue] = [:]
        for command in registry.list.commands {
            guard let type = registry.replies[command.name] else { continue }
            let reply = try SchemaReader.schema(of: type)
            let method = command.effect == .looks ? "get" : "post"
            paths[CommandInterface.path + command.name] = .object([method: Self.operation(command, reply: reply)])
        }
        let document: JSONValue = .object([
            "openapi": .text("3.1.0"),
            "info": .object([
                "title": .text("Gavel"),
                "version": .text(version),
                "description": .text(
                    "What an operator can ask of a running relay. A WebSocket at \(WebSocketHandshake.path) takes the same "
                        + "commands as messages, {\"id\":1,\"command\":\"rooms\",\"arguments\":{}}, after a first one with the "
                        + "token, {\"token\":\"...\"}."
                ),
            ]),
            "security": .list([.object(["token": .list([])])]),
            "paths": .object(paths),
            "components": .object([
                "securitySchemes": .object(["token": .object(["type": .text("http"), "scheme": .text("bearer")])]),
                "schemas": .object(["Error": Self.error]),
            ]),
        ])
        self.bytes = try AdminJSON.encode(document, forPeople: true)
    }

    private static func operation(_ command: CommandList.Entry, reply: JSONValue) -> JSONValue {
        let reference: JSONValue = .object(["$ref": .text("#/components/schemas/Error")])
        let line: JSONValue = .object(["oneOf": .list([reply, reference])])
        let answer: JSONValue = .object([
            "description": .text(
                command.isStream
                    ? "One object a line, until whoever asked leaves; where it ends early, the last is an error."
                    : "It is done."
            ),
            "content": .object([
                command.isStream ? "application/x-ndjson" : "application/json":
                    .object(["schema": command.isStream ? line : reply])
            ]),
        ])
        let error: JSONValue = .object([
            "description": .text("It is not done."),
            "content": .object(["application/json": .object(["schema": reference])]),
        ])
        var operation: [String: JSONValue] = [
            "operationId": .text(command.name),
            "summary": .text(command.summary),
            "responses": .object(["200": answer, "default": error]),
        ]
        if command.effect == .looks {
            operation["parameters"] = .list(
                command.arguments.map { field in
                    .object([
                        "name": .text(field.name), "in": .text("query"), "required": .boolean(field.isRequired),
                        "description": .text(field.summary), "schema": .object(field.schema),
                    ])
                }
            )
        } else {
            operation["requestBody"] = .object([
                "required": .boolean(command.arguments.contains { $0.isRequired }),
                "content": .object(["application/json": .object(["schema": Self.body(command.arguments)])]),
            ])
        }
        return .object(operation)
    }

    private static func body(_ fields: [CommandField]) -> JSONValue {
        let properties = fields.map { field in
            (field.name, JSONValue.object(field.schema.merging(["description": .text(field.summary)]) { $1 }))
        }
        return .object([
            "type": .text("object"),
            "properties": .object(Dictionary(uniqueKeysWithValues: properties)),
            "required": .list(fields.filter(\.isRequired).map { .text($0.name) }),
            "additionalProperties": .boolean(false),
        ])
    }

    private static let error: JSONValue = .object([
        "type": .text("object"),
        "properties": .object([
            "error": .object([
                "type": .text("object"),
                "properties": .object([
                    "code": .object(["type": .text("string")]),
                    "text": .object(["type": .text("string")]),
                ]),
                "required": .list([.text("code"), .text("text")]),
            ])
        ]),
        "required": .list([.text("error")]),
    ])
}

extension CommandField {
    fileprivate var schema: [String: JSONValue] {
        var schema: [String: JSONValue] = [:]
        switch self.kind {
        case .text: schema["type"] = .text("string")
        case .integer: schema["type"] = .text("integer")
        case .boolean: schema["type"] = .text("boolean")
        }
        if let choices = self.choices { schema["enum"] = .list(choices.map { .text($0) }) }
        if let minimum = self.minimum { schema["minimum"] = .integer(minimum) }
        if let maximum = self.maximum, maximum < .max { schema["maximum"] = .integer(maximum) }
        return schema
    }
}
