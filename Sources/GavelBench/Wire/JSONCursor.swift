/// A place in the bytes of a JSON text, moved forward over spaces and values.
///
/// Reads nothing beyond `count`. The byte at the end is taken to be 0, which no JSON text holds outside a string.
struct JSONCursor {
    private let base: UnsafeRawPointer
    private let count: Int
    private(set) var offset = 0

    init(base: UnsafeRawPointer, count: Int) {
        self.base = base
        self.count = count
    }

    var isAtEnd: Bool {
        @inline(__always) get { self.offset == self.count }
    }

    var current: UInt8 {
        @inline(__always) get {
            self.offset < self.count ? self.base.load(fromByteOffset: self.offset, as: UInt8.self) : 0
        }
    }

    /// The bytes at `offset`, the first one lowest; the caller has seen that they are there.
    @inline(__always)
    func word<Word: FixedWidthInteger & BitwiseCopyable>(_: Word.Type, at offset: Int) -> Word {
        Word(littleEndian: self.base.loadUnaligned(fromByteOffset: offset, as: Word.self))
    }

    @inline(__always)
    mutating func take(_ byte: UInt8) -> Bool {
        guard self.current == byte else { return false }
        self.offset += 1
        return true
    }

    @inline(__always)
    mutating func skipSpace() {
        while self.current <= 0x20, self.offset < self.count { self.offset += 1 }
    }

    /// Passes over a string; the cursor must stand at its opening quote.
    @inline(__always)
    mutating func skipString() -> Bool {
        guard self.take(UInt8(ascii: "\"")) else { return false }
        while true {
            // Eight bytes at a time: a byte equal to the quote or the backslash turns to 0, and the lowest 0 of a word
            // is found exactly by (x - 0x01…) & ~x & 0x80…
            while self.count - self.offset >= 8 {
                let bytes = self.word(UInt64.self, at: self.offset)
                let quote = bytes ^ 0x2222_2222_2222_2222
                let escape = bytes ^ 0x5C5C_5C5C_5C5C_5C5C
                let hits =
                    (((quote &- 0x0101_0101_0101_0101) & ~quote) | ((escape &- 0x0101_0101_0101_0101) & ~escape))
                    & 0x8080_8080_8080_8080
                guard hits == 0 else {
                    self.offset += hits.trailingZeroBitCount >> 3
                    break
                }
                self.offset += 8
            }
            switch self.current {
            case UInt8(ascii: "\""):
                self.offset += 1
                return true
            case UInt8(ascii: "\\"):
                guard self.count - self.offset >= 2 else { return false }
                self.offset += 2
            default:
                guard self.offset < self.count else { return false }
                self.offset += 1
            }
        }
    }

    /// Reads an integer of at most 19 digits without a sign. Returns `nil` and stays when there is none, or when it
    /// goes on as a fraction or with an exponent.
    @inline(__always)
    mutating func takeInteger() -> UInt64? {
        let start = self.offset
        var value: UInt64 = 0
        while true {
            let digit = self.current &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            value = value &* 10 &+ UInt64(digit)
            self.offset += 1
        }
        let isInteger = self.current != UInt8(ascii: ".") && self.current | 0x20 != UInt8(ascii: "e")
        guard isInteger, (1...19).contains(self.offset - start) else {
            self.offset = start
            return nil
        }
        return value
    }

    /// Passes over a value of any kind, whatever its depth.
    mutating func skipValue() -> Bool {
        var depth = 0
        repeat {
            switch self.current {
            case UInt8(ascii: "\""):
                guard self.skipString() else { return false }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                self.offset += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                guard depth >= 0 else { return false }
                self.offset += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                guard depth > 0 else { return false }
                self.offset += 1
            default:
                guard self.skipScalar() else { return false }
            }
            self.skipSpace()
        } while depth > 0
        return true
    }

    /// Passes over a number or a literal.
    private mutating func skipScalar() -> Bool {
        let start = self.offset
        while self.offset < self.count {
            switch self.current {
            case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"):
                self.offset += 1
            default:
                return self.offset > start
            }
        }
        return false
    }
}
