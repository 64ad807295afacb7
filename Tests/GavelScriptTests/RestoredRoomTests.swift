import GavelCore
import GavelScript
import GavelTesting
import Logging
import Testing

@Suite("a room that was restored")
struct RestoredRoomTests {
    @Test(
        "answers, sends, logs, waits and keeps what the one that never stopped does, byte for byte",
        arguments: 1...12 as ClosedRange<UInt64>
    )
    func isTheSame(seed: UInt64) throws {
        var run = try Run(seed: seed)
        for _ in 0..<260 { try run.step() }
        #expect(run.restores > 3, "seed \(seed)")
        #expect(run.compared > 60, "seed \(seed)")
    }

    @Test("and the inputs are such that all the rules can do happens")
    func everything() throws {
        var verdicts: Set<HookOutcome.Verdict> = [], words: Set<String> = []
        for seed in 1...6 as ClosedRange<UInt64> {
            var run = try Run(seed: seed)
            for _ in 0..<260 { try run.step() }
            verdicts.formUnion(run.verdicts)
            words.formUnion(run.words)
        }
        #expect(verdicts.isSuperset(of: [.handled, .rejected, .failed]))
        for word in Run.operations + ["once", "again", "dropped", "returned"] {
            #expect(words.contains(word), "\(word)")
        }
    }

    /// Random inputs to a room, and at times to one that was restored from it, which must do the same.
    struct Run {
        static let operations = [
            "set", "insert", "remove", "sort", "move", "hole", "change", "reassign", "data", "roll", "id", "after",
            "every", "cancel", "odd", "detach", "reject", "fail", "clear",
        ]

        private let seed: UInt64
        private var random: SeededGenerator
        private var original: KeptRoom
        private var other: KeptRoom?
        private var isSameClock = true
        private var clients: [ClientID] = []
        private var away: Set<ClientID> = []
        private var next: ClientID = 1
        private(set) var restores = 0
        private(set) var compared = 0
        private(set) var verdicts: Set<HookOutcome.Verdict> = []
        private(set) var words: Set<String> = []

        init(seed: UInt64) throws {
            self.seed = seed
            self.random = SeededGenerator(seed: seed)
            self.original = try KeptRoom(source)
            try self.give("create") { $0.create() }
        }

        private mutating func number(_ bound: Int) -> Int { .random(in: 0..<bound, using: &self.random) }

        /// The same input to both.
        private mutating func give(_ what: String, _ input: (ScriptedRoom) -> ScriptedRoom.Answer) throws {
            let before = self.original.room.log.entries.count
            let answer = input(self.original.room)
            self.verdicts.insert(answer.verdict)
            for word in answer.payload.split(separator: "\"") { self.words.insert(String(word)) }
            for effect in answer.effects {
                for word in effect.message.split(separator: "\"") { self.words.insert(String(word)) }
            }
            let changes = try self.original.note()
            guard let other = self.other else { return }
            self.compared += 1
            let told = other.room.log.entries.count
            #expect(input(other.room) == answer, "seed \(self.seed): \(what)")
            let theirs = try other.note()
            if self.isSameClock { #expect(theirs == changes, "seed \(self.seed): \(what)") }
            let lines = [self.original.room.log.entries[before...], other.room.log.entries[told...]].map { entries in
                entries.filter { $0.level == .info }.map { "\($0.message) \($0.metadata.sorted { $0.key < $1.key })" }
            }
            #expect(lines[0] == lines[1], "seed \(self.seed): \(what)")
            let due = [self.original, other].map { room in room.room.rules.nextTimer.map { $0 - room.room.uptimeAhead }
            }
            #expect(due[0] == due[1], "seed \(self.seed): \(what)")
        }

        mutating func step() throws {
            let passed = Int64(self.number(500))
            self.original.room.now += passed
            self.other?.room.now += passed
            var runs = 0
            while let due = self.original.room.rules.nextTimer, due <= self.original.room.context.uptimeMilliseconds {
                runs += 1
                try #require(runs < 1000)
                try self.give("timer") { $0.timer() }
            }
            let client = self.clients.randomElement(using: &self.random)
            switch self.number(24) {
            case 0, 1:
                let id = self.next
                self.next += 1
                try self.give("join") { $0.join(id, name: "c\(id)") }
                if id % 7 != 0 { self.clients.append(id) }
            case 2 where self.clients.count > 2:
                let id = self.clients.remove(at: self.number(self.clients.count))
                self.away.remove(id)
                try self.give("leave") { $0.leave(id, .lost) }
            case 3: if let client { try self.drop(client) }
            case 4, 5, 6: if let client = self.away.sorted().first { try self.comeBack(client) }
            case 7: try self.restart()
            case 8: try self.takeCopies()
            default: if let client, !self.away.contains(client) { try self.send(client) }
            }
        }

        private mutating func drop(_ client: ClientID) throws {
            if self.away.insert(client).inserted { try self.give("drop") { $0.drop(client) } }
        }

        private mutating func comeBack(_ client: ClientID) throws {
            self.away.remove(client)
            let recovered = self.number(2) == 0
            try self.give("return") { $0.resume(client, recovered: recovered) }
        }

        private mutating func send(_ client: ClientID) throws {
            let steps = (0...self.number(4)).map { _ in
                let value = [
                    "\(self.number(2000) - 1000)", "\(self.number(99)).5", "\"x\(self.number(9))\"", "true", "{}", "[]",
                ]
                let operation = Self.operations[self.number(Self.operations.count)]
                return #"{"op":"\#(operation)","n":\#(self.number(300)),"v":\#(value[self.number(value.count)])}"#
            }
            let message = #"{"type":"run","steps":[\#(steps.joined(separator: ","))]}"#
            try self.give(message) { $0.send(client, message) }
        }

        private mutating func takeCopies() throws {
            let copy = try self.original.takeCopy()
            guard let theirs = try self.other?.takeCopy(), self.isSameClock else { return }
            #expect(theirs == copy, "seed \(self.seed)")
        }

        /// All connections are lost with the relay. Half of the time the rules before it are forgotten.
        private mutating func restart() throws {
            for client in self.clients { try self.drop(client) }
            if let other = self.other, self.number(2) == 0 { self.original = other }
            self.isSameClock = self.number(2) == 0
            self.other = try self.original.restored(
                self.clients,
                seed: (9, 9, 9, UInt64(self.restores)),
                ahead: self.isSameClock ? 0 : Int64(self.number(2_000_000)) - 1_000_000,
                recordsFirst: self.number(2) == 0
            )
            if self.isSameClock { #expect(self.other?.changedAtOnce == false, "seed \(self.seed)") }
            self.restores += 1
            // Of calls that changed nothing since, only the one that never stopped knows the time.
            try self.give("nothing") { $0.timer() }
        }
    }

}

private let source = #"""
    local rules = gavel.rules()
    rules.messages.run = { steps = gavel.list(gavel.object { op = gavel.string, n = gavel.integer, v = gavel.any }) }
    local ops = {}

    local function dump(value)
      if type(value) ~= "table" then return math.type(value) == "float" and ("%a"):format(value) or ("%q"):format(tostring(value)) end
      local parts = { "#" .. #value, gavel.json.encode({ pcall(gavel.json.encode, value) }) }
      for k, v in pairs(value) do parts[#parts + 1] = ("%s %q="):format(math.type(k), k) .. dump(v) end
      return "{" .. table.concat(parts, ",") .. "}"
    end

    function rules.on_create(room) room.state = { list = {}, holes = {} } end
    function ops.set(room, client, n, v) room.state["k" .. n % 5] = v end
    function ops.clear(room, client, n) room.state["k" .. n % 5] = nil end
    function ops.insert(room, client, n, v)
      local list = room.state.list
      if #list < 30 then table.insert(list, 1 + n % (#list + 1), { n = v, tags = { n, "t" .. n, { deep = v } } }) end
    end
    function ops.remove(room, client, n)
      local list = room.state.list
      if #list > 0 then table.remove(list, 1 + n % #list) end
    end
    function ops.sort(room) table.sort(room.state.list, function(a, b) return tostring(a.tags[1]) < tostring(b.tags[1]) end) end
    function ops.move(room, client, n)
      local list = room.state.list
      if #list > 2 and #list < 25 then table.move(list, 1, 1 + n % 3, 1 + n % #list) end
    end
    function ops.hole(room, client, n, v) room.state.holes[n % 11 - 2] = n % 3 > 0 and v or nil end
    function ops.change(room, client, n, v)
      local list = room.state.list
      if #list == 0 then return end
      local entry = list[1 + n % #list]
      entry.n, entry.tags[#entry.tags + 1] = v, n
      if #entry.tags > 6 then entry.tags = { n, { deep = n } } end
    end
    function ops.reassign(room, client, n, v) room.state = { list = room.state.list, holes = room.state.holes, k0 = v } end
    function ops.data(room, client, n, v)
      if n % 5 == 0 then client.data = { fresh = v } else client.data["d" .. n % 3] = { v, n } end
    end
    function ops.roll(room, client, n) room.state.roll = math.random(1 + n) + math.random() end
    function ops.id(room) room.state.id = gavel.id() end
    function ops.after(room, client, n) room:after(n * 7 .. "ms", "once", { n = n, by = client.id }, n % 2 == 0 and n % 4 or "k" .. n % 4) end
    function ops.every(room, client, n) room:every(300 + n .. "ms", "again", { n }, n % 3) end
    function ops.cancel(room, client, n) room:cancel("again", n % 3) end
    function ops.odd(room, client, n)
      local odd = { 1 / 0, -1 / 0, -0.0, n / 3, gavel.null, gavel.json.object {}, string.char(n % 256, 0, 255), math.mininteger, {}, 2^53 }
      room.state.odd = odd[1 + n % #odd]
    end
    function ops.detach(room, client, n)
      local list = room.state.list
      if #list == 0 then return end
      local entry = table.remove(list, 1)
      entry.n, entry.new = n, { n }
      if n % 2 == 0 then list[#list + 1] = entry end
    end
    function ops.reject(room, client, n) if n % 4 == 0 then gavel.reject("no", nil, { id = gavel.id(), roll = math.random(9) }) end end
    function ops.fail(room, client, n) if n % 4 == 0 then error("broken " .. math.random(9)) end end

    function rules.commands.run(room, client, msg)
      local done = {}
      for i, step in ipairs(msg.steps) do
        ops[step.op](room, client, step.n, step.v)
        done[i] = step.op
      end
      gavel.log("ran", { roll = room.state.roll })
      return { done = done, state = dump(room.state), data = dump(client.data), left = room:time_left("again", 1) }
    end
    function rules.commands.join(room, client)
      client.data.joined = { at = gavel.now(), name = client.name }
      if client.id % 7 == 0 then gavel.reject("unlucky") end
    end
    function rules.timers.once(room, data)
      room.state.last = data
      room:broadcast { type = "once", data = data, state = dump(room.state), roll = math.random(6) }
      if data.n % 5 == 0 then error("no") end
    end
    function rules.timers.again(room, data)
      room:broadcast { type = "again", data = data }
      if math.random(8) == 1 then error("the clock broke") end
    end
    function rules.on_drop(room, client) room.state.dropped = client.id room:broadcast { type = "dropped", id = client.id } end
    function rules.on_return(room, client, recovered)
      client.data.returned = (client.data.returned or 0) + 1
      room:broadcast { type = "returned", id = client.id, name = client.name, recovered = recovered }
    end
    function rules.on_leave(room, client, reason) client.data.gone = true room.state.gone = dump(client.data) .. reason end
    function rules.snapshot(room, client)
      local here = {}
      for i, c in ipairs(room.clients) do here[i] = { c.id, c.name, c.connected, dump(c.data) } end
      return { here = here, state = dump(room.state) }
    end
    return rules
    """#
