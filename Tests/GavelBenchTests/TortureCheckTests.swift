import Testing

@testable import GavelBench

@Suite("What the torture finds")
struct TortureCheckTests {
    private var check = TortureCheck()

    init() {
        self.check.join(1, room: 0, epoch: "e", last: 0)
        self.check.join(2, room: 0, epoch: "e", last: 0)
    }

    private mutating func say(
        _ number: UInt64,
        _ value: UInt64,
        series: String = "a",
        text: String? = nil,
        to clients: [Int] = [1, 2]
    ) {
        for client in clients {
            let text = Array((text ?? "\(series) \(value)").utf8)
            self.check.receive(client, number: number, text: text) {
                RoomHistory.Message(text: text, values: [SeriesValue(series, value)])
            }
        }
    }

    private mutating func finish(sent: UInt64, isAlive: Bool = true) -> [TortureFindings.Kind: UInt64] {
        let life = TortureCheck.Life(series: "a", room: 0, sent: sent, isAlive: isAlive)
        self.check.finish(lives: [life], latest: [:], members: [:])
        return self.found
    }

    private var found: [TortureFindings.Kind: UInt64] {
        let kinds = TortureFindings.Kind.allCases.filter { self.check.findings[$0] > 0 }
        return Dictionary(uniqueKeysWithValues: kinds.map { ($0, self.check.findings[$0]) })
    }

    @Test("a whole order, with returns in between, has no violation")
    mutating func whole() {
        for value in UInt64(1)...10 { self.say(value, value) }
        self.say(11, 11, to: [1])
        self.check.comeBack(
            2,
            epoch: "e",
            last: 11,
            outcome: .recovered,
            circumstances: ResumeCircumstances(durability: .strict)
        )
        self.say(11, 11, to: [2])
        #expect(self.finish(sent: 11).isEmpty)
        #expect(self.check.received == 22)
    }

    @Test("a number left out is a gap at its client, and at the end a message lost where nobody saw it")
    mutating func gap() {
        self.say(1, 1)
        self.say(2, 2, to: [1])
        self.say(3, 3)
        #expect(self.finish(sent: 3) == [.gap: 1])
    }

    @Test("a recovered client must go on at the number after its last")
    mutating func gapAfterReturn() {
        for value in UInt64(1)...4 { self.say(value, value, to: [1]) }
        self.say(1, 1, to: [2])
        self.check.comeBack(
            2,
            epoch: "e",
            last: 4,
            outcome: .recovered,
            circumstances: ResumeCircumstances(durability: .strict)
        )
        for value in UInt64(3)...4 { self.say(value, value, to: [2]) }
        #expect(self.finish(sent: 4) == [.gap: 1])
        #expect(self.check.findings.first(of: .gap) == ["client 2 got 3 of epoch e instead of 2"])
    }

    @Test("a number that comes again is found")
    mutating func repeated() {
        self.say(1, 1)
        self.say(2, 2)
        self.say(2, 2, to: [1])
        #expect(self.finish(sent: 2) == [.repeated: 1])
    }

    @Test("two contents under one number are found, also on a connection that was replaced")
    mutating func contents() {
        self.say(1, 1)
        self.say(2, 2, text: "this", to: [1])
        self.say(2, 2, text: "that", to: [2])
        self.check.glimpse(1, epoch: "e", number: 1, text: Array("other".utf8)) {
            RoomHistory.Message(text: [], values: [])
        }
        #expect(self.finish(sent: 2) == [.contents: 2])
        #expect(self.check.findings.first(of: .contents)[0] == "client 2 saw at 2 of epoch e that, another this")
    }

    @Test("a message lost in the middle is found, and one lost at the end if its sender's session is alive")
    mutating func lost() {
        self.say(1, 1)
        self.say(2, 3)
        var other = self
        #expect(self.finish(sent: 4) == [.lost: 2])
        #expect(self.check.findings.first(of: .lost) == ["room 0, a: no 2", "room 0, a: 4 to 4, its last messages"])
        #expect(other.finish(sent: 4, isAlive: false) == [.lost: 1])
    }

    @Test("of a session alive not a single message may be missing")
    mutating func lostAll() {
        #expect(self.finish(sent: 1, isAlive: false).isEmpty)
        #expect(self.finish(sent: 1) == [.lost: 1])
    }

    @Test("a message taken twice is found, and one that nobody sent")
    mutating func doubled() {
        self.say(1, 1)
        self.say(2, 2)
        self.say(3, 2)
        self.say(4, 3)
        #expect(self.finish(sent: 2) == [.doubled: 2])
    }

    @Test("messages out of their sender's order are found, and not taken for lost")
    mutating func swapped() {
        self.say(1, 1)
        self.say(2, 3)
        self.say(3, 2)
        self.say(4, 4)
        #expect(self.finish(sent: 4) == [.swapped: 1])
    }

    @Test("where numbers are missing for all, their messages may have gone with them")
    mutating func holes() {
        self.say(1, 1)
        for client in [1, 2] {
            self.check.comeBack(
                client,
                epoch: "e",
                last: 3,
                outcome: .missed("history"),
                circumstances: ResumeCircumstances(durability: .strict, hasShortHistory: true)
            )
        }
        self.say(4, 4)
        self.say(5, 6)
        #expect(self.finish(sent: 6) == [.lost: 1])
        #expect(self.check.rooms[0]?.holes == 2)
    }

    @Test("a new epoch may repeat what the old one's end told, but nothing of its own")
    mutating func epochs() {
        for value in UInt64(1)...3 { self.say(value, value) }
        for client in [1, 2] {
            self.check.comeBack(
                client,
                epoch: "f",
                last: 1,
                outcome: .missed("epoch"),
                circumstances: ResumeCircumstances(durability: .relaxed, wasKilled: true)
            )
        }
        self.say(2, 2)
        self.say(3, 3, text: "not as in the old epoch")
        #expect(self.finish(sent: 3).isEmpty)
        self.say(4, 3)
        #expect(self.finish(sent: 3) == [.doubled: 1])
    }

    @Test("a latest message older than one before it is found, the same again is none")
    mutating func stale() {
        self.check.receiveLatest(1, key: "k", .init(author: "a", count: 5))
        self.check.receiveLatest(1, key: "k", .init(author: "a", count: 5))
        self.check.receiveLatest(1, key: "k", .init(author: "b", count: 1))
        #expect(self.found.isEmpty)
        self.check.receiveLatest(1, key: "k", .init(author: "a", count: 4))
        #expect(self.found == [.stale: 1])
    }

    @Test("a client without the last of a key is found, and clients that disagree on a shared one")
    mutating func outdated() {
        for client in [1, 2] { self.check.receiveLatest(client, key: "own", .init(author: "a", count: 4)) }
        self.check.receiveLatest(1, key: "shared", .init(author: "a", count: 9))
        self.check.receiveLatest(2, key: "shared", .init(author: "b", count: 3))
        self.check.receiveLatest(1, key: "own", .init(author: "a", count: 5))
        self.check.finish(
            lives: [],
            latest: [0: ["own": .init(author: "a", count: 5), "shared": nil as ClientView.Latest?]],
            members: [:]
        )
        #expect(self.found == [.outdated: 2])
        #expect(self.check.findings.first(of: .outdated)[0] == "client 2 has of own a's 4, the latest is a's 5")
    }

    @Test("a client left behind its room is found")
    mutating func stuck() {
        self.say(1, 1)
        self.say(2, 2, to: [1])
        #expect(self.finish(sent: 2) == [.stuck: 1])
    }

    @Test("a ghost is found")
    mutating func ghost() {
        for (number, change) in [PresenceChange.came(1), .came(2), .went(2), .came(3)].enumerated() {
            self.check.receive(1, number: UInt64(number) + 1, text: [UInt8(number)]) {
                RoomHistory.Message(text: [UInt8(number)], values: [], presence: change)
            }
        }
        var other = self
        self.check.finish(lives: [], latest: [:], members: [0: [1, 3]])
        #expect(self.check.findings[.presence] == 0)
        other.check.finish(lives: [], latest: [:], members: [0: [1]])
        #expect(other.check.findings[.presence] == 1)
    }

    @Test("history asked for may begin so many messages before the join, and no earlier")
    mutating func history() {
        self.check.join(3, room: 1, epoch: "e", last: 10, history: 5)
        for value in UInt64(6)...11 { self.say(value, value, to: [3]) }
        #expect(self.found.isEmpty)
        self.check.join(3, room: 1, epoch: "e", last: 20, history: 5)
        self.say(15, 15, to: [3])
        #expect(self.found == [.repeated: 1])
    }
}
