import CGavelLua
import GavelCore
import GavelScript
import GavelTesting
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite("what rules keep")
struct KeptBytesTests {
    private static let source = """
        local rules = gavel.rules()
        rules.messages.fill, rules.messages.touch, rules.messages.undo = {}, {}, {}
        rules.messages.sort, rules.messages.id, rules.messages.look = {}, {}, {}
        function rules.on_create(room)
          room.state = { list = {}, n = 0 }
          room:after("10s", "soon", { deep = { 1.5, "x", gavel.null, true } })
          room:every("3s", "often")
        end
        function rules.commands.join(room, client) client.data.name = client.name end
        function rules.commands.fill(room)
          for i = 1, 5000 do room.state.list[i] = { id = 5001 - i, name = ("name %d"):format(i):rep(4) } end
        end
        function rules.commands.touch(room) room.state.n = room.state.n + 1 room.state.list[7].id = room.state.n end
        function rules.commands.undo(room) room.state.n = 9 gavel.reject("no") end
        function rules.commands.sort(room) table.sort(room.state.list, function(a, b) return a.id < b.id end) end
        function rules.commands.id(room) gavel.reject(gavel.id()) end
        function rules.commands.look(room, client)
          local data = {}
          for i, c in ipairs(room.clients) do data[i] = { c.id, c.name, c.data.name or "-", c.connected } end
          return { n = room.state.n, data = data, soon = room:time_left("soon"), often = room:time_left("often") }
        end
        function rules.timers.soon(room) room.state.soon = math.random(100) end
        function rules.timers.often(room) room.state.n = room.state.n + 1 end
        return rules
        """

    /// A room with two clients, all it kept taken.
    private static func room() throws -> KeptRoom {
        let kept = try KeptRoom(self.source)
        kept.room.create()
        try kept.note()
        for client in [1, 2] as [ClientID] {
            kept.room.join(client, name: "n\(client)")
            try kept.note()
        }
        return kept
    }

    private static func look(_ room: ScriptedRoom, _ client: ClientID = 1) -> String {
        room.send(client, #"{"type":"look"}"#).payload
    }

    @Test("of one write into a large state takes a few bytes; sorting it takes a few for each part")
    func sizes() throws {
        let kept = try Self.room()
        kept.room.send(1, #"{"type":"fill"}"#)
        #expect(try kept.note().count > 200_000)
        kept.room.send(1, #"{"type":"touch"}"#)
        #expect(try kept.note().count < 40)
        kept.room.send(1, #"{"type":"sort"}"#)
        #expect(try kept.note().count < 5000 * 12)
        #expect(try kept.takeCopy().count > 200_000)
        #expect(try kept.note().isEmpty)
    }

    @Test("of a hook that was undone is nothing, but that its ids are spent")
    func undone() throws {
        let kept = try Self.room()
        #expect(kept.room.send(1, #"{"type":"undo"}"#).verdict == .rejected)
        #expect(try kept.note().isEmpty)
        let first = kept.room.send(1, #"{"type":"id"}"#).payload
        #expect(try !kept.note().isEmpty)
        let other = try kept.restored([1, 2], seed: (5, 6, 7, 8))
        let second = other.room.send(1, #"{"type":"id"}"#).payload
        #expect(second != first)
        #expect(kept.room.send(1, #"{"type":"id"}"#).payload == second)
    }

    @Test("timers go on where they were, whatever the clock says by then; those without a function wait")
    func timers() throws {
        let kept = try Self.room()
        kept.room.now += 1000
        kept.room.send(1, #"{"type":"fill"}"#)
        try kept.note()
        let other = try kept.restored([1, 2], seed: (5, 6, 7, 8), ahead: -900_000)
        #expect(Self.look(other.room).hasSuffix(#""often":2000,"soon":9000"#))
        let without = Self.source.replacing("function rules.timers.soon", with: "function rules.timers.later")

        let older = try kept.restored([1, 2], seed: (5, 6, 7, 8), source: without)
        #expect(older.room.rules.nextTimer == older.room.now + 2000)
        let again = try older.restored([1, 2], seed: (5, 6, 7, 8), source: without)
        for _ in 0..<9 {
            again.room.now = again.room.rules.nextTimer!
            #expect(again.room.timer().verdict == .handled)
        }
    }

    @Test("goes with its client, and who comes without any begins with none")
    func clients() throws {
        let kept = try Self.room()
        let other = try kept.restored([2, 3], seed: (5, 6, 7, 8))
        let data = #""data":[[2,"c2","n2",false],[3,"c3","-",false]]"#
        #expect(Self.look(other.room, 2).hasPrefix(data))
        #expect(other.changedAtOnce)
        let third = try other.restored([2, 3], seed: (5, 6, 7, 8))
        #expect(Self.look(third.room, 2).hasPrefix(data))
        #expect(!third.changedAtOnce)
    }

    @Test("is a copy alone where calls came before their changes were asked for")
    func late() throws {
        let room = try KeptRoom.makeRoom(Self.source, seed: (1, 2, 3, 4))
        room.create()
        room.rules.recordChanges()
        room.join(1)
        #expect(room.rules.takeChanges() == nil)
        #expect(room.rules.copy() != nil)
        room.join(2)
        #expect(room.rules.takeChanges()?.isEmpty == false)
    }

    @Test("is refused with what is wrong with it: cut, out of order, twice, of another kind")
    func refused() throws {
        let kept = try Self.room()
        let changes = kept.changes
        let copy = try kept.takeCopy()
        func error(_ copy: [UInt8]?, _ changes: [[UInt8]], _ clients: [ClientID] = [1, 2]) throws -> String {
            let room = try KeptRoom.makeRoom(Self.source, seed: (1, 2, 3, 4))
            do {
                try room.restore(clients, copy: copy, changes: changes)
                return ""
            } catch {
                return "\(error)"
            }
        }
        #expect(try error(copy, []) == "")
        #expect(try error(nil, changes) == "")
        #expect(
            try error(Array(copy.dropLast()), [])
                == "test.lua: what was kept of the room cannot be read: the copy, byte \(copy.count - 1): it ends too early."
        )
        #expect(try error(nil, Array(changes.dropFirst())).contains("change 1, byte"))
        #expect(try error(nil, [changes[1], changes[0]]).contains("it does not follow on what stands before it"))
        #expect(try error(nil, [changes[0], changes[0]]).contains("change 2, byte"))
        #expect(try error(changes[0], []).contains("the copy, byte 1: it is none that this relay can read"))
        #expect(try error(copy, [copy]).contains("change 1, byte 1: it is none that this relay can read"))
        #expect(try error(copy, [], [2, 1]).contains("the clients are none"))
        #expect(try error([], []).contains("the copy, byte 0: it ends too early"))
    }

    @Test("is read without harm, however it was damaged", arguments: 1...4 as ClosedRange<UInt64>)
    func damaged(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let kept = try Self.room()
        for text in ["look", "undo", "id"] { kept.room.send(1, #"{"type":"\#(text)"}"#) }
        kept.room.now += 4000
        kept.room.timer()
        try kept.note()
        let changes = kept.changes
        let copy = try kept.takeCopy()
        var restored = 0
        for _ in 0..<400 {
            let isCopy = Bool.random(using: &random)
            let index = Int.random(in: changes.indices, using: &random)
            var bytes = isCopy ? copy : changes[index]
            for _ in 0...Int.random(in: 0...3, using: &random) {
                let at = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: bytes[at] = .random(in: 0...255, using: &random)
                case 1: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 2 where bytes.count > 2: bytes.remove(at: at)
                case 3: bytes.insert(bytes.randomElement(using: &random)!, at: at)
                default: bytes.insert(contentsOf: bytes[0..<at].suffix(9), at: at)
                }
            }
            let room = try KeptRoom.makeRoom(Self.source, seed: (1, 2, 3, 4))
            var damaged = isCopy ? [] : changes
            if !isCopy { damaged[index] = bytes }
            do {
                try room.restore([1, 2], copy: isCopy ? bytes : nil, changes: damaged)
            } catch {
                #expect(error is ScriptError, "seed \(seed): \(error)")
                continue
            }
            // What was accepted is a room like any other.
            restored += 1
            room.resume(1)
            for text in ["look", "touch", "sort", "look"] { room.send(1, #"{"type":"\#(text)"}"#) }
            if let due = room.rules.nextTimer { room.now = max(room.now, due) }
            room.timer()
            let again = try #require(room.rules.copy())
            try KeptRoom.makeRoom(Self.source, seed: (1, 2, 3, 4)).restore([1, 2], copy: again, changes: [])
        }
        #expect(restored > 10 && restored < 390, "seed \(seed): \(restored)")
    }

    @Test("is not lost unnoticed where memory is refused at any moment")
    func refusedMemory() throws {
        let kept = try Self.room()
        let changes = kept.changes
        let copy = try kept.takeCopy()
        var failures = [0, 0, 0]
        for countdown in 0..<120 as Range<UInt32> {
            let engine = try #require(try Self.engine())
            defer { gl_free(engine) }
            gl_record_changes(engine)
            gl_refuse_allocations(engine, countdown, 2)
            let moment = gl_context(now_ms: 1, uptime_ms: 1000, last_id: 0)
            if countdown % 2 == 0 {
                if !Self.restore(engine, copy: copy, changes: [], moment) { failures[0] += 1 }
            } else if !Self.restore(engine, copy: nil, changes: changes, moment) {
                failures[0] += 1
            }
            gl_refuse_allocations(engine, 0, 0)

            let other = try #require(try Self.engine())
            defer { gl_free(other) }
            gl_record_changes(other)
            _ = gl_create(other, moment)
            gl_refuse_allocations(other, countdown % 40, countdown % 3 == 0 ? 1 : 2)
            let joined = withMessage(#"{"type":"join"}"#) { gl_join(other, 1, nil, 0, $0, nil, 0, moment) }
            gl_refuse_allocations(other, 0, 0)
            var bytes: UnsafePointer<UInt8>?, length = 0
            if !gl_take_changes(other, &bytes, &length) { failures[1] += 1 }
            var whole: UnsafeMutablePointer<UInt8>?
            gl_refuse_allocations(other, countdown % 20, 2)
            if gl_copy(other, nil, &whole, &length) { free(whole) } else { failures[2] += 1 }
            gl_refuse_allocations(other, 0, 0)
            #expect(gl_copy(other, nil, &whole, &length))
            free(whole)
            #expect(gl_take_changes(other, &bytes, &length) && length == 0)
            #expect(joined.verdict == GL_HANDLED || joined.verdict == GL_FAILED)
        }
        #expect(failures.allSatisfy { $0 > 2 }, "\(failures)")
    }

    private static func engine() throws -> OpaquePointer? {
        var chunk = gl_chunk(), error = gl_error()
        let bytes = Array(self.source.utf8)
        try #require(gl_compile("test.lua", bytes, bytes.count, &chunk, &error))
        defer { free(chunk.bytes) }
        var limits = gl_limits()
        limits.instructions = 1_000_000
        limits.time_ns = 1_000_000_000
        limits.memory_bytes = 8 << 20
        limits.block_bytes = 1 << 20
        limits.effects = 256
        limits.output_bytes = 1 << 20
        let engine = gl_new(&limits, [0x72], 1, [1, 2, 3, 4])
        let isLoaded = "test.lua".withCString { name in
            var file = gl_source(name: name, chunk: chunk)
            return gl_load(engine, &file, 1, nil, 0)
        }
        return isLoaded ? engine : nil
    }

    private static func restore(
        _ engine: OpaquePointer,
        copy: [UInt8]?,
        changes: [[UInt8]],
        _ moment: gl_context
    ) -> Bool {
        let clients = [1, 2].map {
            gl_restored_client(id: $0, name: gl_bytes(bytes: nil, length: 0), is_connected: false)
        }
        let all = changes.flatMap(\.self)
        return all.withUnsafeBufferPointer { all in
            var blocks = [gl_bytes(bytes: all.baseAddress, length: all.count)]
            if changes.isEmpty { blocks = [] }
            guard let copy else { return gl_restore(engine, clients, 2, nil, blocks, blocks.count, moment) }
            return copy.withUnsafeBufferPointer {
                var whole = gl_bytes(bytes: $0.baseAddress, length: $0.count)
                return gl_restore(engine, clients, 2, &whole, blocks, blocks.count, moment)
            }
        }
    }
}
