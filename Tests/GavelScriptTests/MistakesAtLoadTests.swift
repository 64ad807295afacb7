import GavelScript
import Testing

/// The mistakes of a designer that show when the file is loaded, each with all that is said of it.
@Suite("mistakes at load")
struct MistakesAtLoadTests {
    /// - Parameter body: Begins on line 2.
    private func mistake(_ body: String, end: String = "return rules") -> String {
        loadError("local rules = gavel.rules()\n\(body)\n\(end)")?.description ?? "it loads"
    }

    private static let move = "rules.messages.move = {}\n"

    @Test("a hook in a table that is none is told the two that there are")
    func onMessage() {
        #expect(
            self.mistake("function rules.on_message.move() end") == """
                ttt.lua:2: there is no rules.on_message. Write rules.filters.move (relayed unless refused) or \
                rules.commands.move (handled, never relayed).
                """
        )
    }

    @Test("a hook for those who joined is told of the join command", arguments: ["on_join", "on_joined"])
    func onJoined(name: String) {
        #expect(
            self.mistake("function rules.\(name)(room) end") == """
                ttt.lua:2: unknown hook "\(name)". A join is a command: write rules.commands.join(room, client, \
                request); gavel.reject refuses, a returned table is added to the joined reply.
                """
        )
    }

    @Test("a command of no message is told the nearest one")
    func nearestMessage() {
        #expect(
            self.mistake("rules.messages.choose = {}\nfunction rules.commands.chose() end") == """
                ttt.lua:3: commands.chose has no schema. Did you mean choose (ttt.lua:2)? Else add \
                rules.messages.chose = { … }.
                """
        )
    }

    @Test("a message with a filter and a command is told where both are")
    func filterAndCommand() {
        #expect(
            self.mistake(Self.move + "function rules.filters.move() end\nfunction rules.commands.move() end") == """
                ttt.lua:4: "move" has a filter (ttt.lua:3) and a command. A message is relayed or handled: keep one.
                """
        )
    }

    @Test("a filter for the join, and a handler that is set twice, are told what to write and where the first is")
    func joinFilterAndTwice() {
        #expect(
            self.mistake("function rules.filters.join() end")
                == "ttt.lua:2: filters.join: a join is never relayed. Write rules.commands.join."
        )
        let twice = loadError(
            "local rules = gavel.rules()\nrules.messages.move = {}\nrequire 'moves'\n"
                + "function rules.commands.move() end\nreturn rules",
            modules: ["moves.lua": "local rules = gavel.rules()\n\n\nfunction rules.commands.move() end"]
        )
        #expect(
            twice?.description == "ttt.lua:4: commands.move is set a second time; the first is at moves.lua:4."
        )
    }

    @Test("a file that returns nothing is told how to end")
    func returnsNothing() {
        #expect(self.mistake("", end: "") == "ttt.lua:2: the file returned nothing. End it with: return rules")
    }

    @Test("a plain table in place of the rules is told how to begin")
    func plainTable() {
        #expect(
            loadError("local rules = {}\nfunction rules.on_create() end\nreturn rules")?.description
                == "ttt.lua:3: the file returned a plain table. Begin it with: local rules = gavel.rules()"
        )
    }

    @Test("an unknown option of a schema is told the nearest one and all")
    func schemaOption() {
        #expect(
            self.mistake("rules.messages.move = { cell = gavel.integer { minimum = 1 } }") == """
                ttt.lua:2: messages.move.cell: integer has no option "minimum". Did you mean min? (min, max)
                """
        )
    }

    @Test("a text in place of a schema is told both that it may mean")
    func textAsSchema() {
        #expect(
            self.mistake("rules.messages.move = { cell = \"integer\" }") == """
                ttt.lua:2: messages.move.cell is a string. Write gavel.integer { … }, or gavel.one_of { "integer" } \
                for that very word.
                """
        )
    }

    @Test("a schema that nothing can meet is told why")
    func neverMet() {
        #expect(
            self.mistake("rules.messages.move = { cell = gavel.integer { min = 9, max = 1 } }")
                == "ttt.lua:2: messages.move.cell can never be met: min 9 is above max 1."
        )
    }

    @Test("a type of the relay's is told so", arguments: ["error", "joined", "client_left"])
    func relayType(type: String) {
        #expect(
            self.mistake("rules.messages.\(type) = {}")
                == "ttt.lua:2: messages.\(type): that type belongs to the relay. Choose another name."
        )
        #expect(
            self.mistake("rules.messages.move = { client_id = gavel.integer }")
                == "ttt.lua:2: messages.move.client_id: that field belongs to the relay. Choose another name."
        )
    }

    @Test("a rate that is a bare number is told how to write one")
    func rate() {
        #expect(
            self.mistake("rules.messages.chat = {}\nrules.options.chat = { rate = 5 }")
                == "ttt.lua:3: options.chat.rate is 5. Write how many in what time: \"5/10s\"."
        )
    }

    @Test("options of a message that is none are told the nearest one")
    func options() {
        #expect(
            self.mistake("rules.messages.cursor = {}\nrules.options.cusor = { rate = \"5/1s\" }")
                == "ttt.lua:3: options.cusor: no such message. Did you mean cursor?"
        )
    }

    @Test("a local of the file that a hook changes is told where it is, and where such things are kept")
    func fileLocal() {
        #expect(
            self.mistake("local turn = 1\n\(Self.move)function rules.filters.move(room)\n  turn = 2\nend") == """
                ttt.lua:5: "turn" is a local of the file (line 2), changed in filters.move. It would be lost on \
                reload and not undone on an error: keep it in room.state.turn.
                """
        )
    }

    @Test("a module that is not there is told where it was looked for")
    func noModule() {
        #expect(
            self.mistake("local socket = require \"socket\"") == """
                ttt.lua:2: no module "socket" in scripts/ (looked for scripts/socket.lua). Only files of that folder \
                can be required.
                """
        )
    }

    @Test("what stock Lua has and rules have not is told what there is instead, also at load")
    func missingLibraries() {
        #expect(
            self.mistake("local now = os.time()")
                == "ttt.lua:2: there is no os here. For the time: gavel.now() (milliseconds)."
        )
    }

    @Test("a default in a message is told that only params have them")
    func messageDefault() {
        let text = """
            messages.move.cell: only rules.params have defaults. Write gavel.optional(…), and in the hook: msg.field \
            or the default.
            """
        #expect(self.mistake("rules.messages.move = { cell = gavel.integer { default = 1 } }") == "ttt.lua:2: " + text)
        #expect(
            self.mistake("rules.messages.move = { cell = gavel.optional(gavel.integer { default = 1 }) }")
                == "ttt.lua:2: " + text
        )
        #expect(self.mistake("rules.params = { turn = gavel.integer { default = 1 } }") == "it loads")
    }

    @Test("an expression through very many fields is told its line; many that are not nested load")
    func fields() {
        let chain = "local t = ...\nlocal x = t" + String(repeating: ".a", count: 1001)
        #expect(
            self.mistake("local function f(...)\n\(chain)\nend") == """
                ttt.lua:4: an expression goes through more than 1000 fields, one after the other. Cut it with a local.
                """
        )
        let many = (0..<3000).map { _ in "x = t.a.b.c.d" }.joined(separator: "\n")
        #expect(self.mistake("local function f(t)\nlocal x\n\(many)\nend") == "it loads")
    }

    @Test("params that are too large or nested too deep are told so")
    func params() {
        func mistake(_ params: String) -> String {
            do throws(ScriptError) {
                _ = try ScriptRules.load(
                    source: Array("return gavel.rules()".utf8),
                    name: "ttt.lua",
                    paramsJSON: Array(params.utf8),
                    logger: LogRecorder().logger
                )
                return "it loads"
            } catch {
                return error.description
            }
        }
        let deep = String(repeating: "[", count: 31), end = String(repeating: "]", count: 31)
        #expect(mistake("{\"a\":\(deep)\(end)}") == "it loads")
        #expect(
            mistake("{\"a\":[\(deep)\(end)]}") == "ttt.lua: the params are nested deeper than 31 levels. Flatten them."
        )
        #expect(mistake("{\"a\":\"\(String(repeating: "x", count: 65_528))\"}") == "it loads")
        #expect(
            mistake("{\"a\":\"\(String(repeating: "x", count: 65_529))\"}")
                == "ttt.lua: the params have 65537 bytes as JSON; rules can be given 65536."
        )
    }
}
