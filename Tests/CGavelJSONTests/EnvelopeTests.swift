import CGavelJSON
import Testing

@Suite("Envelope")
struct EnvelopeTests {
    typealias Member = (name: String, index: @Sendable (gj_envelope) -> UInt32, onlyOnce: Bool)

    static let members: [Member] = [
        ("type", { $0.type }, true), ("room", { $0.room }, true), ("ref", { $0.ref }, true),
        ("token", { $0.token }, true), ("resume", { $0.resume }, true), ("name", { $0.name }, false),
        ("history", { $0.history }, false),
    ]
    static let stamps = ["client_id", "msg_id"]
    static let known = members.map(\.name) + stamps

    /// The name with one character, or all (nil), written as \u escapes.
    private func escaped(_ name: String, at position: Int?) -> String {
        name.unicodeScalars.enumerated().map { offset, scalar in
            guard position == nil || position == offset else { return String(scalar) }
            let hex = String(scalar.value, radix: 16, uppercase: offset % 2 == 0)
            return "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
        }.joined()
    }

    private func spellings(_ name: String) -> [String] {
        [name, self.escaped(name, at: nil)] + (0..<name.count).map { self.escaped(name, at: $0) }
    }

    @Test("each known member is found by its value's index, however its name is escaped")
    func findsMembers() {
        for member in Self.members {
            for spelling in self.spellings(member.name) {
                for (text, index) in [
                    ("{\"\(spelling)\":7}", 2), ("{\"a\":[1,2],\"\(spelling)\" : 7 ,\"b\":0}", 6),
                    (" { \"pad\" : { \"x\" : {} } , \"\(spelling)\" : 7 } ", 6),
                ] {
                    let scan = Scan(text)
                    #expect(Int(member.index(scan.envelope)) == index, "\(text)")
                    #expect(scan.bytes(of: index) == Array("7".utf8))
                    #expect(!scan.envelope.stamped && !scan.envelope.repeated && !scan.envelope.empty)
                    for other in Self.members where other.name != member.name {
                        #expect(other.index(scan.envelope) == 0, "\(text)")
                    }
                }
            }
        }
    }

    @Test("a stamp is noticed wherever it stands and however it is escaped")
    func noticesStamps() {
        for name in Self.stamps {
            for spelling in self.spellings(name) {
                for text in [
                    "{\"\(spelling)\":7}", "{\"a\":1,\"\(spelling)\":7}", "{\"\(spelling)\":7,\"a\":1}",
                    "{\"\(spelling)\":1,\"\(spelling)\":{}}",
                ] {
                    #expect(Scan(text).envelope.stamped, "\(text)")
                    #expect(!Scan(text).envelope.repeated, "\(text)")
                }
            }
        }
    }

    @Test("only type, room, ref, token and resume count as repeated; of others the first is taken")
    func noticesRepetition() {
        for member in Self.members {
            for spelling in self.spellings(member.name) {
                for (first, second) in [(member.name, spelling), (spelling, member.name)] {
                    let scan = Scan("{\"\(first)\":1,\"x\":0,\"\(second)\":2}")
                    #expect(scan.envelope.repeated == member.onlyOnce)
                    #expect(member.index(scan.envelope) == 2)
                }
            }
        }
        #expect(!Scan(#"{"type":"a","room":"b","ref":1,"token":2,"resume":3,"x":1,"x":2}"#).envelope.repeated)
    }

    @Test("names that are nearly known are not")
    func ignoresNeighbours() {
        for name in Self.known {
            let scalars = Array(name.unicodeScalars)
            var neighbours = [name + "x", name + "\\u0000", "x" + name, name.uppercased(), name + " ", " " + name]
            neighbours += [String(name.dropLast()), String(name.dropFirst()), name + "\\u0301", name + "\u{301}"]
            for position in scalars.indices {
                var changed = scalars
                changed[position] = Unicode.Scalar(scalars[position].value ^ 1)!
                neighbours.append(String(String.UnicodeScalarView(changed)))
                neighbours.append(self.escaped(neighbours.last!, at: position))
                changed[position] = Unicode.Scalar(scalars[position].value ^ 0x20)!
                neighbours.append(self.escaped(String(String.UnicodeScalarView(changed)), at: nil))
            }
            for neighbour in neighbours {
                let scan = Scan("{\"\(neighbour)\":1}")
                #expect(scan.code == 3, "\(neighbour)")
                #expect(!scan.envelope.stamped, "\(neighbour)")
                #expect(Self.members.allSatisfy { $0.index(scan.envelope) == 0 }, "\(neighbour)")
            }
        }
    }

    @Test("names below the top level, and strings that are values, are no members of the envelope")
    func looksAtTopLevelOnly() {
        for name in Self.known {
            for text in [
                "{\"a\":{\"\(name)\":1}}", "{\"a\":[{\"\(name)\":1}]}", "{\"a\":\"\(name)\"}", "{\"a\":[\"\(name)\"]}",
                "{\"a\":[{\"b\":{\"\(name)\":1}}],\"c\":{\"\(name)\":1},\"d\":0}",
            ] {
                let scan = Scan(text)
                #expect(scan.code > 0)
                #expect(!scan.envelope.stamped)
                #expect(Self.members.allSatisfy { $0.index(scan.envelope) == 0 }, "\(text)")
            }
        }
    }

    @Test("a top-level member after nested objects is found")
    func returnsToTopLevel() {
        let scan = Scan(#"{"a":{"type":1,"b":[{"type":2}]},"type":"x","c":{"type":3},"msg_id":0}"#)
        #expect(scan.bytes(of: Int(scan.envelope.type)) == Array("\"x\"".utf8))
        #expect(scan.envelope.stamped && !scan.envelope.repeated)
    }

    @Test(
        "close is the place of the last brace, and empty tells an object without members",
        arguments: [("{}", 1, true), (" { } ", 3, true), ("{\"a\":{}}", 7, false), ("\n{\"a\":\"}\"}\n", 9, false)]
    )
    func findsClose(_ text: String, _ close: Int, _ isEmpty: Bool) {
        let scan = Scan(text)
        #expect(Int(scan.envelope.close) == close)
        #expect(scan.envelope.empty == isEmpty)
    }
}
