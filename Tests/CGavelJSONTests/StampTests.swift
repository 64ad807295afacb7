import CGavelJSON
import Foundation
import Testing

@Suite("Stripping the stamp")
struct StampTests {
    static let stamps = [
        "\"client_id\":1", "\"msg_id\":2", #""client\u005fid":3"#, #""\u006dsg_id":{"a":[1,",}"]}"#,
        "\"client_id\" : \"}\"",
    ]
    static let others = ["\"a\":1", "\"b\":[{\"client_id\":1},\",\"]", "\"type\":\"msg_id\"", "\"client_id2\":{}"]

    /// Strips the text, and checks that the stamp fits where it was, and that Foundation sees all other members.
    private func check(_ text: String) throws {
        let scan = Scan(text)
        try #require(scan.code > 0, "\(text)")
        let (bytes, isEmpty) = scan.stripped()
        let stripped = String(decoding: bytes, as: UTF8.self)
        #expect(bytes.count <= Int(scan.envelope.close))

        var expected = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        expected["client_id"] = nil
        expected["msg_id"] = nil
        #expect(isEmpty == expected.isEmpty, "\(text)")

        let plain = Scan(stripped + "}")
        #expect(plain.code > 0 && !plain.envelope.stamped, "\(text) gives \(stripped)")
        #expect(plain.envelope.empty == isEmpty)
        try self.expectSame(stripped + "}", expected)

        expected["client_id"] = 41
        expected["msg_id"] = 42
        let stamped = stripped + (isEmpty ? "" : ",") + "\"client_id\":41,\"msg_id\":42}"
        #expect(Scan(stamped).envelope.stamped, "\(text) gives \(stamped)")
        try self.expectSame(stamped, expected)

        if !scan.envelope.stamped { #expect(bytes == Array(text.utf8.prefix(Int(scan.envelope.close)))) }
    }

    private func expectSame(_ text: String, _ expected: [String: Any]) throws {
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
        let found = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])
        let wanted = try JSONSerialization.data(withJSONObject: expected, options: [.sortedKeys])
        #expect(found == wanted, "\(text)")
    }

    @Test("every order of up to four members, stamps and others, leaves the others")
    func stripsEveryOrder() throws {
        let members = Array(Self.stamps.prefix(3)) + Array(Self.others.prefix(3))
        var objects: [[String]] = [[]]
        for _ in 0..<4 {
            for object in objects { try self.check("{" + object.joined(separator: ",") + "}") }
            // A key of the others is not repeated: readers differ on which value to take.
            objects = objects.flatMap { object in
                members.filter { Self.stamps.contains($0) || !object.contains($0) }.map { object + [$0] }
            }
        }
    }

    @Test("random members with random spaces leave the others")
    func stripsAmongSpaces() throws {
        var random = RandomJSON(generator: .announced())
        for _ in 0..<1_500 {
            var members = Self.others.filter { _ in random.chance(2) }
            for _ in 0..<random.pick([0, 1, 1, 2, 3, 5]) {
                let at = random.pick(Array(0...members.count))
                members.insert(random.pick(Self.stamps), at: at)
            }
            let spaced = members.map { random.space() + $0 + random.space() }
            let inside = spaced.isEmpty ? random.space() : spaced.joined(separator: ",")
            try self.check(random.space() + "{" + inside + "}" + random.space())
        }
    }

    @Test(
        "other members, their order and their spaces are kept byte for byte",
        arguments: [
            ("{\"a\":1,\"msg_id\":2}", "{\"a\":1"), ("{\"msg_id\":2,\"a\":1}", "{\"a\":1"), ("{\"msg_id\":2}", "{"),
            ("{ \"a\" : 1 , \"msg_id\" : 2 , \"b\" : 3 }", "{ \"a\" : 1 , \"b\" : 3 "),
            (" {\n\t\"msg_id\":2,\n\t\"a\":1\n} ", " {\n\t\"a\":1\n"), (" { \"msg_id\":2 } ", " {"),
            ("{\"msg_id\":2,\"client_id\":1,\"msg_id\":3}", "{"), ("{\"a\":1}", "{\"a\":1"), ("{ }", "{ "),
            ("{\"a\":1,\"a\":2,\"msg_id\":0,\"a\":3}", "{\"a\":1,\"a\":2,\"a\":3"),
            (#"{"\u0061":"\u0062","msg\u005Fid":2,"é":"\/"}"#, #"{"\u0061":"\u0062","é":"\/""#),
        ]
    )
    func keepsOtherBytes(_ text: String, _ expected: String) {
        #expect(String(decoding: Scan(text).stripped().bytes, as: UTF8.self) == expected)
    }

    @Test("a thousand stamps leave what stands between them")
    func stripsMany() throws {
        let members = (0..<1_000).flatMap { ["\"client_id\":\($0)", "\"k\($0)\":\($0)", "\"msg_id\":[]"] }
        try self.check("{" + members.joined(separator: " , ") + "}")
        try self.check("{" + Array(repeating: "\"msg_id\":0", count: 2_000).joined(separator: ",") + "}")
    }
}
