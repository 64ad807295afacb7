import GavelCore
import Testing

@Suite("tic-tac-toe")
struct TicTacToeTests {
    let room: ScriptedRoom

    init() throws {
        self.room = try ScriptedRoom(file: "tictactoe.lua")
        self.room.create()
        self.room.join(1)
        self.room.join(2)
    }

    @discardableResult
    private func move(_ client: UInt64, _ cell: Int) -> ScriptedRoom.Answer {
        self.room.send(client, #"{"type":"move","cell":\#(cell)}"#)
    }

    @Test("the second to come starts the game, and the third watches and is sent the board")
    func seats() throws {
        let room = try ScriptedRoom(file: "tictactoe.lua")
        room.create()
        let first = room.join(1)
        #expect(first.verdict == .handled)
        #expect(first.payload == #""board":[0,0,0,0,0,0,0,0,0],"seat":1,"seats":[1]"#)
        #expect(first.effects.isEmpty)
        let second = room.join(2)
        #expect(
            second.effects == [
                .broadcast(#"{"type":"start","board":[0,0,0,0,0,0,0,0,0],"seats":[1,2],"turn":1}"#)
            ]
        )
        room.send(1, #"{"type":"move","cell":5}"#)
        let third = room.join(3)
        #expect(third.payload == #""board":[0,0,0,0,1,0,0,0,0],"seats":[1,2],"turn":2,"watching":true"#)
        #expect(room.send(3, #"{"type":"move","cell":1}"#).payload.contains("not_your_turn"))
    }

    @Test("a line wins, and a move is relayed as it was sent")
    func win() {
        for (client, cell) in [(1, 1), (2, 4), (1, 2), (2, 5)] as [(UInt64, Int)] {
            #expect(self.move(client, cell) == .init(verdict: .relay))
        }
        #expect(
            self.move(1, 3)
                == .init(verdict: .relay, effects: [.broadcast(#"{"type":"over","reason":"line","winner":1}"#)])
        )
        #expect(self.move(2, 6).payload.contains("not_now"))
    }

    @Test("who takes too long loses, counted from the last move; a game that is over runs out of no time")
    func time() {
        self.room.now += 59_000
        self.move(1, 1)
        self.room.now += 59_000
        #expect(self.room.timer().effects == [])
        self.room.now += 1_000
        #expect(self.room.timer().effects == [.broadcast(#"{"type":"over","reason":"time","winner":1}"#)])
        #expect(self.room.rules.nextTimer == nil)
        #expect(self.move(2, 2).payload.contains("not_now"))
    }

    @Test("nine moves without a line are a draw")
    func draw() {
        let cells = [1, 2, 3, 5, 4, 6, 8, 7, 9]
        var last = ScriptedRoom.Answer(verdict: .failed)
        for (turn, cell) in cells.enumerated() {
            last = self.move(turn % 2 == 0 ? 1 : 2, cell)
            #expect(last.verdict == .relay)
        }
        #expect(last.effects == [.broadcast(#"{"type":"over","reason":"draw"}"#)])
    }

    @Test("a player who leaves in the middle loses, and the next to come sits down")
    func walkover() {
        self.move(1, 1)
        #expect(
            self.room.leave(1, .lost)
                == .init(verdict: .handled, effects: [.broadcast(#"{"type":"over","reason":"walkover","winner":2}"#)])
        )
        let next = self.room.join(3)
        #expect(next.payload.contains(#""seat":2"#))
        #expect(
            next.effects == [
                .broadcast(#"{"type":"start","board":[0,0,0,0,0,0,0,0,0],"seats":[2,3],"turn":3}"#)
            ]
        )
    }

    @Test("the others hear that a player is away and is back, who is shown the board where moves were missed")
    func away() {
        self.room.join(3)
        #expect(self.room.drop(2).effects == [.send(#"{"type":"away","player":2}"#, to: 1, 3)])
        self.move(1, 5)
        #expect(
            self.room.resume(2, recovered: false).effects == [
                .send(#"{"type":"back","player":2}"#, to: 1, 3),
                .send(#"{"type":"board","board":[0,0,0,0,1,0,0,0,0],"seats":[1,2],"turn":2}"#, to: 2),
            ]
        )
        self.room.drop(2)
        #expect(self.room.resume(2).effects == [.send(#"{"type":"back","player":2}"#, to: 1, 3)])
        #expect(self.room.drop(3) == .init(verdict: .handled))
        #expect(self.move(2, 1).verdict == .relay)
    }

    @Test("a watcher who leaves changes nothing")
    func watcherLeaves() {
        self.room.join(3)
        #expect(self.room.leave(3) == .init(verdict: .handled))
        #expect(self.move(1, 1).verdict == .relay)
    }

    @Test("a rematch is begun by the other player")
    func rematch() {
        #expect(self.room.send(1, #"{"type":"again"}"#).payload.contains("not_now"))
        for (client, cell) in [(1, 1), (2, 4), (1, 2), (2, 5), (1, 3)] as [(UInt64, Int)] { self.move(client, cell) }
        self.room.join(3)
        #expect(self.room.send(3, #"{"type":"again"}"#).payload.contains("watching"))
        #expect(
            self.room.send(2, #"{"type":"again"}"#)
                == .init(
                    verdict: .handled,
                    effects: [.broadcast(#"{"type":"start","board":[0,0,0,0,0,0,0,0,0],"seats":[1,2],"turn":2}"#)]
                )
        )
        #expect(self.move(2, 9).verdict == .relay)
    }

    @Test(
        "what is no move is refused before the rules see it",
        arguments: [#""cell":0"#, #""cell":10"#, #""cell":"5""#, #""cell":1.5"#, #""cell":null"#, #""x":1"#]
    )
    func noMove(field: String) {
        #expect(self.room.send(1, #"{"type":"move",\#(field)}"#).verdict == .invalid)
        #expect(self.move(1, 1).verdict == .relay)
    }

    @Test("what is against the rules is refused with a reason, and costs no turn")
    func refused() {
        let answer = self.room.send(2, #"{"type":"move","cell":1}"#)
        #expect(answer.verdict == .rejected)
        #expect(answer.payload.hasPrefix(#""reason":"not_your_turn","message":"#))
        #expect(self.move(1, 1).verdict == .relay)
        #expect(
            self.move(2, 1)
                == .init(verdict: .rejected, payload: #""reason":"taken","message":"That cell is taken.","cell":1"#)
        )
    }
}
