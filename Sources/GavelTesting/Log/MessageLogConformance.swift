internal import GavelCore

/// What every ``MessageLog`` does, whatever stands behind it.
package enum MessageLogConformance {
    package static var cases: [MessageLogCase] { self.keeping + self.lives + self.random }

    private static let keeping: [MessageLogCase] = [
        MessageLogCase("nothing is kept of a room that only was opened") { client in
            for way in MessageLogRestart.allCases {
                try expect(try await client.open("a").stored == nil, "something is kept")
                try await client.restart(way)
            }
        },
        MessageLogCase("what was committed comes back, byte for byte, after every restart") { client in
            var (_, room) = try await client.open("a")
            try await client.commit(room.entry(messages: 3, changes: "x", copy: "first"))
            try await client.commit(room.entry(messages: 2, padding: 300, changes: "y"), room.entry(changes: "z"))
            try await client.commit(room.entry(messages: 1, padding: 70_000))
            for way in MessageLogRestart.allCases {
                try await client.restart(way)
                guard let stored = try await client.open("a").stored else { throw MessageLogViolation("nothing kept") }
                try expect(stored.epoch == Array("epoch-1".utf8), "epoch \(stored.epoch)")
                try expect(stored.lastID == 6, "last \(stored.lastID)")
                try expect(stored.copyText == "first" && stored.changeTexts == ["y", "z"], "\(stored.changeTexts)")
                let expected =
                    (1...3).map { FrameBytes.message($0) } + (4...5).map { FrameBytes.message($0, padding: 300) }
                    + [FrameBytes.message(6, padding: 70_000)]
                try expect(try stored.frames() == expected, "other frames")
            }
        },
        MessageLogCase("changes stay apart and in order, and a copy takes the place of those before it") { client in
            var (_, room) = try await client.open("a")
            let merged = [
                room.entry(changes: "1"), room.entry(), room.entry(changes: "2", copy: "copy 2"),
                room.entry(messages: 1), room.entry(changes: "3"),
            ]
            try expect(await client.append(merged).isEmpty, "refused")
            try await client.commit(room.entry(changes: "4"), room.entry(changes: String(repeating: "5", count: 9_000)))
            try await client.restart(.killed)
            var stored = try await client.open("a")
            let long = String(repeating: "5", count: 9_000)
            try expect(stored.stored?.copyText == "copy 2", "copy \(stored.stored?.copyText ?? "none")")
            try expect(stored.stored?.changeTexts == ["3", "4", long], "\(stored.stored?.changeTexts ?? [])")
            try await client.commit(stored.room.entry(changes: "6", copy: ""))
            try await client.restart(.killed)
            stored = try await client.open("a")
            try expect(stored.stored?.copy == [] && stored.stored?.changes == [], "not an empty copy alone")
        },
        MessageLogCase("of the latest messages come as many as were asked for") { client in
            var (_, room) = try await client.open("a")
            for _ in 0..<10 { try await client.commit(room.entry(messages: 5)) }
            let length = FrameBytes.message(50).count
            for (messages, bytes, count) in [
                (0, 1 << 20, 0), (1, 1 << 20, 1), (7, 1 << 20, 7), (50, 1 << 20, 50), (99, 1 << 20, 50),
                (99, length * 12 + 1, 12), (99, length - 1, 0),
            ] {
                let limits = HistoryLimits(messages: messages, bytes: bytes, age: .seconds(1 << 40))
                guard let stored = try await client.open(RoomKey("a"), history: limits).stored else {
                    throw MessageLogViolation("nothing is kept")
                }
                try expect(try stored.frames().count == count, "\(messages) messages, \(bytes) bytes: not \(count)")
            }
        },
        MessageLogCase("rooms are told apart by the bytes of their keys") { client in
            let keys = ["a", "A", "ab", "\u{E9}", "e\u{301}", "a%", "a'--", String(repeating: "k", count: 128)]
            for (index, key) in keys.enumerated() {
                var (stored, room) = try await client.open(RoomKey(key))
                try expect(stored == nil, "\(key) is another's")
                try await client.commit(room.entry(messages: index + 1))
            }
            try await client.restart(.inGoodOrder)
            for (index, key) in keys.enumerated() {
                let stored = try await client.open(RoomKey(key)).stored
                try expect(stored?.lastID == MessageID(index + 1), "\(key) is another's")
            }
        },
        MessageLogCase("nothing is kept of a room that ended, and another may begin under its key") { client in
            var (_, room) = try await client.open("a")
            try await client.commit(room.entry(messages: 900, changes: "x", copy: "y"))
            let last = room.entry(.end, messages: 1)
            try await client.commit(last)
            var again = try await client.open("a")
            try expect(again.stored == nil, "something is kept")
            try await client.commit(again.room.entry(messages: 2), again.room.entry(.end))
            try await client.restart(.killed)
            again = try await client.open("a")
            try expect(again.stored == nil, "something is kept")
            try await client.commit(again.room.entry(messages: 2))
            try await client.restart(.killed)
            let stored = try await client.open("a").stored
            try expect(stored?.lastID == 2 && stored?.copy == nil && stored?.changes == [], "the old room shows")
        },
    ]
}
