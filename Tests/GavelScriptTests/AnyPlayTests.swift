import GavelCore
import Testing

@Suite("the games that ship, whatever people do,")
struct AnyPlayTests {
    struct Game: Sendable, CustomTestStringConvertible {
        var file: String
        var params = ""
        /// What clients send; `@` becomes a small number.
        var messages: [String]

        var testDescription: String { self.file }
    }

    static let games = [
        Game(
            file: "tictactoe.lua",
            messages: [#"{"type":"move","cell":@}"#, #"{"type":"move","cell":@}"#, #"{"type":"again"}"#]
        ),
        Game(
            file: "chat.lua",
            messages: [
                #"{"type":"say","text":"@"}"#, #"{"type":"me","text":" "}"#, #"{"type":"nick","name":"@"}"#,
                #"{"type":"who"}"#, #"{"type":"mute","id":@,"seconds":@}"#, #"{"type":"slow","seconds":@}"#,
                #"{"type":"kick","id":@}"#, #"{"type":"lock"}"#, #"{"type":"unlock"}"#,
            ]
        ),
        Game(
            file: "rps.lua",
            params: #"{"wins":2,"pause":0}"#,
            messages: [
                #"{"type":"choose","hand":"rock"}"#, #"{"type":"choose","hand":"paper"}"#, #"{"type":"again"}"#,
                #"{"type":"sit"}"#,
            ]
        ),
        Game(
            file: "eights.lua",
            params: #"{"cards":1}"#,
            messages: [
                #"{"type":"draw"}"#, #"{"type":"play","card":"8H","suit":"S"}"#, #"{"type":"play","card":"@D"}"#,
                #"{"type":"play","card":"@C"}"#, #"{"type":"start"}"#,
            ]
        ),
        Game(
            file: "quiz.lua",
            messages: [
                #"{"type":"ask","question":"?","choices":["a","b","c"],"right":@}"#, #"{"type":"answer","choice":@}"#,
                #"{"type":"answer","choice":1}"#, #"{"type":"hand_over","to":@}"#, #"{"type":"reveal"}"#,
                #"{"type":"finish"}"#,
            ]
        ),
        Game(
            file: "lobby.lua",
            params: #"{"modes":{"1":"a-","2":"b-"}}"#,
            messages: [#"{"type":"queue","mode":"@","rank":@00}"#, #"{"type":"cancel"}"#]
        ),
        Game(
            file: "draw.lua",
            params: #"{"strokes":3}"#,
            messages: [
                #"{"type":"stroke","points":[0.@,0.5],"color":"@","width":@}"#, #"{"type":"undo"}"#,
                #"{"type":"cursor","x":0.@,"y":0}"#, #"{"type":"clear"}"#,
            ]
        ),
        Game(
            file: "escape.lua",
            params: #"{"codes":["@","77"],"minutes":1}"#,
            messages: [
                #"{"type":"start"}"#, #"{"type":"try","lock":@,"code":"@"}"#, #"{"type":"try","lock":2,"code":"77"}"#,
                #"{"type":"hint","lock":@}"#,
            ]
        ),
    ]

    @Test(
        "never fail: messages out of turn and twice, joins, leaves and lost connections in every phase, time",
        arguments: Self.games
    )
    func anything(game: Game) throws {
        for seed in UInt64(1)...25 {
            var numbers = Numbers(state: seed)
            let table = try GameTable(game.file, params: game.params.replacing("@", with: "7"), seed: seed)
            var next: ClientID = 1
            for _ in 0..<250 {
                let member = table.members.isEmpty ? nil : table.members[numbers.next(table.members.count)]
                switch numbers.next(20) {
                case 0...1 where table.members.count < 7 && !table.isLocked:
                    table.join(next, name: "\(next)")
                    next += 1
                case 2: if let member { table.leave(member, LeaveReason.allCases[numbers.next(3)]) }
                case 3: table.wait(seconds: Int64(numbers.next(40)))
                case 4: if let member { table.drop(member) }
                case 5 where !table.away.isEmpty:
                    table.resume(table.away[numbers.next(table.away.count)], recovered: numbers.next(2) == 0)
                default:
                    guard let member, !table.away.contains(member) else { continue }
                    let text = game.messages[numbers.next(game.messages.count)].replacing(
                        "@",
                        with: "\(1 + numbers.next(9))"
                    )
                    table.send(member, text)
                    if numbers.next(4) == 0, table.members.contains(member) { table.send(member, text) }
                }
            }
            // Whatever happened, it is a room that people can leave and come back to.
            for member in table.members { table.leave(member) }
            table.wait(seconds: 4000)
            #expect(table.join(next).hasPrefix(#"{"type":"joined""#), "seed \(seed)")
        }
    }
}

/// A generator whose run is the same each time.
private struct Numbers {
    var state: UInt64

    mutating func next(_ below: Int) -> Int {
        self.state = self.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((self.state >> 33) % UInt64(below))
    }
}
