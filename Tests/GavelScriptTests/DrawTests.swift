import GavelCore
import Testing

@Suite("drawing board")
struct DrawTests {
    let table: GameTable

    init() throws {
        self.table = try GameTable("draw.lua", params: #"{"strokes":3,"points":1000}"#)
        self.table.join(1)
        self.table.join(2)
    }

    @discardableResult
    private func stroke(_ client: ClientID, _ points: String = "0.5,0.25,1,0") -> String {
        self.table.send(client, #"{"type":"stroke","points":[\#(points)],"color":"red","width":2}"#)
    }

    /// The ids of the strokes that a newcomer is shown, and what a client that heard everything has.
    private func boards() -> (shown: [Int], heard: [Int]) {
        let newcomer: ClientID = 100
        self.table.join(newcomer)
        let strokes = self.table.last("snapshot", newcomer)?["strokes"] as? [[String: Any]] ?? []
        self.table.leave(newcomer)
        var heard: [Int] = []
        for text in self.table.heard[1] ?? [] {
            if text.hasPrefix(#"{"type":"stroke""#), let id = text.firstMatch(of: /"id":(\d+)/) {
                heard.append(Int(id.1)!)
            } else if text.hasPrefix(#"{"type":"removed""#) {
                let ids = text.matches(of: /\d+/).compactMap { Int($0.0) }
                heard.removeAll { ids.contains($0) }
            } else if text.hasPrefix(#"{"type":"cleared""#) {
                heard = []
            }
        }
        return (strokes.compactMap { $0[number: "id"] }, heard)
    }

    @Test("a stroke is relayed with its id, and a newcomer is shown all of them in order")
    func strokes() {
        self.stroke(1)
        self.stroke(2, "0,0")
        #expect(
            self.table.heard[2]?.contains(
                #"{"type":"stroke","by":1,"color":"red","id":1,"points":[0.5,0.25,1,0],"width":2}"#
            ) == true
        )
        self.table.join(3)
        #expect(
            self.table.heard[3]?.last
                == #"{"type":"snapshot","strokes":[{"by":1,"color":"red","id":1,"points":[0.5,0.25,1,0],"width":2},{"by":2,"color":"red","id":2,"points":[0,0],"width":2}]}"#
        )
    }

    @Test("an undo takes back the client's own last stroke, and there is none of others to take back")
    func undo() {
        self.stroke(1)
        self.stroke(2)
        self.stroke(1)
        self.table.send(1, #"{"type":"undo"}"#)
        #expect(self.table.news(2).last == #"{"type":"removed","ids":[3]}"#)
        self.table.send(1, #"{"type":"undo"}"#)
        #expect(self.table.news(2).last == #"{"type":"removed","ids":[1]}"#)
        #expect(self.table.send(1, #"{"type":"undo"}"#).contains("nothing"))
        #expect(self.boards() == ([2], [2]))
        self.table.leave(2)
        #expect(self.boards().shown == [2])
        self.table.send(1, #"{"type":"clear"}"#)
        #expect(self.boards() == ([], []))
    }

    @Test("a full board gives up its oldest strokes, counted in strokes and in points")
    func bounded() {
        for _ in 1...5 { self.stroke(1) }
        #expect(self.boards() == ([3, 4, 5], [3, 4, 5]))
        let long = Array(repeating: "0.5", count: 998).joined(separator: ",")
        self.stroke(2, long)
        #expect(self.boards() == ([6], [6]))
        self.stroke(2, "0,0")
        #expect(self.boards() == ([6, 7], [6, 7]))
    }

    @Test("what is no stroke is refused", arguments: ["0.5", "0.5,0.5,0.5", "0.5,2", "", "\"a\",1"])
    func refused(points: String) {
        #expect(self.stroke(1, points).hasPrefix(#"{"type":"error""#))
        #expect(self.boards() == ([], []))
    }

    @Test("cursors are relayed as they come, as often as a screen is drawn")
    func cursors() {
        let cursor = #"{"type":"cursor","x":0.5,"y":0.25}"#
        for _ in 1...60 { #expect(self.table.room.send(1, cursor).verdict == .relay) }
        #expect(self.table.room.send(1, cursor).verdict == .limited)
        #expect(self.table.send(2, #"{"type":"cursor","x":7,"y":0}"#).contains("x: expected"))
    }

    @Test("the largest board fits into the memory of a room and into a snapshot")
    func largest() throws {
        let table = try GameTable("draw.lua", params: #"{"strokes":2000,"points":40000}"#)
        table.join(1)
        let points = Array(repeating: "0.123456789", count: 1000).joined(separator: ",")
        for _ in 1...41 {
            table.wait(seconds: 1)
            table.send(1, #"{"type":"stroke","points":[\#(points)],"color":"red","width":2}"#)
        }
        table.join(2)
        #expect((table.last("snapshot", 2)?["strokes"] as? [[String: Any]])?.count == 40)
    }

    @Test("takes hundreds of short strokes off for one long stroke, within the budget of a hook")
    func manyForOne() throws {
        let room = try ScriptedRoom(file: "draw.lua")
        room.create()
        room.join(1)
        func draw(_ numbers: Int) -> ScriptedRoom.Answer {
            room.now += 1_000
            let points = (0..<numbers).map { "0.\($0 % 100)" }.joined(separator: ",")
            return room.send(1, #"{"type":"stroke","points":[\#(points)],"color":"red","width":1}"#)
        }
        for _ in 0..<990 {
            try #require(draw(20).verdict == .changed, "\(room.log.entries.last.map { "\($0)" } ?? "")")
        }
        for _ in 0..<40 {
            let answer = draw(1_000)
            #expect(answer.verdict != .failed, "\(room.log.entries.last.map { "\($0)" } ?? "")")
        }
    }
}
