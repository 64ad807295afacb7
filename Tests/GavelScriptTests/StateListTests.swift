import GavelCore
import Testing

@Suite("a list in the state")
struct StateListTests {
    @Test("keeps each of its parts in one place, whatever an order function or a failed insert does")
    func onePlace() throws {
        #expect(
            try run(
                """
                local s = room.state
                s.list = { { n = 3 }, { n = 1 }, { n = 2 } }
                local ok, why = pcall(table.sort, s.list, function(a, b) table.insert(s.list, 1, { n = 9 }) return a.n < b.n end)
                local inserted = pcall(table.insert, s.list, 1, print)
                table.sort(s.list, function(a, b) s.compared = (s.compared or 0) + 1 return a.n < b.n end)
                s.list[1].n = 7
                return { ok = ok, why = why:match("a list.*"), inserted = inserted, list = s.list, compared = s.compared > 0 }
                """
            ).payload == """
                "compared":true,"inserted":false,"list":[{"n":7},{"n":2},{"n":3}],"ok":false,\
                "why":"a list cannot be changed by the function that sorts it."
                """
        )
    }

    @Test("can be changed again after its order function failed")
    func unlocked() throws {
        #expect(
            try run(
                """
                room.state.list = { 2, 1 }
                pcall(table.sort, room.state.list, function() error("no") end)
                table.insert(room.state.list, 3)
                return { list = room.state.list }
                """
            ).payload == #""list":[2,1,3]"#
        )
    }

    @Test("with gaps has the length that its contents give it, however it came to hold them")
    func gaps() throws {
        let body = """
            local s, n = room.state, {}
            s.made, s.grown, s.shrunk = { 1, 2, nil, 4, nil, 6 }, {}, {}
            for _, i in ipairs { 6, 2, 4, 1 } do s.grown[i] = i end
            for i = 1, 200 do s.shrunk[i] = i end
            for i = 200, 1, -1 do if i > 6 or i == 3 or i == 5 then s.shrunk[i] = nil end end
            n = { #s.made, #s.grown, #s.shrunk, rawlen(s.grown), select("#", table.unpack(s.shrunk)) }
            for i = 2, 5 do assert(n[i] == n[1]) end
            s.long = {}
            for i = 1, 1000 do assert(#s.long == i - 1) table.insert(s.long, i) end
            for i = 1000, 1, -1 do assert(table.remove(s.long) == i and #s.long == i - 1) end
            return { n = n[1] }
            """
        #expect(try run(body).payload.wholeMatch(of: /"n":[246]/) != nil)
    }

    @Test("cannot be nested deeper and deeper, a level in each hook")
    func depth() throws {
        let room = try commandRoom(
            """
            local at = room.state
            while at.inner do at = at.inner end
            for i = 1, 9 do at.inner = { i } at = at.inner end
            """
        )
        var levels = 0
        while room.send(1, #"{"type":"run"}"#).verdict == .handled, levels < 100 { levels += 1 }
        #expect(levels == 11)
        #expect(room.log.lastError.contains("the state is nested deeper than 100 levels."))
    }
}
