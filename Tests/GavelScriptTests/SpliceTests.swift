import GavelCore
import GavelTesting
import Testing

@Suite("changed messages")
struct SpliceTests {
    @Test(
        "of a changed field only the value is written anew, and every other byte stays",
        arguments: [
            ("msg.a = 2", #"{ "type" : "say", "a":2 , "o":{ "l": [1, 2.50] }, "b" : 1e2 }"#),
            ("msg.b = 'x'", #"{ "type" : "say", "a":1.0 , "o":{ "l": [1, 2.50] }, "b" : "x" }"#),
            ("msg.b = gavel.null", #"{ "type" : "say", "a":1.0 , "o":{ "l": [1, 2.50] }, "b" : null }"#),
            // Reading a table changes nothing, though it is decoded.
            ("local l = msg.o.l[1] msg.a = 2", #"{ "type" : "say", "a":2 , "o":{ "l": [1, 2.50] }, "b" : 1e2 }"#),
            ("msg.o.l[2] = 3", #"{ "type" : "say", "a":1.0 , "o":{"l":[1,3]}, "b" : 1e2 }"#),
            ("msg.o.l[3] = 2.5", #"{ "type" : "say", "a":1.0 , "o":{"l":[1,2.5,2.5]}, "b" : 1e2 }"#),
        ]
    )
    func changed(body: String, expected: String) throws {
        let message = #"{ "type" : "say", "a":1.0 , "o":{ "l": [1, 2.50] }, "b" : 1e2 }"#
        #expect(try filter(body, message) == .init(verdict: .changed, payload: expected))
    }

    @Test(
        "a field that is removed goes with one comma",
        arguments: [
            ("msg.a = nil", #"{ "type":"say" , "b" : 2 , "c":3 }"#),
            ("msg.b = nil", #"{ "a" : 1, "type":"say" , "c":3 }"#),
            ("msg.c = nil", #"{ "a" : 1, "type":"say" , "b" : 2 }"#),
            ("msg.a, msg.b = nil, nil", #"{ "type":"say" , "c":3 }"#),
            ("msg.a, msg.b, msg.c = nil, nil, nil", #"{ "type":"say" }"#),
            ("msg.a, msg.c = nil, 4", #"{ "type":"say" , "b" : 2 , "c":4 }"#),
            ("msg.b, msg.z = nil, 1", #"{ "a" : 1, "type":"say" , "c":3 ,"z":1}"#),
        ]
    )
    func removed(body: String, expected: String) throws {
        let message = #"{ "a" : 1, "type":"say" , "b" : 2 , "c":3 }"#
        #expect(try filter(body, message) == .init(verdict: .changed, payload: expected))
    }

    @Test(
        "fields that are added follow those that were sent, in the order of their names",
        arguments: [
            ("msg.b, msg.a, msg.ab = 1, {}, 'x'", #","a":[],"ab":"x","b":1}"#), ("msg['\"'] = 1", #","\"":1}"#),
            (
                "for i = 12, 1, -1 do msg['k' .. i] = i end",
                #","k1":1,"k10":10,"k11":11,"k12":12,"k2":2,"k3":3,"k4":4,"k5":5,"k6":6,"k7":7,"k8":8,"k9":9}"#
            ),
        ]
    )
    func added(body: String, expected: String) throws {
        #expect(try filter(body, #"{"type":"say"}"#).payload == #"{"type":"say""# + expected)
    }

    @Test("every repetition of a changed field changes, and a name may be written with escapes")
    func repeated() throws {
        let message = #"{"a":1,"type":"say","\u0061":2, "b":3}"#
        #expect(try filter("msg.a = 5", message).payload == #"{"a":5,"type":"say","\u0061":5, "b":3}"#)
        #expect(try filter("msg.a = nil", message).payload == #"{"type":"say", "b":3}"#)
        // The last one counts.
        #expect(try filter("msg.a = 2", message).verdict == .relay)
        #expect(try filter("msg.a = 1", message).verdict == .changed)
    }

    @Test("the stamp that a client wrote is taken out of what is sent on, and nothing else is touched")
    func stamped() throws {
        let message = #"{ "client_id":1, "type":"run" ,"a": 1.0,"msg\u005fid" : 7 }"#
        let answer = try run("room:broadcast(msg) msg.a = 2 room:broadcast { type = 'x', was = msg }", message: message)
        #expect(
            answer.effects == [
                .broadcast(#"{ "type":"run" ,"a": 1.0}"#), .broadcast(#"{"type":"x","was":{ "type":"run" ,"a": 2}}"#),
            ]
        )
        #expect(
            try run("room:broadcast(msg)", message: #" { "type" :"run" } "#).effects
                == [.broadcast(#"{ "type" :"run" }"#)]
        )
    }

    @Test("an error in a changed field names the field")
    func names() throws {
        let room = try commandRoom("msg.a = { b = print } room:broadcast(msg)")
        #expect(room.send(1, #"{"type":"run","a":1}"#).verdict == .failed)
        #expect(room.log.lastError.contains("b is a function, which cannot be sent"), "\(room.log.lastError)")
    }

    @Test("random changes to random messages leave exactly the bytes that were not changed")
    func random() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededGenerator(seed: seed)
        let room = try ScriptedRoom(
            """
            local rules = gavel.rules()
            rules.filters["*"] = function(room, client, msg)
              for field, value in msg.todo:gmatch("([^;=]+)=([^;]*)") do
                if value == "read" then local v = msg[field]
                elseif value == "nil" then msg[field] = nil
                else msg[field] = math.tointeger(tonumber(value)) end
              end
            end
            return rules
            """
        )
        room.join(1)
        for _ in 0..<400 {
            let (message, expected) = Self.message(&generator)
            let answer = room.send(1, message)
            #expect(
                answer.payload == (expected ?? "") && answer.verdict == (expected == nil ? .relay : .changed),
                "seed \(seed): \(message) \(room.log.lastError)"
            )
        }
    }

    /// A message whose `todo` says what to do with its other fields, and what then becomes of it; `nil`: it stays.
    private static func message(_ random: inout SeededGenerator) -> (message: String, expected: String?) {
        func space() -> String { ["", "", " ", "\n", " \t"].randomElement(using: &random)! }
        let values = ["1", "-7.50", #""tüx\u0041""#, #"[ 1,{"a" :2}]"#, #"{ "x":[ ] }"#, "true", "\"\""]
        var todo = "", pieces: [(piece: String, then: String?)] = [], added: [(String, Int)] = [], isChanged = false
        for index in 0..<Int.random(in: 0...14, using: &random) {
            let name = ["client_id", "msg_id", "f\(index)", "f\(index)", "f\(index)"].randomElement(using: &random)!
            let before = "\(space())\"\(name)\"\(space()):\(space())", after = space()
            let piece = before + values.randomElement(using: &random)! + after
            if name.hasSuffix("_id") {
                pieces.append((piece, nil))
                continue
            }
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                todo += "\(name)=nil;"
                pieces.append((piece, nil))
                isChanged = true
            case 1:
                todo += "\(name)=\(100 + index);"
                pieces.append((piece, "\(before)\(100 + index)\(after)"))
                isChanged = true
            case 2:
                todo += "\(name)=read;"
                pieces.append((piece, piece))
            case 3 where index > 9:
                todo += "a\(index)=\(index);"
                added.append(("a\(index)", index))
                pieces.append((piece, piece))
                isChanged = true
            default:
                pieces.append((piece, piece))
            }
        }
        let fixed = "\(space())\"type\":\"say\"\(space()),\(space())\"todo\":\"\(todo)\"\(space())"
        pieces.insert((fixed, fixed), at: Int.random(in: 0...pieces.count, using: &random))
        let after = added.map { ",\"\($0)\":\($1)" }.joined()
        let kept = pieces.compactMap(\.then).joined(separator: ",")
        return (
            "\(space()){\(pieces.map(\.piece).joined(separator: ","))}\(space())", isChanged ? "{\(kept)\(after)}" : nil
        )
    }
}
