import GavelCore
import Testing

@Suite("what a script finds")
struct SandboxTests {
    @Test(
        "what Lua and the relay offer cannot be changed, so that nothing a hook leaves there outlives it",
        arguments: [
            "math.x = 1", "local _ = math.floor(1) math.floor = nil", "print('') print = nil", "gavel = {}",
            "gavel.now() gavel.now = 5", "_G.print = 1", "_ENV.print = 1", "rawset(_G, 'print', 1)",
            "rawset(_ENV, 'x', 1)", "rawset(math, 'x', 1)", "rawset(gavel, 'now', 1)", "table.insert(math, 4)",
            "table.move({ 1 }, 1, 1, 1, string)", "table.sort(utf8)", "setmetatable(math, nil)", "string = 1",
        ]
    )
    func sealed(body: String) throws {
        let room = try commandRoom(body)
        #expect(room.send(1, #"{"type":"run"}"#).verdict == .failed)
        #expect(try run("return { a = math.floor(1.5), b = #string.rep('a', 3), c = print and gavel.now() }").hasReply)
    }

    @Test("pairs goes through numbers upward, then texts by their bytes, whatever the order of writing")
    func pairs() throws {
        let answer = try run(
            """
            local t = { b = 1, a = 1, [3] = 1, B = 1, [-1] = 1, ["é"] = 1, ab = 1, [1] = 1, [2.5] = 1, [""] = 1, [true] = 1 }
            local seen, by_next = {}, {}
            for k in pairs(t) do seen[#seen + 1] = tostring(k) end
            local k = next(t)
            while k ~= nil do by_next[#by_next + 1] = tostring(k) k = next(t, k) end
            return { seen = table.concat(seen, " "), same = table.concat(by_next, " ") == table.concat(seen, " ") }
            """
        )
        #expect(answer.payload == #""same":true,"seen":"-1 1 2.5 3  B a ab b é true""#)
    }

    @Test("pairs passes over what is removed on the way, and next finds keys of every kind")
    func pairsAndChanges() throws {
        let answer = try run(
            """
            local t, n = { a = 1, b = 2, c = 3 }, 0
            for k, v in pairs(t) do n = n + v t.b = nil t.d = 4 end
            assert(n == 4)
            local f = function() end
            local u, count = { [f] = 1, [client] = 2, x = 3 }, 0
            for k in next, u do count = count + 1 end
            assert(count == 3 and next({}) == nil)
            assert(not pcall(pairs) and not pcall(pairs, 1) and not pcall(next, 1))
            for k, v in pairs(setmetatable({}, { __pairs = function() return function(_, k) if not k then return 1, 2 end end end })) do
              assert(k == 1 and v == 2)
            end
            return {}
            """
        )
        #expect(answer.verdict == .handled)
    }

    @Test(
        "the libraries do what the manual says",
        arguments: [
            "table.concat({ 1, 'a', 2.5 }, '-') == '1-a-2.5'", "table.concat({}) == ''",
            "table.concat({ 1, 2, 3 }, ',', 2, 3) == '2,3'",
            "table.concat({ 1, 2, 3 }, ',', 4) == ''", "select('#', table.unpack({ 1, nil, 3 }, 1, 3)) == 3",
            "table.pack(1, nil).n == 2", "#table.move({ 1, 2, 3 }, 1, 3, 2) == 4",
            "table.concat(table.move({ 1, 2, 3 }, 1, 3, 2)) == '1123'",
            "table.concat(table.move({ 1, 2, 3 }, 2, 3, 1)) == '233'",
            "table.concat(table.move({ 1, 2 }, 1, 2, 3, { 9, 9 })) == '9912'", "table.remove({}) == nil",
            "table.remove({ 1, 2, 3 }, 1) == 1", "table.remove({ 1, 2 }) == 2", "not pcall(table.insert, { 1 }, 5, 1)",
            "not pcall(table.insert, {}, 1, 2, 3)", "not pcall(table.remove, { 1 }, 7)",
            "not pcall(table.concat, { {} })",
            "('x'):rep(3, ',') == 'x,x,x'", "('abc'):byte(-1) == 99", "('abc'):sub(2) == 'bc'", "#('abc') == 3",
            "('%d %s %5.1f %%'):format(3, 'x', 2.25) == '3 x   2.2 %'", "('%q'):format('a\\n') == '\"a\\\\\\n\"'",
            "tostring(nil) == 'nil' and tostring(1) == '1' and tostring(1.0) == '1.0'",
            "tostring(gavel.null) == 'null'",
            "tonumber('0x10') == 16 and tonumber('10', 2) == 2 and tonumber('x') == nil", "select(-1, 1, 2) == 2",
            "select('#', pcall(error)) == 2", "select(2, pcall(error, { 1 }))[1] == 1",
            "select(2, xpcall(function(a) return a end, print, 7)) == 7",
            "select(2, xpcall(function() error('x', 0) end, function(m) return m .. 'y' end)) == 'xy'",
            "utf8.len('é€') == 2 and utf8.char(233, 8364) == 'é€' and utf8.codepoint('é') == 233 and utf8.offset('aé', 3) == 4",
            "math.type(3 // 1) == 'integer' and math.floor(2.5) == 2",
            "string.unpack('<i4', string.pack('<i4', -7)) == -7",
            "gavel.json.encode({ a = { 1, 2 }, b = {} }) == '{\"a\":[1,2],\"b\":[]}'",
            "gavel.json.encode(gavel.json.decode('{\"a\":{},\"b\":[]}')) == '{\"a\":{},\"b\":[]}'",
            "gavel.json.encode(gavel.json.object { [1] = 'x', [5] = 'y' }) == '{\"1\":\"x\",\"5\":\"y\"}'",
            "not pcall(gavel.json.decode, '{') and not pcall(gavel.json.decode, '\\xff')", "rawequal(_G.math, math)",
            "not pcall(function() _G.x = 1 end) and not pcall(setmetatable, _G, {})",
        ]
    )
    func libraries(expression: String) throws {
        #expect(try run("return { ok = \(expression) }").payload == #""ok":true"#)
    }

    @Test("a sort sorts, by numbers, texts and an order of its own")
    func sort() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            rules.messages.sort = {}
            function rules.commands.sort()
              for n = 0, 60 do
                local t, u = {}, {}
                for i = 1, n do t[i] = math.random(20) u[i] = tostring(t[i]) end
                table.sort(t)
                table.sort(u, function(a, b) return a > b end)
                for i = 2, n do assert(t[i - 1] <= t[i]) assert(u[i - 1] >= u[i]) end
              end
              return {}
            end
            return rules
            """,
            seed: (seed, 1, 2, 3)
        )
        room.join(1)
        #expect(room.send(1, #"{"type":"sort"}"#).verdict == .handled, "seed \(seed): \(room.log.entries)")
    }

    @Test(
        "patterns match as the manual says",
        arguments: [
            ("('hello world'):find('o w')", "5,7"), ("('hello'):find('l')", "3,3"), ("('hello'):find('l', -1)", ""),
            ("('hello'):find('')", "1,0"), ("('hello'):find('', 6)", "6,5"), ("('hello'):find('', 7)", ""),
            ("('a.b'):find('.', 1, true)", "2,2"), ("('key = value'):match('^(%w+)%s*=%s*(%w+)$')", "key,value"),
            ("('2024-05-06'):match('(%d+)-(%d+)-(%d+)')", "2024,05,06"), ("('abc'):match('()b()')", "2,3"),
            ("('[[x]]'):match('%[(%b[])%]')", "[x]"), ("('THE (quick) fox'):find('%((%a+)%)')", "5,11,quick"),
            ("('THE fox'):gsub('%f[%a]%a+', '<%0>')", "<THE> <fox>,2"), ("('aaa'):match('a-')", ""),
            ("('aaab'):match('a-b')", "aaab"),
            ("('abab'):match('(ab)%1')", "ab"), ("('x]y'):match('[]]')", "]"), ("('x^y'):match('[%^x]+')", "x^"),
            ("('a-z'):match('[a%-]+')", "a-"), ("('foo.bar'):gsub('%.', '%%')", "foo%bar,1"),
            ("('abc'):gsub('', '-')", "-a-b-c-,4"),
            ("('abc'):gsub('%w', '%0%0', 2)", "aabbc,2"), ("('abc'):gsub('b', { b = 'X' })", "aXc,1"),
            ("('abc'):gsub('%w', function(c) if c == 'b' then return false end return c:upper() end)", "AbC,3"),
            ("('abc'):gsub('(a)(b)', '%2%1')", "bac,1"), ("('hello'):gsub('^h', 'j')", "jello,1"),
            ("('a,b,,c'):gsub(',', ';', 0)", "a,b,,c,0"),
            ("('äöü'):match('[\\xc3][\\x80-\\xbf]')", "ä"), ("('a\\0b'):find('\\0')", "2,2"),
            ("('  x '):match('^%s*(.-)%s*$')", "x"),
            ("('0x1F'):match('^0[xX](%x+)$')", "1F"), ("('ab12'):match('%u')", ""), ("('a$'):match('a$')", ""),
            ("('a$'):match('a%$')", "a$"),
        ]
    )
    func patterns(expression: String, expected: String) throws {
        let room = try commandRoom(
            """
            local t = table.pack(\(expression))
            for i = 1, t.n do t[i] = tostring(t[i]) end
            local text = table.concat(t, ",", 1, t.n)
            return { t = text == "nil" and "" or text }
            """
        )
        let answer = room.send(1, #"{"type":"run"}"#)
        #expect(answer.payload == "\"t\":\"\(expected)\"", "\(room.log.entries)")
    }

    @Test("gmatch gives each match once, and none twice at its end")
    func gmatch() throws {
        let answer = try run(
            """
            local words, all, pos = {}, {}, {}
            for w in ("one two  three"):gmatch("%a+") do words[#words + 1] = w end
            for w in ("abc"):gmatch("%a*") do all[#all + 1] = w end
            for k, v in ("a=1,b=2"):gmatch("(%w)=(%w)") do pos[#pos + 1] = k .. v end
            return { words = words, all = all, pos = pos }
            """
        )
        #expect(answer.payload == #""all":["abc"],"pos":["a1","b2"],"words":["one","two","three"]"#)
    }

    @Test(
        "a malformed pattern is an error",
        arguments: ["%", "[a", "[a%", "(a", "a)", "%1", "%b", "%bx", "%f", "%fx", "(()", "[]", "[^]", "(a)%2"]
    )
    func malformed(pattern: String) throws {
        #expect(try run("return { ok = pcall(string.match, 'abc', '\(pattern)') }").payload == #""ok":false"#)
    }
}
