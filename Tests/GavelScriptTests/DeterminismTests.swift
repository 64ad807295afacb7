import Foundation
import GavelCore
import GavelScript
import GavelTesting
import Testing

/// Lua's own strings are hashed with a seed from addresses and the time, so tables come in another order in each
/// process, and the system puts each process elsewhere.
@Suite("the same inputs give the same outputs")
struct DeterminismTests {
    @Test("in another process, every byte of what rules answer, send, log, show and set timers for")
    func processes() async throws {
        let first = try await #require(
            processExitsWith: .success,
            observing: [\.standardOutputContent]
        ) {
            try Self.printRuns()
        }
        let second = try await #require(
            processExitsWith: .success,
            observing: [\.standardOutputContent]
        ) {
            try Self.printRuns()
        }
        let texts = [first, second].map { String(decoding: $0.standardOutputContent, as: UTF8.self) }
        let runs = texts.map { $0.split(separator: "\n").filter { $0.hasPrefix("| ") } }
        #expect(runs[0].count > 3000)
        let difference = zip(runs[0], runs[1]).first { $0 != $1 }
        #expect(difference == nil)
        #expect(runs[0].count == runs[1].count)
        // The processes do differ, so that equal runs say something.
        let addresses = texts.map { $0.split(separator: "\n").filter { $0.hasPrefix("address ") } }
        #expect(addresses[0].count == 1 && addresses[0] != addresses[1])
    }

    @Test("in another room of the same process, given the same seed; and not with another seed")
    func rooms() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let run = try Self.transcript(seed)
        #expect(run == (try Self.transcript(seed)), "seed \(seed)")
        #expect(run != (try Self.transcript(seed, rules: (1, 2, 3, 5))), "seed \(seed)")
    }

    @Test("and the inputs are such that all the rules can do happens")
    func everything() throws {
        let run = try (1...4).flatMap { try Self.transcript($0) }
        for verdict in ["handled", "dropped", "rejected", "failed", "changed", "relay"] {
            #expect(run.contains { $0.contains("verdict: GavelCore.HookOutcome.Verdict.\(verdict)") }, "\(verdict)")
        }
        for text in ["kick ", "snapshot ", "broadcast ", "send ", "timer ", "log "] {
            #expect(run.contains { $0.contains(text) }, "\(text)")
        }
    }

    @Test("keys that have no order in every run are a mistake, and others have one")
    func keys() throws {
        #expect(
            try run(
                """
                local t, seen = { [gavel.null] = 1, [client] = 2, [true] = 3, [false] = 4, b = 5, [2] = 6, [gavel.drop] = 7,
                  [{}] = 8 }, {}
                for k, v in pairs(t) do seen[#seen + 1] = v end
                local k, v, again = nil, nil, {}
                repeat k, v = next(t, k) again[#again + 1] = v until k == nil
                t[print] = 9
                assert(not pcall(pairs, t) and not pcall(next, t, client) and next({ [print] = 1 }) == print)
                return { seen = seen, again = again }
                """
            ).payload == #""again":[6,5,4,3,1,7,2,8],"seen":[6,5,4,3,1,7,2,8]"#
        )
    }

    private static func printRuns() throws {
        let state = UnsafeMutableRawPointer.allocate(byteCount: 1 << 20, alignment: 1)
        defer { state.deallocate() }
        print("address \(state)")
        for seed in 1...4 as ClosedRange<UInt64> {
            for line in try self.transcript(seed) { print("| \(line)") }
        }
        fflush(nil)
    }

    private static func transcript(_ seed: UInt64, rules: ScriptRules.Seed = (1, 2, 3, 4)) throws -> [String] {
        var configuration = ScriptConfiguration.patient
        configuration.instructions = 60_000
        configuration.memoryBytes = 512 << 10
        configuration.strikes = nil
        var random = SeededGenerator(seed: seed)
        let room = try ScriptedRoom(Self.source, configuration: configuration, seed: rules)
        var lines: [String] = [], told = 0, clients: [ClientID] = [], next: ClientID = 1
        func note(_ what: String, _ answer: ScriptedRoom.Answer) {
            lines.append("\(what) \(answer)".replacing("\n", with: "\\n"))
            for entry in room.log.entries[told...] {
                let metadata = entry.metadata.sorted { $0.key < $1.key }
                lines.append("log \(entry.level) \(entry.message) \(metadata)".replacing("\n", with: "\\n"))
            }
            told = room.log.entries.count
            lines.append("next \(room.rules.nextTimer ?? -1)")
        }
        note("create", room.create())
        for _ in 0..<400 {
            room.now += .random(in: 0...700, using: &random)
            var runs = 0
            while let due = room.rules.nextTimer, due <= room.now {
                runs += 1
                try #require(runs <= 10_000, "timers do not end")
                note("timer", room.timer())
            }
            switch Int.random(in: 0..<20, using: &random) {
            case 0, 1:
                let answer = room.join(next, name: "c\(next)")
                if answer.verdict == .handled { clients.append(next) }
                note("join", answer)
                next += 1
            case 2 where clients.count > 2:
                note("leave", room.leave(clients.remove(at: .random(in: 0..<clients.count, using: &random))))
            default:
                guard let client = clients.randomElement(using: &random) else { continue }
                note("message", room.send(client, Self.message(&random)))
            }
        }
        return lines
    }

    private static func message(_ random: inout SeededGenerator) -> String {
        let types = ["keys", "text", "random", "order", "fail", "state", "tick", "kick", "change", "look", "deep"]
        let words = (0..<Int.random(in: 0...9, using: &random)).map { _ in
            "\"\(String(UInt64.random(in: 0...9999, using: &random), radix: 36))\""
        }
        let number = Int.random(in: 0...11, using: &random)
        let type = types.randomElement(using: &random)!
        return #"{"type":"\#(type)","n":\#(number),"words":[\#(words.joined(separator: ","))]}"#
    }

    private static let source = #"""
        local rules = gavel.rules()
        for _, name in ipairs { "keys", "text", "random", "order", "fail", "state", "tick", "kick", "change", "look", "deep" } do
          rules.messages[name] = { n = gavel.integer, words = gavel.list(gavel.string) }
        end

        rules.options.change = { strict = false }

        local function names(t)
          local list = {}
          for k, v in pairs(t) do list[#list + 1] = tostring(k) .. "=" .. tostring(v) end
          return table.concat(list, " ")
        end

        function rules.on_create(room) room.state = { n = 0, seen = {}, list = {} } end

        function rules.commands.join(room, client)
          if client.id % 7 == 0 then gavel.reject("unlucky", nil, { roll = math.random(100) }) end
          client.data.luck = math.random()
          return { luck = client.data.luck, others = #room.clients, data = client.data }
        end

        function rules.commands.keys(room, client, msg)
          local t, mixed = {}, { [client] = 1, [true] = 2, [gavel.null] = 3, [1.5] = 4, [-3] = 5 }
          for i, word in ipairs(msg.words) do t[word], mixed[word] = i, i end
          for i = #msg.words, 1, -2 do t[msg.words[i]] = nil end
          return { plain = names(t), mixed = names(mixed), first = next(t), math = names(math), msg = names(msg),
            table = names(table), t = t }
        end

        function rules.commands.text(room, client, msg)
          print({}, print, client, room, msg, room.state, function() end, gavel.null, 0.1, -0.0, 1e300)
          gavel.log("fields", { words = msg.words, at = gavel.now(), id = room.msg_id })
          local _, pointer = pcall(string.format, "%p", {})
          return { texts = { tostring({}), tostring(rules.commands.text), tostring(client), ("%s|%q|%5.2f"):format({}, "a\n", msg.n / 7),
            pointer, tostring(setmetatable({}, { __name = "thing" })), select(2, pcall(error, {})) == nil and "nil" or "table" } }
        end

        function rules.commands.random(room, client, msg)
          local rolls = { math.random(), math.random(0), math.random(msg.n + 1), math.random(-5, 5) }
          if msg.n > 8 then gavel.reject("again", "rolled " .. rolls[3], { rolls = rolls }) end
          return { rolls = rolls }
        end

        function rules.commands.order(room, client, msg)
          local list = { table.unpack(msg.words) }
          table.sort(list)
          local odd = { table.unpack(msg.words) }
          pcall(table.sort, odd, function(a, b) return math.random(2) == 1 end)
          return { list = list, odd = odd, text = table.concat(odd, "+"):gsub("%d+", function(d) return "<" .. #d .. ">" end) }
        end

        function rules.commands.fail(room, client, msg)
          room.state.n = room.state.n + 1000
          room:broadcast { type = "never" }
          if msg.n == 0 then error({}) elseif msg.n == 1 then error("text " .. room.state.n) elseif msg.n == 2 then return nil + 1
          elseif msg.n == 3 then return room.state.none.x elseif msg.n == 4 then return undeclared
          elseif msg.n == 5 then while true do end elseif msg.n == 6 then return { f = print, g = client }
          elseif msg.n == 7 then local t = {} while true do t[#t + 1] = ("x"):rep(500) .. #t end
          elseif msg.n == 8 then return {} < {} elseif msg.n == 9 then return room:nothing() elseif msg.n == 10 then return pairs() end
          return ("x"):rep(-1, {})
        end

        function rules.commands.state(room, client, msg)
          local s = room.state
          s.n = s.n + msg.n
          for _, word in ipairs(msg.words) do s.seen[word] = (s.seen[word] or 0) + 1 end
          s.list[#s.list % 20 + 1] = { by = client.id, words = msg.words }
          if msg.n == 3 then s.seen = {} end
          if msg.n == 4 then gavel.reject("not_today") end
          room:broadcast { type = "state", n = s.n, seen = s.seen, last = s.list[#s.list] }
          return { names = names(s.seen) }
        end

        function rules.commands.tick(room, client, msg)
          if msg.n < 5 then room:after(msg.n .. "00ms", "once", { n = msg.n }, "k" .. msg.n)
          elseif msg.n < 8 then room:every("1." .. msg.n .. "s", "again", { by = client.id })
          else room:cancel("again") end
          return { left = room:time_left("again"), once = room:time_left("once", "k3") }
        end

        function rules.timers.once(room, data) room:broadcast { type = "once", data = data, roll = math.random(6) } end
        function rules.timers.again(room, data)
          if math.random(10) == 1 then error("the clock broke at " .. gavel.now()) end
          room:send(room.clients, { type = "again", data = data, at = gavel.now() })
        end

        function rules.commands.kick(room, client, msg)
          local others = room:others(client)
          if msg.n < 6 and #others > 2 then room:kick(others[math.random(#others)], "unlucky") end
          room:send(others, { type = "psst", from = client.id })
        end

        function rules.filters.change(room, client, msg)
          if msg.n < 2 then return gavel.drop end
          if msg.n % 3 == 1 then return end
          msg.n, msg.words[#msg.words + 1], msg.extra = -msg.n, "more", { [msg.n % 2 == 0 and "b" or 1] = math.random(9) }
        end

        function rules.commands.look(room, client, msg) if msg.n % 2 == 0 then room:sync() else room:sync(client) end end

        function rules.commands.deep(room, client, msg)
          local t = {}
          for _, word in ipairs(msg.words) do t[word] = { [word .. "x"] = { word }, n = #word } end
          room.state.deep = t
          return { deep = room.state.deep, json = gavel.json.encode(t), back = gavel.json.decode(gavel.json.encode(t)) }
        end

        function rules.snapshot(room, client) return { me = client.id, seen = room.state.seen, luck = client.data.luck } end
        function rules.on_leave(room, client, reason) room:broadcast { type = "gone", id = client.id, why = reason } end
        return rules
        """#
}
