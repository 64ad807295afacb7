import Testing

@testable import GavelBench

@Suite("The scan of a relay's message")
struct MessageScanTests {
    private func scan(_ text: String) -> MessageScan? {
        Array(text.utf8).withUnsafeBytes { MessageScan($0) }
    }

    private func string(_ range: Range<Int>, of text: String) -> String {
        String(decoding: Array(text.utf8)[range], as: UTF8.self)
    }

    @Test("finds its fields in any order")
    func anyOrder() throws {
        let fields = [#""client_id":3"#, #""msg_id":121"#, #""seq":7"#, #""ts":123456789012"#, #""type":"ping""#]
        for rotation in fields.indices {
            let text = "{" + (fields[rotation...] + fields[..<rotation]).joined(separator: ",") + "}"
            let scan = try #require(self.scan(text))
            #expect(scan.clientID == 3)
            #expect(scan.number == 121)
            #expect(scan.sequence == 7)
            #expect(scan.sentAt == 123_456_789_012)
            #expect(self.string(scan.type, of: text) == "ping")
        }
    }

    @Test("finds the counts of rules that count")
    func counts() throws {
        let scan = try #require(self.scan(#"{"own":2,"count":9,"rules":4,"owned":1,"counts":1,"rule":1}"#))
        #expect(scan.own == 2 && scan.count == 9 && scan.rules == 4)
    }

    @Test("passes over nested values, whatever stands in them")
    func nested() throws {
        let text = #"""
            { "a" : {"msg_id": 5, "b":[1,{"seq":9},"]}\""]} , "msg_id" : 6,
              "c":[], "d":{}, "e":[[["client_id"]]], "f":-1.5e+3,"g":null,"h":true , "seq":1 }
            """#
        let scan = try #require(self.scan(text))
        #expect(scan.number == 6)
        #expect(scan.sequence == 1)
        #expect(scan.clientID == nil)
    }

    @Test("is not misled by quotes, braces and fields inside strings")
    func strings() throws {
        for filler in ["", "1234567", "12345678", "123456789", String(repeating: "x", count: 100)] {
            let text = #"{"pad":"\#(filler)\",\"msg_id\":1,}\\","msg_id":2,"k\"ey":"\\\\","seq":3}"#
            let scan = try #require(self.scan(text))
            #expect(scan.number == 2)
            #expect(scan.sequence == 3)
        }
    }

    @Test("takes only whole names for its fields")
    func names() throws {
        let text = #"{"client_ids":1,"clientXid":1,"msg_ix":1,"mxg_id":1,"sex":1,"tx":1,"typo":"a","cod":"b","seq1":1}"#
        let scan = try #require(self.scan(text))
        #expect(scan.clientID == nil && scan.number == nil && scan.sequence == nil && scan.sentAt == nil)
        #expect(scan.type.isEmpty && scan.code.isEmpty)
    }

    @Test("takes the last of several, and the code of an error")
    func lastWins() throws {
        let text = #"{"type":"error","seq":1,"seq":2,"code":"room_full"}"#
        let scan = try #require(self.scan(text))
        #expect(scan.sequence == 2)
        #expect(self.string(scan.type, of: text) == "error")
        #expect(self.string(scan.code, of: text) == "room_full")
    }

    @Test(
        "takes no fraction, exponent, sign or boundless number for a count",
        arguments: ["1.5", "1e3", "-4", "12345678901234567890", #""7""#]
    )
    func oddNumbers(value: String) throws {
        let scan = try #require(self.scan(#"{"msg_id":\#(value),"seq":8}"#))
        #expect(scan.number == nil)
        #expect(scan.sequence == 8)
    }

    @Test(
        "refuses what is not one object",
        arguments: [
            "", " ", "{", "}", "[]", "1", "{}{}", "{} x", #"{"a"}"#, #"{"a":}"#, #"{"a":1"#, #"{"a":1,}"#, #"{"a":"x}"#,
            #"{"a":"x\"#, #"{"a":[1}"#, #"{"a":1 "b":2}"#, #"{,"a":1}"#, #"{"a":,}"#, #"{a:1}"#, #"{"a":{"b":1}"#,
        ]
    )
    func malformed(text: String) {
        #expect(self.scan(text) == nil)
    }

    @Test("accepts an empty object")
    func empty() {
        #expect(self.scan(" { } ") != nil)
    }

    @Test("never reads past its bytes, wherever a message is cut")
    func cut() {
        let bytes = Array(#"{"type":"ping","seq":12,"a":[{"b":"c\"d"}],"ts":9,"client_id":3,"msg_id":121}"#.utf8)
        for end in bytes.indices {
            // Storage of exactly the cut size, so that a sanitizer sees a read beyond it.
            let part = UnsafeMutableRawBufferPointer.allocate(byteCount: end, alignment: 1)
            defer { part.deallocate() }
            part.copyBytes(from: bytes[..<end])
            #expect(MessageScan(UnsafeRawBufferPointer(part)) == nil)
        }
    }
}
