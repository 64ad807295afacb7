import CGavelLua
import GavelCore
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite("the memory of rules that take over")
struct ReloadMemoryTests {
    private static let source = """
        local rules = gavel.rules()
        function rules.on_create(room)
          room.state = { rows = {} }
          for i = 1, 50 do room.state.rows[i] = { n = i, name = "row " .. i } end
        end
        function rules.on_reload(room, from)
          room.state.from = from
          for i, row in ipairs(room.state.rows) do row.n = row.n + 1 end
          room.state.last = { rows = #room.state.rows }
        end
        return rules
        """

    private static func engine() throws -> OpaquePointer {
        var limits = gl_limits()
        limits.instructions = 1_000_000
        limits.time_ns = 5_000_000_000
        limits.memory_bytes = 8 << 20
        limits.block_bytes = 1 << 20
        limits.effects = 256
        limits.output_bytes = 1 << 20
        let engine = try #require(gl_new(&limits, nil, 0, [1, 2, 3, 4]))
        var chunk = gl_chunk()
        var error = gl_error()
        let source = Array(Self.source.utf8)
        try #require(gl_compile("test.lua", source, source.count, &chunk, &error))
        defer { free(chunk.bytes) }
        let isLoaded = "test.lua".withCString { name in
            var file = gl_source(name: name, chunk: chunk)
            return gl_load(engine, &file, 1, nil, 0)
        }
        try #require(isLoaded)
        return engine
    }

    private static let context = gl_context(now_ms: 1, uptime_ms: 1, last_id: 0)

    private static func copy(of engine: OpaquePointer) throws -> [UInt8] {
        var bytes: UnsafeMutablePointer<UInt8>?
        var length = 0
        try #require(gl_copy(engine, nil, &bytes, &length))
        defer { free(bytes) }
        return Array(UnsafeBufferPointer(start: bytes, count: length))
    }

    private static func restored(_ copy: [UInt8]) throws -> OpaquePointer {
        let engine = try Self.engine()
        let isRestored = copy.withUnsafeBufferPointer {
            var bytes = gl_bytes(bytes: $0.baseAddress, length: $0.count)
            return gl_restore(engine, nil, 0, &bytes, nil, 0, Self.context)
        }
        try #require(isRestored)
        return engine
    }

    @Test("does not grow, and neither does what is kept, in a thousand reloads")
    func doesNotGrow() throws {
        var engine = try Self.engine()
        _ = gl_create(engine, Self.context)
        var sizes: [Int] = [], memory: [Int] = []
        for round in 0..<1000 {
            let next = try Self.restored(Self.copy(of: engine))
            #expect(gl_reload(next, "version", Self.context).verdict == GL_HANDLED)
            gl_free(engine)
            engine = next
            if round % 100 == 99 {
                sizes.append(try Self.copy(of: engine).count)
                memory.append(gl_memory_used(engine))
            }
        }
        gl_free(engine)
        #expect(sizes.max()! <= sizes.min()! + 200, "\(sizes)")
        // What is collected when differs from run to run.
        #expect(memory.max()! < memory.min()! * 3 / 2, "\(memory)")
    }

    @Test("that is refused at any point of a reload fails it, and leaves what was kept as it was")
    func refusedMemory() throws {
        let first = try Self.engine()
        defer { gl_free(first) }
        _ = gl_create(first, Self.context)
        let kept = try Self.copy(of: first)
        var failed = 0
        for countdown in 0..<60 as Range<UInt32> {
            let engine = try Self.restored(kept)
            defer { gl_free(engine) }
            let before = try Self.copy(of: engine)
            gl_refuse_allocations(engine, countdown, 2)
            let outcome = gl_reload(engine, "version", Self.context)
            gl_refuse_allocations(engine, 0, 0)
            guard outcome.verdict == GL_FAILED else { continue }
            failed += 1
            #expect(gl_last_error(engine).pointee.kind == GL_ERROR_MEMORY)
            #expect(outcome.effect_count == 0)
            #expect(try Self.copy(of: engine) == before)
        }
        #expect(failed > 3)
    }
}
