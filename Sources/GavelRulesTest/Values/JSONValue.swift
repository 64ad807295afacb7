internal import CGavelJSON

/// A JSON value, its members in the order in which they stand.
package enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    /// As it is written.
    case number(String)
    case string(String)
    case list([JSONValue])
    case object([Member])

    package struct Member: Equatable, Sendable {
        package var name: String
        package var value: JSONValue
    }

    /// Reads one value; `nil` where the text is none.
    package init?(_ text: [UInt8]) {
        let capacity = gj_tape_capacity(text.count)
        let tape = [gj_token](unsafeUninitializedCapacity: capacity) { target, count in
            count = max(0, Int(gj_scan_value(text, text.count, target.baseAddress, capacity, 128, nil)))
        }
        guard !tape.isEmpty else { return nil }
        self.init(text, tape, 0)
    }

    private init(_ text: [UInt8], _ tape: [gj_token], _ index: Int) {
        let token = tape[index]
        switch Int(token.kind) {
        case GJ_OBJECT:
            var members: [Member] = []
            var next = index + 1
            while next < Int(token.next) {
                members.append(Member(name: Self.string(text, tape[next]), value: Self(text, tape, next + 1)))
                next = Int(tape[next].next)
            }
            self = .object(members)
        case GJ_ARRAY:
            var elements: [JSONValue] = []
            var next = index + 1
            while next < Int(token.next) {
                elements.append(Self(text, tape, next))
                next = Int(tape[next].next)
            }
            self = .list(elements)
        case GJ_STRING: self = .string(Self.string(text, token))
        case GJ_NUMBER: self = .number(String(decoding: text[Int(token.start)..<Int(token.end)], as: UTF8.self))
        case GJ_TRUE: self = .bool(true)
        case GJ_FALSE: self = .bool(false)
        default: self = .null
        }
    }

    private static func string(_ text: [UInt8], _ token: gj_token) -> String {
        var token = token
        let capacity = Int(token.end - token.start)
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { target, count in
            count = gj_unescape(text, &token, target.baseAddress, capacity)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The member of an object; `nil` where there is none.
    package subscript(name: String) -> JSONValue? {
        self.members?.first { $0.name == name }?.value
    }

    package var members: [Member]? { if case .object(let members) = self { members } else { nil } }
    package var elements: [JSONValue]? { if case .list(let elements) = self { elements } else { nil } }
    package var string: String? { if case .string(let string) = self { string } else { nil } }
    package var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
    package var integer: Int? { if case .number(let text) = self { Int(text) } else { nil } }
    /// Nothing is in it. Lua's empty table is a list on its way here.
    var isEmptyTable: Bool { self == .list([]) || self == .object([]) }
}
