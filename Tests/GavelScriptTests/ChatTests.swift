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
            second.payload
                == #""moderator":1,"nick":"ada2","welcome":"Hi.","who":[{"id":1,"nick":"Ada"},{"id":2,"nick":"ada2"}]"#
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
            self.room.send(2, #"{"type":"who"}"#).payload
                == #""moderator":1,"who":[{"id":1,"nick":"Grace"},{"id":2,"nick":"Bo"}]"#
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
            self.room.leave(2, .lost).effects
                == [.broadcast(#"{"type":"went","id":2,"moderator":1,"nick":"Bo","reason":"lost"}"#)]
        )
        #expect(self.room.send(1, #"{"type":"who"}"#).payload == #""moderator":1,"who":[{"id":1,"nick":"Ada"}]"#)
    }

    @Test("a moderator mutes, slows down, kicks and locks; nobody else can")
    func moderation() throws {
        let table = try GameTable("chat.lua")
        for client: UInt64 in 1...4 { table.join(client, name: "c\(client)") }
        for text in [
            #"{"type":"mute","id":1,"seconds":5}"#, #"{"type":"slow","seconds":5}"#, #"{"type":"kick","id":1}"#,
            #"{"type":"lock"}"#, #"{"type":"unlock"}"#,
        ] {
            #expect(table.send(2, text).contains("not_moderator"))
        }
        let hello = #"{"type":"say","text":"hello"}"#
        #expect(table.send(1, #"{"type":"mute","id":1,"seconds":5}"#).contains("no_such_client"))
        #expect(table.send(1, #"{"type":"mute","id":9,"seconds":5}"#).contains("no_such_client"))
        table.send(1, #"{"type":"mute","id":2,"seconds":60}"#)
        #expect(table.news(2).last == #"{"type":"muted","seconds":60}"#)
        table.wait(seconds: 59)
        #expect(table.send(2, hello) == "")
        #expect(table.news(2).last == #"{"type":"muted","seconds":1}"#)
        #expect(table.news(3).contains { $0.contains("hello") } == false)
        table.send(1, #"{"type":"mute","id":2,"seconds":0}"#)
        #expect(table.send(2, hello).contains("hello"))

        table.send(1, #"{"type":"slow","seconds":10}"#)
        #expect(table.news(3).last == #"{"type":"slow","seconds":10}"#)
        #expect(table.send(2, hello) == "")
        #expect(table.send(3, hello).contains("hello"))
        table.wait(seconds: 10)
        #expect(table.send(2, hello).contains("hello"))

        table.send(1, #"{"type":"kick","id":3,"reason":"Enough."}"#)
        #expect(table.news(3).last == #"{"type":"left","reason":"kicked","message":"Enough."}"#)
        #expect(table.news(2).last == #"{"type":"went","id":3,"moderator":1,"nick":"c3","reason":"kicked"}"#)
        table.send(1, #"{"type":"lock"}"#)
        #expect(table.news(2).last == #"{"type":"locked","locked":true}"#)
        #expect(table.join(5).contains("locked"))
        table.send(1, #"{"type":"unlock"}"#)
        #expect(table.join(5).contains("joined"))
    }

    @Test("who has been there longest takes over from a moderator who leaves; the last to leave unlocks")
    func heir() throws {
        let table = try GameTable("chat.lua")
        for client: UInt64 in 1...3 { table.join(client) }
        table.send(1, #"{"type":"lock"}"#)
        table.leave(1, .lost)
        #expect(table.last("went", 3)?[number: "moderator"] == 2)
        #expect(table.send(3, #"{"type":"slow","seconds":1}"#).contains("not_moderator"))
        #expect(table.send(2, #"{"type":"slow","seconds":1}"#) == "")
        table.leave(3)
        #expect(table.isLocked)
        table.leave(2)
        #expect(table.join(4).contains(#""moderator":4"#))
    }

    @Test("a muted one who speaks on is muted no longer for that")
    func mutedSpeaksOn() throws {
        let table = try GameTable("chat.lua", params: #"{"flood":2}"#)
        table.join(1)
        for _ in 1...10 { table.send(1, #"{"type":"say","text":"a"}"#) }
        #expect(table.last("muted", 1)?[number: "seconds"] == 15)
        table.wait(seconds: 15)
        #expect(table.send(1, #"{"type":"say","text":"a"}"#).contains("say"))
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
