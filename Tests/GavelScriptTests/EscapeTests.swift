import GavelCore
import Testing

@Suite("escape room")
struct EscapeTests {
    let table: GameTable

    init() throws {
        self.table = try GameTable(
            "escape.lua",
            params: #"{"minutes":2,"codes":["4711","OWL"],"clues":["The year on the coin"]}"#
        )
        self.table.join(1)
        self.table.join(2)
    }

    private func start() { #expect(self.table.send(1, #"{"type":"start"}"#) == "") }

    @discardableResult
    private func attempt(_ client: ClientID, _ lock: Int, _ code: String) -> String {
        self.table.send(client, #"{"type":"try","lock":\#(lock),"code":"\#(code)"}"#)
    }

    @Test("played whole: both open a lock, wrong codes cost time, and they escape")
    func escape() {
        self.start()
        #expect(
            self.table.news(2).last
                == #"{"type":"started","left_ms":120000,"locks":[{"clue":"The year on the coin","open":false,"shown":"____"},{"open":false,"shown":"___"}]}"#
        )
        self.table.wait(seconds: 10)
        self.attempt(2, 1, "4117")
        #expect(
            self.table.news(1).last == #"{"type":"tried","by":2,"code":"4117","left_ms":100000,"lock":1,"right":2}"#
        )
        self.attempt(1, 2, "owl")
        #expect(self.table.last("opened", 2)?[text: "code"] == "OWL")
        #expect(self.attempt(2, 2, "owl").contains(#""reason":"open""#))
        self.attempt(2, 1, "4711")
        #expect(self.table.news(1).last == #"{"type":"escaped","left_ms":100000}"#)
        #expect(self.table.room.rules.nextTimer == nil)
        #expect(self.attempt(1, 1, "4711").contains("not_now"))
        self.start()
        #expect(self.table.last("started", 1)?[number: "left_ms"] == 120_000)
    }

    @Test("the time runs out, also by what a wrong code costs")
    func caught() {
        self.start()
        self.table.wait(seconds: 115)
        self.attempt(1, 1, "0000")
        #expect(self.table.last("tried", 2)?[number: "left_ms"] == 0)
        self.table.wait(milliseconds: 0)
        #expect(self.table.news(2).last == #"{"type":"caught"}"#)
        #expect(self.attempt(1, 1, "4711").contains("not_now"))
        self.start()
        self.table.wait(seconds: 120)
        #expect(self.table.news(2).last == #"{"type":"caught"}"#)
    }

    @Test("a hint shows one place more and costs a minute; the last place is not shown, nor a hint without the time")
    func hints() {
        self.start()
        self.table.send(1, #"{"type":"hint","lock":2}"#)
        #expect(self.table.news(2).last == #"{"type":"hint","by":1,"left_ms":60000,"lock":2,"shown":"O__"}"#)
        #expect(self.table.send(1, #"{"type":"hint","lock":2}"#).contains("no_time"))
        #expect(self.table.send(1, #"{"type":"hint","lock":3}"#).contains("no_such_lock"))
    }

    @Test("hints end before the last place")
    func lastPlace() throws {
        let table = try GameTable("escape.lua", params: #"{"codes":["AB"],"hint":0}"#)
        table.join(1)
        #expect(table.send(1, #"{"type":"hint","lock":1}"#).contains("not_now"))
        table.send(1, #"{"type":"start"}"#)
        table.send(1, #"{"type":"hint","lock":1}"#)
        #expect(table.last("hint", 1)?[text: "shown"] == "A_")
        #expect(table.send(1, #"{"type":"hint","lock":1}"#).contains("no_more_hints"))
    }

    @Test("no code is sent before its lock is open, to nobody, whatever is asked")
    func secret() {
        self.start()
        self.attempt(1, 1, "OWL")
        self.attempt(2, 2, "4710")
        self.table.join(3)
        self.attempt(1, 2, "OWL")
        self.table.join(4)
        for client: ClientID in 1...4 {
            #expect(self.table.heard[client]?.joined().contains("4711") == false)
        }
        #expect(self.table.heard[3]?.first?.contains("OWL") == false)
        let locks = self.table.last("snapshot", 4)?["locks"] as? [[String: Any]]
        #expect(locks?.map { $0[text: "shown"] } == ["____", "OWL"])
    }

    @Test("codes of its own are shown in order, and can be found by trying", arguments: 1...20 as ClosedRange<UInt64>)
    func derived(seed: UInt64) throws {
        let table = try GameTable("escape.lua", params: #"{"minutes":600}"#, seed: seed)
        table.join(1)
        table.send(1, #"{"type":"start"}"#)
        let locks = try #require(table.last("started", 1)?["locks"] as? [[String: Any]])
        #expect(locks.count == 3)
        for (index, lock) in locks.enumerated() {
            let digits = try #require(lock[text: "clue"]).split(separator: " ").joined()
            #expect(digits == String(digits.sorted()))
            for code in orders(of: digits) where table.last("opened", 1)?[number: "lock"] != index + 1 {
                table.wait(seconds: 1)
                table.send(1, #"{"type":"try","lock":\#(index + 1),"code":"\#(code)"}"#)
            }
            #expect(table.last("opened", 1)?[number: "lock"] == index + 1)
        }
        #expect(table.last("escaped", 1) != nil)
    }

    @Test("the clock runs on while nobody is there, and who comes back sees it")
    func nobody() {
        self.start()
        self.table.leave(1)
        self.table.leave(2, .lost)
        self.table.wait(seconds: 30)
        self.table.join(3)
        #expect(self.table.last("snapshot", 3)?[number: "left_ms"] == 90_000)
        #expect(self.table.last("snapshot", 3)?[text: "phase"] == "playing")
        #expect(self.table.send(3, #"{"type":"start"}"#).contains("not_now"))
        self.table.wait(seconds: 90)
        #expect(self.table.last("caught", 3) != nil)
    }

    @Test("trying every code as fast as one can is limited")
    func rate() {
        self.start()
        let answers = (1...25).map { _ in self.table.room.send(1, #"{"type":"try","lock":9,"code":"1"}"#).verdict }
        #expect(answers.prefix(20).allSatisfy { $0 == .rejected })
        #expect(answers.suffix(5).allSatisfy { $0 == .limited })
    }
}

private func orders(of text: String) -> Set<String> {
    guard text.count > 1 else { return [text] }
    return Set(
        text.indices.flatMap { index in
            var rest = text
            let character = rest.remove(at: index)
            return orders(of: rest).map { "\(character)\($0)" }
        }
    )
}
