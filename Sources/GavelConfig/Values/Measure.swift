/// A quantity that is written as a number and a unit: a duration or a size.
///
/// A number without a unit is a mistake, because nobody can tell seconds from milliseconds by looking at it.
package struct Measure: Sendable {
    struct Unit: Sendable {
        let symbol: String
        /// How many of the smallest thing counted the unit holds.
        let count: Int64
    }

    /// What is measured: `duration`.
    let noun: String
    /// Units to write, smallest first.
    let units: [Unit]
    /// Units that are understood too.
    let otherUnits: [Unit]
    /// What people write instead of a unit, in lower case, and the unit they mean.
    let aliases: [String: String]

    /// Nanoseconds, written with `ms`, `s`, `m` or `h`.
    package static let duration = Measure(
        noun: "duration",
        units: [
            Unit(symbol: "ms", count: 1_000_000),
            Unit(symbol: "s", count: 1_000_000_000),
            Unit(symbol: "m", count: 60_000_000_000),
            Unit(symbol: "h", count: 3_600_000_000_000),
        ],
        otherUnits: [],
        aliases: [
            "": "s", "msec": "ms", "millis": "ms", "milliseconds": "ms", "sec": "s", "secs": "s", "second": "s",
            "seconds": "s", "min": "m", "mins": "m", "minute": "m", "minutes": "m", "hr": "h", "hour": "h",
            "hours": "h",
        ]
    )

    /// Bytes, written with `B`, `KiB`, `MiB` or `GiB` (powers of 1024); `KB`, `MB` and `GB` are powers of 1000.
    package static let size = Measure(
        noun: "size",
        units: [
            Unit(symbol: "B", count: 1),
            Unit(symbol: "KiB", count: 1 << 10),
            Unit(symbol: "MiB", count: 1 << 20),
            Unit(symbol: "GiB", count: 1 << 30),
        ],
        otherUnits: [
            Unit(symbol: "KB", count: 1_000),
            Unit(symbol: "MB", count: 1_000_000),
            Unit(symbol: "GB", count: 1_000_000_000),
        ],
        aliases: [
            "": "B", "byte": "B", "bytes": "B", "k": "KiB", "kb": "KB", "m": "MiB", "mb": "MB", "g": "GiB", "gb": "GB",
        ]
    )

    /// Reads a number, with decimals where the unit allows them, and its unit: `1.5s`, `64KiB`.
    package func parse(_ text: String) throws(Complaint) -> Int64 {
        let number = text.prefix { ("0"..."9").contains($0) || $0 == "." }
        let symbol = String(text.dropFirst(number.count))
        guard let decimal = Decimal(number) else {
            throw Complaint("\"\(text)\" is not a \(self.noun)", advice: "Write \(self.examples).")
        }
        guard let unit = (self.units + self.otherUnits).first(where: { $0.symbol == symbol }) else {
            throw self.unitComplaint(text, number: number, symbol: symbol)
        }
        guard let count = decimal.multiplied(by: unit.count) else {
            throw Complaint(
                "\"\(text)\" is too large, or finer than can be measured",
                advice: "Write \(self.examples)."
            )
        }
        return count
    }

    /// The shortest form that ``parse(_:)`` reads back as `count`.
    package func format(_ count: Int64) -> String {
        let unit = self.units.last { count != 0 && count.isMultiple(of: $0.count) }
        if let unit { return "\(count / unit.count)\(unit.symbol)" }
        let smallest = self.units[0]
        guard count != 0 else { return "0\(smallest.symbol)" }
        var fraction = String(count % smallest.count)
        fraction = String(repeating: "0", count: String(smallest.count).count - 1 - fraction.count) + fraction
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(count / smallest.count).\(fraction)\(smallest.symbol)"
    }

    /// What is wrong with a number that has no unit, and how it might be meant.
    package func bareNumber(_ shown: String) -> Complaint {
        let unit = self.aliases[""] ?? self.units[0].symbol
        let symbols = self.units.map(\.symbol).joined(separator: ", ")
        return Complaint(
            "\(shown) has no unit",
            advice: "Write \"\(shown)\(unit)\", or with another unit of \(symbols)."
        )
    }

    private func unitComplaint(_ text: String, number: Substring, symbol: String) -> Complaint {
        if symbol.isEmpty { return self.bareNumber(text) }
        let word = symbol.filter { !$0.isWhitespace }.lowercased()
        let exact = (self.units + self.otherUnits).first { $0.symbol.lowercased() == word }?.symbol
        let symbols = self.units.map(\.symbol).joined(separator: ", ")
        guard let meant = self.aliases[word] ?? exact else {
            return Complaint(
                "\"\(text)\" has an unknown unit",
                advice: "Write one of \(symbols), such as \(self.examples)."
            )
        }
        return Complaint("\"\(text)\" is not written as a \(self.noun)", advice: "Write \"\(number)\(meant)\".")
    }

    private var examples: String {
        self.noun == "duration" ? "\"15s\" or \"250ms\"" : "\"64KiB\" or \"500B\""
    }
}

/// A number with at most nine decimals, kept exactly.
private struct Decimal {
    let whole: Int64
    let fraction: Int64
    let scale: Int64

    /// `12`, `1.5`; not `.5`, `1.` or `1.2.3`.
    init?(_ text: Substring) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = Int64(parts[0]) else { return nil }
        self.whole = whole
        guard parts.count == 2 else {
            (self.fraction, self.scale) = (0, 1)
            return
        }
        guard (1...9).contains(parts[1].count), let fraction = Int64(parts[1]) else { return nil }
        self.fraction = fraction
        self.scale = parts[1].reduce(1) { scale, _ in scale * 10 }
    }

    /// `nil` where the product is not whole or does not fit.
    func multiplied(by unit: Int64) -> Int64? {
        let fraction = Int128(self.fraction) * Int128(unit)
        guard fraction.isMultiple(of: Int128(self.scale)) else { return nil }
        return Int64(exactly: Int128(self.whole) * Int128(unit) + fraction / Int128(self.scale))
    }
}

extension Duration {
    /// Whole nanoseconds; durations here are far below the 292 years that fit.
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = self.components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
