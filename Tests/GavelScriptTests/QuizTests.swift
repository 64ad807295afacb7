import GavelCore
import Testing

@Suite("quiz")
struct QuizTests {
    let table: GameTable

    init() throws {
        self.table = try GameTable("quiz.lua")
        self.table.join(1, name: "Host")
        self.table.join(2, name: "Ann")
        self.table.join(3, name: "Bob")
    }

    @discardableResult
    private func ask(_ client: ClientID = 1, right: Int = 2, seconds: String = "") -> String {
        self.table.send(
            client,
            #"{"type":"ask","question":"2 + 2?","choices":["3","4","5"],"right":\#(right)\#(seconds)}"#
        )
    }

    @discardableResult
    private func answer(_ client: ClientID, _ choice: Int) -> String {
        self.table.send(client, #"{"type":"answer","choice":\#(choice)}"#)
    }

    private func points(_ type: String = "result") -> [Int: Int] {
        let scores = self.table.last(type, 1)?["scores"] as? [[String: Any]] ?? []
        return Dictionary(uniqueKeysWithValues: scores.map { ($0[number: "id"]!, $0[number: "points"]!) })
    }

    @Test("played whole: questions, points by speed, the end, and another quiz from nothing")
    func wholeQuiz() {
        #expect(self.ask() == "")
        #expect(
            self.table.news(2).last
                == #"{"type":"question","choices":["3","4","5"],"number":1,"question":"2 + 2?","seconds":20}"#
        )
        self.table.wait(seconds: 10)
        #expect(self.answer(2, 2) == #"{"type":"reply","choice":2}"#)
        #expect(self.table.last("answered", 3)?[number: "count"] == 1)
        #expect(self.table.last("answered", 3)?[number: "of"] == 2)
        self.answer(3, 1)
        #expect(self.table.last("result", 3)?[numbers: "answers"] == [1, 1, 0])
        #expect(self.table.last("result", 3)?[number: "right"] == 2)
        #expect(self.points() == [1: 0, 2: 75, 3: 0])
        self.ask(right: 1)
        self.answer(3, 1)
        self.answer(2, 1)
        #expect(self.points() == [1: 0, 2: 175, 3: 100])
        #expect((self.table.last("result", 1)?["scores"] as? [[String: Any]])?.first?[text: "name"] == "Ann")
        self.table.send(1, #"{"type":"finish"}"#)
        #expect(self.points("final") == [1: 0, 2: 175, 3: 100])
        #expect(self.ask() == "")
        #expect(self.table.last("question", 2)?[number: "number"] == 1)
        self.table.send(1, #"{"type":"reveal"}"#)
        #expect(self.points() == [1: 0, 2: 0, 3: 0])
        #expect(self.table.room.rules.nextTimer == nil)
    }

    @Test("a question ends when its time is up, and takes no answer afterwards")
    func timeUp() {
        self.ask(seconds: #","seconds":5"#)
        self.table.wait(milliseconds: 4999)
        self.answer(2, 2)
        #expect(self.table.last("result", 2) == nil)
        self.table.wait(milliseconds: 1)
        #expect(self.table.last("result", 2)?[numbers: "answers"] == [0, 1, 0])
        #expect(self.points()[2] == 50)
        #expect(self.answer(3, 2).contains("not_now"))
    }

    @Test("nobody learns what is right, or what others answered, before the result")
    func secret() {
        self.ask(right: 3)
        self.answer(2, 1)
        self.table.join(4)
        for client: ClientID in [2, 3, 4] {
            let heard = self.table.heard[client]?.joined() ?? ""
            #expect(!heard.contains("right"))
            #expect(client == 2 || !heard.contains(#""choice":1"#))
        }
        #expect(self.table.last("snapshot", 4)?["question"] as? String == "2 + 2?")
    }

    @Test("only the host asks, reveals, hands over and finishes, and only when it is time")
    func hostOnly() {
        for text in [#"{"type":"reveal"}"#, #"{"type":"hand_over","to":3}"#, #"{"type":"finish"}"#] {
            #expect(self.table.send(2, text).contains("not_host"))
        }
        #expect(self.ask(2).contains("not_host"))
        #expect(self.table.send(1, #"{"type":"reveal"}"#).contains("not_now"))
        #expect(self.ask(right: 4).contains("no_such_choice"))
        self.ask()
        #expect(self.ask().contains("not_now"))
        #expect(self.table.send(1, #"{"type":"finish"}"#).contains("not_now"))
        #expect(self.table.send(1, #"{"type":"hand_over","to":2}"#).contains("not_now"))
        #expect(self.answer(1, 2).contains(#""reason":"host""#))
        #expect(self.answer(2, 4).contains("no_such_choice"))
        #expect(self.answer(2, 1) == #"{"type":"reply","choice":1}"#)
        #expect(self.answer(2, 2).contains("answered"))
    }

    @Test("the host hands over, to somebody who is there")
    func handOver() {
        #expect(self.table.send(1, #"{"type":"hand_over","to":9}"#).contains("no_such_client"))
        #expect(self.table.send(1, #"{"type":"hand_over","to":1}"#).contains("no_such_client"))
        #expect(self.table.send(1, #"{"type":"hand_over","to":3}"#) == "")
        #expect(self.table.news(2).last == #"{"type":"host","id":3}"#)
        #expect(self.ask(1).contains("not_host"))
        #expect(self.ask(3) == "")
        self.answer(1, 2)
        self.answer(2, 2)
        #expect(self.points() == [1: 100, 2: 100, 3: 0])
    }

    @Test("a host who leaves in a question is followed by who came first, whose answer no longer counts")
    func hostLeaves() {
        self.ask()
        self.answer(2, 2)
        self.table.leave(1, .lost)
        #expect(self.table.last("host", 3)?[number: "id"] == 2)
        #expect(self.table.last("answered", 3)?[number: "of"] == 1)
        self.answer(3, 2)
        #expect(self.table.last("result", 3)?[numbers: "answers"] == [0, 1, 0])
        #expect(self.ask(2) == "")
    }

    @Test(
        "the last one without an answer who leaves ends the question; a host alone goes on; an empty room has no host"
    )
    func leaving() {
        self.ask()
        self.answer(2, 2)
        self.table.leave(3)
        #expect(self.table.last("result", 1)?[numbers: "answers"] == [0, 1, 0])
        self.ask()
        self.table.leave(2)
        #expect(self.table.last("result", 1)?[numbers: "answers"] == [0, 0, 0])
        self.ask()
        self.table.leave(1)
        #expect(self.table.room.rules.nextTimer == nil)
        #expect(self.table.join(4) == #"{"type":"joined","host":4}"#)
        #expect(self.ask(4) == "")
    }

    @Test("who comes back is a new client, from nothing")
    func comesBack() {
        self.ask()
        self.answer(2, 2)
        self.answer(3, 1)
        self.table.leave(2)
        self.table.join(4, name: "Ann")
        #expect(
            (self.table.last("snapshot", 4)?["scores"] as? [[String: Any]])?.map { $0[number: "points"] } == [0, 0, 0]
        )
    }
}
