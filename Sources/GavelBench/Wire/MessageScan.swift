/// The fields of a relay's message that a client checks, found in one walk over its bytes.
///
/// Only the top level is read: nested values are skipped, the fields may come in any order, the last of several wins.
/// It reads well-formed JSON (RFC 8259) and does not judge it: values it has no use for are passed over unchecked.
/// Complexity: O(*n*), no allocation.
struct MessageScan {
    /// `client_id`; like the other numbers `nil` when it is missing or not an integer of at most 19 digits.
    var clientID: UInt64?
    /// `msg_id`
    var number: UInt64?
    /// `seq`: the sender's own count.
    var sequence: UInt64?
    /// `ts`: when it was sent, in nanoseconds since the run's start.
    var sentAt: UInt64?
    /// `count`, `own`, `rules`: what rules add that count, see ``RulesCheck``.
    var count: UInt64?
    var own: UInt64?
    var rules: UInt64?
    /// Where the text of `type` stands, escapes and all; empty without it.
    var type: Range<Int> = 0..<0
    /// Where the text of `code` stands, likewise.
    var code: Range<Int> = 0..<0

    /// - Returns: `nil` when the bytes are not one object.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return nil }
        var cursor = JSONCursor(base: base, count: bytes.count)
        cursor.skipSpace()
        guard cursor.take(UInt8(ascii: "{")) else { return nil }
        cursor.skipSpace()
        if !cursor.take(UInt8(ascii: "}")) {
            repeat {
                guard self.readMember(&cursor) else { return nil }
            } while cursor.take(UInt8(ascii: ","))
            guard cursor.take(UInt8(ascii: "}")) else { return nil }
        }
        cursor.skipSpace()
        guard cursor.isAtEnd else { return nil }
    }

    /// Reads one key and its value, and the space after them.
    @inline(__always)
    private mutating func readMember(_ cursor: inout JSONCursor) -> Bool {
        cursor.skipSpace()
        let key = cursor.offset + 1
        guard cursor.skipString() else { return false }
        let field = Field(cursor, at: key, count: cursor.offset - 1 - key)
        cursor.skipSpace()
        guard cursor.take(UInt8(ascii: ":")) else { return false }
        cursor.skipSpace()

        let value = cursor.offset
        if cursor.current == UInt8(ascii: "\"") {
            guard cursor.skipString() else { return false }
            switch field {
            case .type: self.type = (value + 1)..<(cursor.offset - 1)
            case .code: self.code = (value + 1)..<(cursor.offset - 1)
            default: break
            }
        } else if let number = cursor.takeInteger() {
            switch field {
            case .clientID: self.clientID = number
            case .number: self.number = number
            case .sequence: self.sequence = number
            case .sentAt: self.sentAt = number
            case .count: self.count = number
            case .own: self.own = number
            case .rules: self.rules = number
            default: break
            }
        } else {
            guard cursor.skipValue() else { return false }
        }
        cursor.skipSpace()
        return true
    }
}

extension MessageScan {
    private enum Field {
        case clientID, number, sequence, sentAt, count, own, rules, type, code, other

        /// Compares the key's bytes as words. The constants are the names in memory order, as little-endian integers.
        @inline(__always)
        init(_ cursor: JSONCursor, at key: Int, count: Int) {
            switch count {
            case 2 where cursor.word(UInt16.self, at: key) == 0x7374:  // ts
                self = .sentAt
            case 3 where cursor.word(UInt32.self, at: key) == 0x2271_6573:  // seq and its closing quote
                self = .sequence
            case 3 where cursor.word(UInt32.self, at: key) == 0x226E_776F:  // own and its closing quote
                self = .own
            case 5
            where cursor.word(UInt32.self, at: key) == 0x6E75_6F63  // coun
                && cursor.word(UInt16.self, at: key + 4) == 0x2274:  // t and its closing quote
                self = .count
            case 5
            where cursor.word(UInt32.self, at: key) == 0x656C_7572  // rule
                && cursor.word(UInt16.self, at: key + 4) == 0x2273:  // s and its closing quote
                self = .rules
            case 4 where cursor.word(UInt32.self, at: key) == 0x6570_7974:  // type
                self = .type
            case 4 where cursor.word(UInt32.self, at: key) == 0x6564_6F63:  // code
                self = .code
            case 6
            where cursor.word(UInt32.self, at: key) == 0x5F67_736D  // msg_
                && cursor.word(UInt16.self, at: key + 4) == 0x6469:  // id
                self = .number
            case 9
            where cursor.word(UInt64.self, at: key) == 0x695F_746E_6569_6C63  // client_i
                && cursor.word(UInt16.self, at: key + 8) == 0x2264:  // d and its closing quote
                self = .clientID
            default:
                self = .other
            }
        }
    }
}
