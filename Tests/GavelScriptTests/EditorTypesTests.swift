import Foundation
import GavelScript
import Testing

@Suite("what editors are told")
struct EditorTypesTests {
    let stub = Stub(EditorTypes.stub())

    @Test("the stub is Lua, and no file of rules")
    func isLua() throws {
        #expect(EditorTypes.stub().hasPrefix("---@meta _\n"))
        // It compiles: what fails is its run.
        let error = try #require(loadError(EditorTypes.stub()))
        #expect(error.text.contains("global \"gavel\" cannot be set"))
    }

    @Test("every name that a script finds in the engine stands in the stub")
    func nothingIsMissing() throws {
        let engine = try EngineNames()
        #expect(engine.globals.isSubset(of: self.stub.globals.union(EngineNames.libraries)))
        // Two names are for files of tests alone.
        #expect(engine.gavel.union(["test", "absent"]) == self.stub.members("Gavel"))
        #expect(engine.json == self.stub.members("GavelJSON"))
        #expect(engine.roomFunctions == self.stub.functions("Room"))
        #expect(engine.roomFunctions.count > 5)
    }

    @Test("every global of the stub is one of the engine")
    func noGlobalTooMany() throws {
        let engine = try EngineNames()
        #expect(self.stub.globals.subtracting(engine.globals) == [])
        #expect(self.stub.globals.count > 15)
    }

    @Test("what Lua has and rules have not is marked, and everything else of its libraries is there")
    func removed() throws {
        let engine = try EngineNames()
        let stock = EngineNames.stock
        #expect(!stock.isEmpty)
        #expect(stock.subtracting(engine.builtinFunctions) == self.stub.deprecated)
        // require is a function of Lua's package library, of which rules have no other.
        #expect(engine.builtinFunctions.subtracting(stock) == ["require"])
    }

    @Test("a hook can read each field of the stub, and call each function by its name")
    func fieldsAreThere() throws {
        let reads =
            self.stub.members("Room").map { "_ = room.\($0)" } + self.stub.members("Client").map { "_ = client.\($0)" }
            + self.stub.functions("Room").map { "assert(type(room.\($0)) == 'function', '\($0)')" }
        #expect(reads.count > 15)
        let answer = try run("local _\n\(reads.sorted().joined(separator: "\n"))\nreturn { ok = true }")
        #expect(answer.payload == #""ok":true"#)
    }

    @Test("a file may set each hook and table of the stub, and no others")
    func hooks() {
        let names = self.stub.members("Rules")
        #expect(names.isSuperset(of: ["messages", "filters", "params", "on_create", "snapshot"]))
        for name in names {
            let value = self.stub.fieldTypes["Rules.\(name)"]?.hasPrefix("fun") == true ? "function() end" : "{}"
            #expect(loadError("local rules = gavel.rules()\nrules.\(name) = \(value)\nreturn rules") == nil, "\(name)")
        }
        let error = loadError("local rules = gavel.rules()\nrules.zzzzzzzzzzzz = {}\nreturn rules")
        let told = error?.text.split(separator: " ").map { $0.trimmingCharacters(in: .punctuationCharacters) } ?? []
        #expect(names.isSubset(of: Set(told)))
    }

    @Test("each option of a message and of a schema is taken as the stub writes it")
    func options() throws {
        let values = ["rate": #""5/10s""#, "strict": "false", "class": #""latest""#, "key": #""a""#, "echo": "false"]
        for name in self.stub.members("Options") where !["key", "echo"].contains(name) {
            let option = "\(name) = \(try #require(values[name], "\(name)"))"
            #expect(
                loadError(
                    "local rules = gavel.rules()\nrules.messages.m, rules.options.m = {}, { \(option) }\nreturn rules"
                ) == nil
            )
        }
        let schemas = [
            "integer": "{ min = 1, max = 2, default = 1 }", "number": "{ min = 0.5, max = 2, default = 1 }",
            "string": "{ min = 1, max = 2, default = 'a' }", "boolean": "{ default = true }", "any": "{ default = 1 }",
        ]
        for (name, options) in schemas {
            let keys = options.matches(of: /(\w+) =/).map { "\($0.1)?: " }
            let overload = try #require(self.stub.overloads["Schema.\(name)"])
            #expect(keys.allSatisfy { overload.contains($0) })
            #expect(overload.count(where: { $0 == "?" }) == keys.count)
            #expect(
                loadError("local rules = gavel.rules()\nrules.params = { p = gavel.\(name) \(options) }\nreturn rules")
                    == nil
            )
        }
    }

    @Test("each name has a description, and functions have a type for each parameter")
    func described() {
        #expect(self.stub.undescribed == [])
        #expect(self.stub.untyped == [])
        #expect(
            EditorTypes.stub().contains(
                "---@param key? string|integer\nfunction Room:after(delay, name, data, key) end"
            )
        )
        #expect(EditorTypes.stub().contains("---@generic K, V\n---@param table table<K, V>\n---@return (fun("))
    }

    @Test("files are written once, settings that somebody changed stay, and the stub is written anew")
    func files() throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "gavel-types-\(UInt64.random(in: 0...UInt64.max))"
        )
        defer { try? FileManager.default.removeItem(at: folder) }
        let stub = folder.appending(path: EditorTypes.stubPath)
        let settings = folder.appending(path: EditorTypes.settingsPath)
        #expect(try EditorTypes.write(to: folder) == [.written(stub.relativePath), .written(settings.relativePath)])
        #expect(try String(contentsOf: stub, encoding: .utf8) == EditorTypes.stub())
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: settings)) as? [String: Any]
        let runtime = try #require(object?["runtime"] as? [String: Any])
        #expect(runtime["version"] as? String == "Lua 5.4")
        #expect((runtime["builtin"] as? [String: String])?["io"] == "disable")
        let workspace = try #require(object?["workspace"] as? [String: [String]])
        #expect(
            workspace["library"]?.map { folder.appending(path: $0).path } == [
                stub.deletingLastPathComponent().path
            ]
        )
        #expect(
            try EditorTypes.write(to: folder) == [.unchanged(stub.relativePath), .unchanged(settings.relativePath)]
        )

        try Data("{}".utf8).write(to: settings)
        try Data("old".utf8).write(to: stub)
        #expect(try EditorTypes.write(to: folder) == [.written(stub.relativePath), .kept(settings.relativePath)])
        #expect(try Data(contentsOf: settings) == Data("{}".utf8))
        #expect(try String(contentsOf: stub, encoding: .utf8) == EditorTypes.stub())
    }

    @Test("libraries that rules have not are off in the settings")
    func settings() throws {
        let object = try JSONSerialization.jsonObject(with: Data(EditorTypes.settings.utf8)) as? [String: Any]
        let off = Set(
            ((object?["runtime"] as? [String: Any])?["builtin"] as? [String: String])?.filter { $0.value == "disable" }
                .keys.map(\.self) ?? []
        )
        for library in ["io", "os", "debug", "package", "coroutine"] {
            #expect(off.contains(library))
            #expect(try run("return { ok = rawget(_G, '\(library)') == nil }").payload == #""ok":true"#)
        }
        #expect(off.isDisjoint(with: EngineNames.libraries))
    }
}
