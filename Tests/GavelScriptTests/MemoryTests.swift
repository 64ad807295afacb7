import CGavelLua
import GavelCore
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite("memory of a room's rules")
struct MemoryTests {
    @Test("a room of tic-tac-toe in the middle of a game takes less than 26 KB of Lua's memory")
    func ticTacToe() throws {
        let path = scriptsFolder + "tictactoe.lua"
        let file = try #require(fopen(path, "rb"))
        defer { fclose(file) }
        let source = [UInt8](unsafeUninitializedCapacity: 100_000) { $1 = fread($0.baseAddress, 1, 100_000, file) }
        #expect(try Self.memory(of: source, sending: #"{"type":"move","cell":5}"#, expecting: GL_RELAY) < 26_000)
    }

    @Test("a room of a few lines takes less than 13 KB")
    func few() throws {
        let source = """
            local rules = gavel.rules()
            rules.messages.move = { cell = gavel.integer { min = 1, max = 9 } }
            function rules.commands.move(room, client, msg)
              room.state.n = math.max(msg.cell, 3)
              room:broadcast { type = "moved", to = ("x"):rep(3) }
            end
            return rules
            """
        #expect(
            try Self.memory(of: Array(source.utf8), sending: #"{"type":"move","cell":5}"#, expecting: GL_HANDLED)
                < 13_000
        )
    }

    @Test("names that a room uses for the first time are there, however it asks for them")
    func names() throws {
        let answer = try run(
            """
            local functions = 0
            for name, value in pairs(math) do functions = functions + (type(value) == "function" and 1 or 0) end
            local first = next(utf8)
            assert(rawget(string, "upper") == ("").upper and math.pi == rawget(math, "pi") and _G.print == print)
            assert(rawget(math, "randomseed") == nil and math.randomseed == nil and string.dump == nil)
            assert(_G.load == nil and _G.nothing == nil and getmetatable(math) == false)
            return { functions = functions, first = first, max = math.maxinteger }
            """
        )
        #expect(answer.payload == #""first":"char","functions":30,"max":9223372036854775807"#)
    }

    @Test("a hook can read and call functions that the file set, as while it was loaded")
    func setFunctions() throws {
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            rules.messages.a, rules.messages.b = {}, {}
            function rules.on_create(room) room.state.n = 1 end
            function rules.commands.a(room) return { n = room.state.n } end
            function rules.commands.b(room)
              rules.on_create(room)
              rules.timers.t(room)
              assert(rules.commands.join and rules.filters["*"] and rules.commands.c == nil and rules.filters.a == nil)
              return rules.commands.a(room)
            end
            function rules.commands.join() end
            rules.filters["*"] = function() end
            function rules.timers.t(room) room.state.n = room.state.n + 1 end
            return rules
            """
        )
        room.create()
        room.join(1)
        #expect(room.send(1, #"{"type":"b"}"#).payload == #""n":2"#, "\(room.log.lastError)")
    }

    /// Bytes of the Lua state after two joins and a message.
    private static func memory(of source: [UInt8], sending text: String, expecting verdict: Int) throws -> Int {
        var chunk = gl_chunk(), error = gl_error()
        try #require(gl_compile("test.lua", source, source.count, &chunk, &error))
        defer { free(chunk.bytes) }
        var limits = gl_limits()
        limits.instructions = 1_000_000
        limits.time_ns = 5_000_000_000
        limits.memory_bytes = 8 << 20
        limits.block_bytes = 1 << 20
        limits.effects = 256
        limits.output_bytes = 1 << 20
        let engine = try #require(gl_new(&limits, [0x72], 1, [1, 2, 3, 4]))
        defer { gl_free(engine) }
        let isLoaded = "test.lua".withCString { name in
            var file = gl_source(name: name, chunk: chunk)
            return gl_load(engine, &file, 1, nil, 0)
        }
        try #require(isLoaded)
        let moment = gl_context(now_ms: 1, uptime_ms: 1, last_id: 0)
        _ = gl_create(engine, moment)
        for client in 1...2 as ClosedRange<UInt64> {
            let joined = withMessage(#"{"type":"join"}"#) { gl_join(engine, client, nil, 0, $0, nil, 0, moment) }
            #expect(joined.verdict != GL_FAILED)
        }
        let outcome = withMessage(text) { gl_receive(engine, 1, $0, moment) }
        #expect(outcome.verdict == Int32(verdict))
        return gl_memory_used(engine)
    }
}

/// The engine's view of a message, for one call.
func withMessage(_ text: String, _ body: (UnsafePointer<gl_message>) -> gl_outcome) -> gl_outcome {
    withView(text) { view in
        withUnsafePointer(to: view.envelope) { envelope in
            var message = gl_message()
            message.text = view.text.assumingMemoryBound(to: UInt8.self).baseAddress
            message.length = view.text.count
            message.tape = view.tape.baseAddress
            message.envelope = envelope
            return body(&message)
        }
    }
}
