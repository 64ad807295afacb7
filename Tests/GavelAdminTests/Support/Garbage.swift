/// Chance that can be had again.
struct SplitMix {
    private var state: UInt64

    init(_ seed: UInt64) {
        self.state = seed
    }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var bits = (self.state ^ (self.state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}

/// Lines that are nearly requests, and others that are nothing at all.
enum Garbage {
    private static let pieces = [
        "{", "}", "[", "]", ":", ",", "\"", "\\", "\n", "\r\n", "\0", "null", "true", "1e999", "-0",
        "18446744073709551616",
        "\"id\"", "\"command\"", "\"arguments\"", "\"status\"", "\"room\"", "\u{FEFF}", "é",
        "{\"id\":1,\"command\":\"rooms\",\"arguments\":{\"limit\":5}}", "{\"id\":1,\"command\":\"reload\"}",
    ]

    static func lines(_ chance: inout SplitMix) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<chance.next() % 60 {
            if chance.next() % 8 == 0 {
                bytes += (0..<chance.next() % 40).map { _ in UInt8(truncatingIfNeeded: chance.next()) }
            } else {
                bytes += Array(Self.pieces[Int(chance.next() % UInt64(Self.pieces.count))].utf8)
            }
        }
        return bytes
    }
}
