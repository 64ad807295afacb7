import GavelAdmin
import Testing

@Suite("A list of rooms")
struct RoomListTests {
    private let rooms: [RoomOverview] = [("b", 2, 9, "chat.lua"), ("Apple", 5, 3, nil), ("a", 2, 20, "quiz.lua")].map {
        var room = RoomOverview($0.0)
        room.clients = $0.1
        room.lastMessage = $0.2
        room.rules = $0.3
        room.version = $0.3.map { _ in "5d41402abc" }
        return room
    }

    private func names(_ arguments: RoomsArguments) -> [String] {
        RoomList(self.rooms, arguments).rooms.map(\.room)
    }

    @Test("is sorted by what was asked for, then by name")
    func sorted() {
        #expect(self.names(RoomsArguments()) == ["Apple", "a", "b"])
        #expect(self.names(RoomsArguments(sort: .clients)) == ["Apple", "a", "b"])
        #expect(self.names(RoomsArguments(sort: .messages)) == ["a", "b", "Apple"])
    }

    @Test("holds what was searched for, in names of rooms and of rules")
    func search() {
        #expect(self.names(RoomsArguments(search: "aP")) == ["Apple"])
        #expect(self.names(RoomsArguments(search: "CHAT")) == ["b"])
        #expect(self.names(RoomsArguments(search: "")) == ["Apple", "a", "b"])
    }

    @Test("tells how many it leaves out")
    func limited() {
        let list = RoomList(self.rooms, RoomsArguments(search: "a", limit: 1))
        #expect(list.rooms.count == 1)
        #expect(list.matched == 3)
        #expect(list.text.hasSuffix("\n… and 2 more."))
    }

    @Test("stands in columns, and names that would steer a terminal do not")
    func text() {
        var rooms = self.rooms
        rooms[1].room = "\u{1B}[31mred\u{202E}"
        rooms[2].isOnProbation = true
        rooms[2].away = 1
        #expect(
            RoomList(rooms, RoomsArguments()).text == """
                ROOM       CLIENTS  MESSAGES  RULES
                ·[31mred·        5         3  none
                a                2        20  quiz.lua 5d41402abc  1 away, on probation
                b                2         9  chat.lua 5d41402abc
                """
        )
        #expect(RoomList([], RoomsArguments()).text == "There are no rooms.")
        #expect(RoomList(rooms, RoomsArguments(search: "zz")).text == "None of the 3 rooms is like that.")
    }
}
