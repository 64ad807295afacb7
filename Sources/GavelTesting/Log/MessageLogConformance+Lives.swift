internal import GavelCore
internal import Synchronization

extension MessageLogConformance {
    static let lives: [MessageLogCase] = [
        MessageLogCase("the epoch of a room that slept goes on, if it was not opened since", only: .relaxed) { client in
            var (_, room) = try await client.open("a")
            try await client.commit(room.entry(messages: 2), room.entry(.sleep, messages: 1, copy: "all"))
            try await client.restart(.killed)
            var again = try await client.open("a")
            try expect(again.stored?.isWhole == true && again.stored?.lastID == 3, "it is not whole")
            try await client.restart(.inGoodOrder)
            again = try await client.open("a")
            try expect(again.stored?.isWhole == false, "it is whole although it was open")
            again.room.epoch = Array("epoch-2".utf8)
            try await client.commit(again.room.entry(messages: 1))
            again = try await client.open("a")
            try expect(again.stored?.isWhole == false, "it is whole although it was open")
            try expect(again.stored?.epoch == Array("epoch-2".utf8) && again.stored?.lastID == 4, "not epoch-2")
            try await client.commit(again.room.entry(.sleep))
            try expect(try await client.open("a").stored?.isWhole == true, "it is not whole although it slept")
        },
        MessageLogCase("the epoch of a room goes on after any end", only: .strict) { client in
            var (_, room) = try await client.open("a")
            try await client.commit(room.entry(messages: 2))
            for (way, expected) in [(MessageLogRestart.killed, 3), (.inGoodOrder, 4), (.killed, 5)] {
                try await client.restart(way)
                var again = try await client.open("a")
                try expect(again.stored?.isWhole == true, "it is not whole")
                try await client.commit(again.room.entry(messages: 1))
                try expect(again.room.lastID == MessageID(expected), "last \(again.room.lastID)")
            }
        },
        MessageLogCase("what comes for a life that is not the last one opened is refused, and nothing else") { client in
            var (_, old) = try await client.open("a")
            var (_, other) = try await client.open("b")
            try await client.commit(old.entry(messages: 1))
            var new = try await client.open("a").room
            var unknown = LoggedRoom(key: RoomKey("a"), life: client.makeLife(), stored: nil)
            let refused = await client.append([
                old.entry(messages: 1), other.entry(messages: 1), unknown.entry(messages: 1), new.entry(messages: 2),
            ])
            try expect(refused.mapValues(\.code) == [old.life: .stale, unknown.life: .stale], "refused \(refused)")
            try await client.commit(new.entry(.sleep, messages: 1), other.entry(.end))
            let late = await client.append([new.entry(messages: 1), other.entry(messages: 1)])
            try expect(late.mapValues(\.code) == [new.life: .stale, other.life: .stale], "refused \(late)")
            try expect(try await client.open("a").stored?.lastID == 4, "not 4")
            try expect(try await client.open("b").stored == nil, "b is kept")
        },
        MessageLogCase("numbers that do not follow on each other are refused, and end the life") { client in
            for wrong in [MessageID(3), 5, 8] {
                var (_, room) = try await client.open("\(wrong)")
                try await client.commit(room.entry(messages: 3))
                var entry = room.entry(messages: 1)
                entry.messages = FrameBytes.messages(wrong...max(wrong, 6))
                entry.lastID = max(wrong, 6)
                let refused = await client.append([entry])
                try expect(refused[room.life]?.code == .failed, "\(wrong) is taken")
                try expect(await client.append([room.entry()])[room.life]?.code == .stale, "the life goes on")
                try expect(try await client.open("\(wrong)").stored?.lastID == 3, "not 3")
            }
            var (_, room) = try await client.open("a")
            var entry = room.entry()
            entry.lastID = 1
            try expect(await client.append([entry])[room.life]?.code == .failed, "a number without its message")
        },
        MessageLogCase("answers come in the order of the calls") { client in
            let order = Mutex<[Int]>([])
            var room = try await client.open("a").room
            let log = client.log
            for index in 0..<200 {
                let entry = room.entry(messages: 1)
                if index % 10 == 9 {
                    log.open(RoomKey("b\(index)"), life: client.makeLife(), history: HistoryLimits()) { _ in
                        order.withLock { $0.append(index) }
                    }
                }
                log.append([entry]) { refused in
                    order.withLock { $0.append(refused.isEmpty ? index : -1) }
                }
            }
            client.subject.settle()
            _ = await client.append([])
            let seen = order.withLock { $0 }
            let expected = (0..<200).flatMap { $0 % 10 == 9 ? [$0, $0] : [$0] }
            try expect(seen == expected, "answered \(seen)")
        },
    ]
}
