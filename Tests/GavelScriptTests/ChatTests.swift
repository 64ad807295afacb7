import GavelCore
import Testing

@Suite("chat")
struct ChatTests {
    let room: ScriptedRoom

    init() throws {
        self.room = try ScriptedRoom(file: "chat.lua", params: #"{"welcome":"Hi.","flood":3,"longest":5}"#)
        self.room.create()
        self.room.join(1, name: "Ada")
    }

    @Test("a newcomer is welcomed and given a name of its own")
    func welcome() {
        let second = self.room.join(2, name: "  ada ")
        #expect(
            second.payload == #""nick":"ada2","welcome":"Hi.","who":[{"id":1,"nick":"Ada"},{"id":2,"nick":"ada2"}]"#
        )
        #expect(second.effects == [.send(#"{"type":"came","id":2,"nick":"ada2"}"#, to: 1)])
        #expect(self.room.join(3).payload.contains(#""nick":"guest""#))
    }

    @Test("params that the config leaves out have their defaults")
    func defaults() throws {
        let room = try ScriptedRoom(file: "chat.lua")
        room.create()
        #expect(room.join(1).payload.contains("Welcome. Be kind."))
    }

    @Test("a line is trimmed, cut at a character, and carries its speaker's name")
    func say() {
        let answer = self.room.send(1, #"{"type":"say","text":"  héééééé ","ref":7}"#)
        #expect(answer.verdict == .changed)
        #expect(answer.payload == #"{"type":"say","ref":7,"nick":"Ada","text":"héééé"}"#)
        #expect(self.room.send(1, #"{"type":"say","text":"   "}"#).payload.contains(#""reason":"empty""#))
        #expect(
            self.room.send(1, #"{"type":"say"}"#) == .init(verdict: .invalid, payload: #""message":"text: missing""#)
        )
    }

    @Test("who floods is muted for a while, and told so")
    func flood() {
        for _ in 1...3 { #expect(self.room.send(1, #"{"type":"say","text":"a"}"#).verdict == .changed) }
        let muted = ScriptedRoom.Answer(verdict: .dropped, effects: [.send(#"{"type":"muted","seconds":15}"#, to: 1)])
        #expect(self.room.send(1, #"{"type":"say","text":"a"}"#) == muted)
        self.room.now += 14_500
        #expect(
            self.room.send(1, #"{"type":"me","text":"a"}"#)
                == .init(verdict: .handled, effects: [.send(#"{"type":"muted","seconds":1}"#, to: 1)])
        )
        self.room.now += 500
        #expect(self.room.send(1, #"{"type":"say","text":"a"}"#).verdict == .changed)
    }

    @Test("a name can be changed, but not to somebody's")
    func nick() {
        self.room.join(2, name: "Bo")
        let taken = self.room.send(1, #"{"type":"nick","name":"BO"}"#)
        #expect(taken.payload == #""reason":"taken","message":"Somebody has that name.","nick":"BO""#)
        let changed = self.room.send(1, #"{"type":"nick","name":"Grace"}"#)
        #expect(changed.hasReply)
        #expect(changed.payload == #""nick":"Grace""#)
        #expect(changed.effects == [.broadcast(#"{"type":"renamed","from":"Ada","id":1,"to":"Grace"}"#)])
        #expect(
            self.room.send(2, #"{"type":"who"}"#).payload == #""who":[{"id":1,"nick":"Grace"},{"id":2,"nick":"Bo"}]"#
        )
    }

    @Test("an emote is the room's own message, and a leave is told")
    func others() {
        self.room.join(2, name: "Bo")
        #expect(
            self.room.send(2, #"{"type":"me","text":"waves"}"#).effects
                == [.broadcast(#"{"type":"emote","id":2,"nick":"Bo","text":"waves"}"#)]
        )
        #expect(
            self.room.leave(2, .lost).effects == [.broadcast(#"{"type":"went","id":2,"nick":"Bo","reason":"lost"}"#)]
        )
        #expect(self.room.send(1, #"{"type":"who"}"#).payload == #""who":[{"id":1,"nick":"Ada"}]"#)
    }

    @Test("three hundred guests find a name each, and a line of a thousand spaces is a line")
    func many() throws {
        let room = try ScriptedRoom(file: "chat.lua")
        room.create()
        for client in 1...300 as ClosedRange<UInt64> { #expect(room.join(client).verdict == .handled) }
        let spaces = String(repeating: " ", count: 1_900)
        #expect(room.send(7, #"{"type":"say","text":"  a\#(spaces)b  "}"#).verdict == .changed)
    }
}
