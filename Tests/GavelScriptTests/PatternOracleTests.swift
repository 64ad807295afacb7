import CGavelLua
import CLua
import GavelCore
import GavelScript
import GavelTesting
import Testing

/// The engine has a pattern matcher of its own, whose time has a bound; in all else it is that of Lua.
@Suite("patterns against those of Lua")
struct PatternOracleTests {
    @Test("find, match, gmatch and gsub answer what stock Lua answers, also to malformed patterns")
    func random() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let stock = try Stock()
        let room = try Self.room()
        var compared = 0, found = 0
        for _ in 0..<2500 {
            let arguments = Self.arguments(&random)
            let answer = room.send(1, Self.message(arguments))
            // Ours gave up: Lua might not end at all.
            if answer.verdict == .failed, room.log.lastError.contains("spent its budget") { continue }
            let expected = stock.run(arguments)
            #expect(answer.payload == "\"r\":\"\(expected)\"", "seed \(seed): \(arguments)")
            compared += 1
            if expected != "error", expected != "nil:nil" { found += 1 }
        }
        #expect(compared > 2300 && found > 500, "seed \(seed)")
    }

    @Test(
        "and to patterns that are easily read wrongly",
        arguments: [
            "[]]", "[^]]", "[]-]", "[^]-]", "[a-]", "[-a]", "[%a-z]", "[a-%%]", "[", "[^", "[]", "[a", "[%", "%", "a%",
            "(",
            ")", "()", "(()", "%1", "(%1)", "(a)%1", "(a)%2", "%0", "%b", "%bx", "%bxy", "%bxx", "%b()", "%f", "%fa",
            "%f[", "%f[a]", "%f[%z]", "%z", "%Z", "^", "^^", "$", "a$b", "$$", "^$", "^*", "*", "**", "a**", "-", "--",
            "a-",
            "a-$", "?", "a??", "(a*(.)%w(%s*))", "()a()", "[a-c-e]", "[%w_.-]", ".-", "%.", "[.]", "(a", "a)",
            "(.)(.)%2%1",
        ]
    )
    func corners(pattern: String) throws {
        let stock = try Stock()
        let room = try Self.room()
        for subject in ["", "a", "aab", "abba", "a-]b^", "(x(y)z) %f[]", "\0a\0\u{7f}", "xyxxy", "abc abc_d.e-f"] {
            for name in ["find", "match", "gmatch", "gsub"] {
                let texts = [subject, pattern].map { Self.digits(Array($0.utf8)) }
                let arguments = [name, texts[0], texts[1], "1", "s253025", "-1"]
                let answer = room.send(1, Self.message(arguments))
                #expect(answer.payload == "\"r\":\"\(stock.run(arguments))\"", "\(arguments)")
            }
        }
    }

    private static func room() throws -> ScriptedRoom {
        var configuration = ScriptConfiguration.patient
        configuration.instructions = 400_000
        configuration.strikes = nil
        let room = try ScriptedRoom(
            """
            \(self.driver)
            local rules = gavel.rules()
            rules.messages.run, rules.options.run = {}, { strict = false }
            function rules.commands.run(room, client, m) return { r = run(table.unpack(m.a)) } end
            return rules
            """,
            configuration: configuration
        )
        room.join(1)
        return room
    }

    private static func message(_ arguments: [String]) -> String {
        #"{"type":"run","a":["\#(arguments.joined(separator: #"",""#))"]}"#
    }

    private static func digits(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func arguments(_ random: inout SeededGenerator) -> [String] {
        let alphabet = Array("aab(c)[]%-x ]^$.".utf8) + [0, 0xC3, 0xFF]
        func text(_ longest: Int) -> [UInt8] {
            (0..<Int.random(in: 0...longest, using: &random)).map { _ in alphabet.randomElement(using: &random)! }
        }
        let pieces = [
            "a", "b", ".", "%a", "%W", "%s", "%d", "%]", "[ab]", "[^a]", "[]]", "[^]-]", "[%a-]", "[a-c]", "%b()",
            "%bab",
            "%f[%w]", "%f[^a]", "(", ")", "()", "(.-)", "(a*)", "%1", "%2", "^", "$", "\0", "[", "%",
        ]
        var pattern: [UInt8] = Bool.random(using: &random) ? [] : Array("^".utf8)
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            pattern += Array(pieces.randomElement(using: &random)!.utf8)
            pattern += Array(["", "", "*", "+", "-", "?"].randomElement(using: &random)!.utf8)
        }
        for _ in 0..<Int.random(in: 0...6, using: &random) / 3 where !pattern.isEmpty {
            pattern[Int.random(in: 0..<pattern.count, using: &random)] = alphabet.randomElement(using: &random)!
        }
        let replacement = ["s", "s253125", "s2530", "s2561", "s25", "s613162", "t", "f"].randomElement(using: &random)!
        return [
            ["find", "match", "gmatch", "gsub"].randomElement(using: &random)!, self.digits(text(24)),
            self.digits(pattern),
            "\(Int.random(in: -30...30, using: &random))", replacement, "\(Int.random(in: -2...30, using: &random))",
        ]
    }

    /// Lua as it is shipped, with the same driver.
    private final class Stock {
        private let state: OpaquePointer

        init() throws {
            self.state = try #require(luaL_newstate())
            luaL_openlibs(self.state)
            let source = PatternOracleTests.driver + "\nreturn run"
            try #require(luaL_loadstring(self.state, source) == 0 && lua_pcallk(self.state, 0, 1, 0, 0, nil) == 0)
        }

        deinit {
            lua_close(self.state)
        }

        func run(_ arguments: [String]) -> String {
            lua_settop(self.state, 1)
            lua_pushvalue(self.state, 1)
            for argument in arguments { lua_pushstring(self.state, argument) }
            guard lua_pcallk(self.state, Int32(arguments.count), 1, 0, 0, nil) == 0 else { return "failed" }
            return String(cString: lua_tolstring(self.state, -1, nil))
        }
    }

    /// What both run: texts in hexadecimal digits, so that any byte can be in them.
    private static let driver = """
        local function unhex(h)
          local t = {}
          for i = 1, #h, 2 do t[#t + 1] = string.char(tonumber(h:sub(i, i + 1), 16)) end
          return table.concat(t)
        end
        local function hex(s)
          local t = {}
          for i = 1, #s do t[i] = ("%02x"):format(s:byte(i)) end
          return table.concat(t)
        end
        local function show(good, ...)
          if not good then return "error" end
          local t = {}
          for i = 1, select("#", ...) do
            local v = select(i, ...)
            t[i] = type(v) == "string" and "s" .. hex(v) or type(v) .. ":" .. tostring(v)
          end
          return table.concat(t, ",")
        end
        local replacements = {
          t = setmetatable({ a = "x", b = false, [1] = "<", [2] = 7 }, { __index = function(_, k)
            if type(k) == "string" and #k > 1 then return "[" .. #k .. "]" end
          end }),
          f = function(...)
            local first = ...
            if type(first) == "number" then return first end
            if #first % 2 == 0 then return false end
            return "(" .. show(true, ...) .. ")"
          end,
        }
        local function run(name, subject, pattern, init, replacement, most)
          local s, p = unhex(subject), unhex(pattern)
          init, most = tonumber(init), tonumber(most)
          if name == "gmatch" then
            return show(pcall(function()
              local found = {}
              for a, b, c in string.gmatch(s, p, init) do
                found[#found + 1] = show(true, a, b, c)
                if #found == 80 then break end
              end
              return table.concat(found, ";")
            end))
          elseif name == "gsub" then
            return show(pcall(string.gsub, s, p, replacements[replacement:sub(1, 1)] or unhex(replacement:sub(2)), most))
          end
          return show(pcall(string[name], s, p, init))
        end
        """
}
