import CGavelLua
import GavelCore
import GavelScript
import Logging
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite("hostile rules")
struct HostileTests {
    /// Room for builds without optimisation and under sanitizers.
    private static let slowness = 4

    @Test(
        "ends in time, does nothing to the outside unless it ended well, and the room goes on",
        arguments: hostileBodies
    )
    func asCommand(hostile: HostileBody) throws {
        let room = try commandRoom(
            "room:broadcast { type = 'before' }\n\(hostile.body)",
            configuration: ScriptConfiguration()
        )
        for _ in 1...2 {
            let begin = threadTime()
            let answer = room.send(1, #"{"type":"run"}"#)
            let took = threadTime() - begin
            #expect(took < hostile.limit * Self.slowness)
            if answer.verdict == .failed {
                #expect(answer == .init(verdict: .failed))
                let text = try #require(room.log.entries.last { !$0.text("error").isEmpty }).text("error")
                #expect(hostile.admits(kind(of: text)), "\(text)")
            } else {
                #expect(answer.verdict == .handled)
                #expect(hostile.admits(nil), "it ended well")
            }
        }
        // What filled the room's memory may have been put into its state.
        if room.send(1, #"{"type":"ping"}"#).verdict == .failed {
            #expect(hostile.admits(.memory))
        } else {
            #expect(room.send(1, #"{"type":"ping"}"#).payload == #""n":2"#)
        }
        #expect(room.leave(1).verdict == .handled)
    }

    @Test("does no more while its file is loaded", arguments: hostileBodies)
    func whileLoading(hostile: HostileBody) {
        let begin = threadTime()
        let error = loadError("local function run() \(hostile.body) end\nrun()\nreturn gavel.rules()")
        #expect(threadTime() - begin < hostile.limit * Self.slowness + .milliseconds(50))
        if let error {
            #expect(hostile.admits(error.kind) || error.kind == .script, "\(error)")
        } else {
            #expect(hostile.admits(nil))
        }
    }

    @Test("functions of the host, called with anything, raise or answer")
    func anyArguments() throws {
        var configuration = ScriptConfiguration()
        configuration.instructions = 100_000_000
        configuration.time = .seconds(10)
        let room = try commandRoom(
            """
            local functions = { (pairs { a = 1 }), (pairs(msg)), (("a"):gmatch("a")), (utf8.codes("a")), (ipairs {}), room.client,
              room.others, room.broadcast, room.send, room.kick, gavel.json.object, gavel.json.encode, gavel.json.decode, gavel.log,
              gavel.now, gavel.rules, gavel.one_of, gavel.list, gavel.object, gavel.optional, pcall, xpcall, setmetatable, next, pairs,
              tostring, print, table.sort, table.concat, table.insert, table.remove, table.move, table.unpack, string.format,
              string.gsub, string.rep, string.byte, utf8.char, utf8.codepoint, math.random, select, tonumber }
            local values = { 1, "x", {}, client, room, msg, print, true, 1.5, gavel.null, gavel.integer, function() end }
            for _, f in ipairs(functions) do
              pcall(f)
              for _, a in ipairs(values) do
                pcall(f, a)
                for _, b in ipairs(values) do pcall(f, a, b) pcall(f, a, b, a) pcall(f, nil, b) end
              end
              setmetatable({}, { __index = f, __lt = f, __call = f })
              pcall(function() return setmetatable({}, { __index = f }).x end)
            end
            """,
            configuration: configuration
        )
        #expect(room.send(1, #"{"type":"run","a":[1]}"#).verdict == .handled, "\(room.log.entries)")
        #expect(room.send(1, #"{"type":"ping"}"#).payload == #""n":1"#)
    }

    @Test("a long chain of fields in a file is an error, not a crash")
    func fieldChain() {
        let error = loadError("local t = {} return t" + String(repeating: ".a", count: 20_000))
        #expect(error?.kind == .script)
    }

    @Test("memory refused at any moment is an error of one hook, and of nothing else")
    func refusedMemory() throws {
        let source = """
            local rules = gavel.rules()
            rules.messages.a = {}
            rules.options.a = { strict = false }
            function rules.commands.join(room, client) client.data.x = { 1, 2 } return { n = #room.clients } end
            function rules.commands.a(room, client, msg)
              local t = {}
              for k, v in pairs(msg) do t[#t + 1] = k .. tostring(v) end
              pcall(function() t[1] = (t[1] .. "x"):gsub("x", "yy"):rep(50) end)
              room:broadcast { type = "b", list = t, n = string.format("%s %d", "x", 3) }
              return { t = table.concat(t, ","), s = gavel.json.decode("[1,{}]") }
            end
            function rules.on_leave(room, client) room:broadcast { type = "c", id = client.id } end
            return rules
            """
        var chunk = gl_chunk(), error = gl_error()
        let bytes = Array(source.utf8)
        #expect(gl_compile("test.lua", bytes, bytes.count, &chunk, &error))
        defer { free(chunk.bytes) }
        var limits = gl_limits()
        limits.instructions = 1_000_000
        limits.time_ns = 1_000_000_000
        limits.memory_bytes = 8 << 20
        limits.block_bytes = 1 << 20
        limits.effects = 256
        limits.output_bytes = 1 << 20
        var failures = 0
        for countdown in 0..<160 as Range<UInt32> {
            let engine = try #require(gl_new(&limits, [0x72], 1, [1, 2, 3, 4]))
            defer { gl_free(engine) }
            gl_refuse_allocations(engine, countdown * 16, 2)
            let loaded = "test.lua".withCString { name in
                var file = gl_source(name: name, chunk: chunk)
                return gl_load(engine, &file, 1, nil, 0)
            }
            if !loaded {
                failures += 1
                continue
            }
            let moment = gl_context(now_ms: 1, uptime_ms: 0, last_id: 0)
            for step in 0..<4 as Range<UInt32> {
                gl_refuse_allocations(engine, countdown / 4 + step, 2)
                let joined = withMessage(#"{"type":"join"}"#) {
                    gl_join(engine, UInt64(step + 1), nil, 0, $0, nil, 0, moment)
                }
                if joined.verdict == GL_FAILED {
                    failures += 1
                    continue
                }
                gl_refuse_allocations(engine, countdown, 2)
                let answer = withMessage(#"{"type":"a","b":["\u00e9"],"c":{"d":1.5}}"#) {
                    gl_receive(engine, UInt64(step + 1), $0, moment)
                }
                #expect(answer.verdict == GL_HANDLED || answer.effect_count == 0)
                if answer.verdict == GL_FAILED { failures += 1 }
                gl_refuse_allocations(engine, 0, 0)
                #expect(
                    withMessage(#"{"type":"a"}"#) { gl_receive(engine, UInt64(step + 1), $0, moment) }.verdict
                        == GL_HANDLED
                )
            }
            gl_refuse_allocations(engine, countdown % 8, 2)
            if gl_leave(engine, 1, "left", moment).verdict == GL_FAILED { failures += 1 }
        }
        #expect(failures > 100)
    }

    private func kind(of text: String) -> ScriptError.Kind {
        if text.contains("spent its budget") { return .budget }
        if text.contains("memory") { return .memory }
        return text.contains("did more than") ? .effects : .script
    }
}

/// The CPU time of the calling thread.
private func threadTime() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}
