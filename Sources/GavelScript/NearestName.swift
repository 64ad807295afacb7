/// Finds the name that a misspelt one was meant to be.
package enum NearestName {
    /// The nearest candidate, where one is near enough to be worth suggesting: a third of its letters may differ, or
    /// one name may begin with the other. Upper and lower case, `-` and `_` count as the same.
    package static func of(_ name: String, among candidates: some Sequence<String>) -> String? {
        let wanted = Self.folded(name)
        var best: (name: String, distance: Int)?
        for candidate in candidates {
            let other = Self.folded(candidate)
            let shorter = min(wanted.count, other.count)
            let isPrefix = shorter >= 3 && (other.starts(with: wanted) || wanted.starts(with: other))
            let distance = isPrefix ? 1 : Self.distance(wanted, other)
            guard distance <= max(1, max(wanted.count, other.count) / 3), distance < other.count else { continue }
            if distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.name
    }

    /// Insertions, deletions, substitutions and swaps of neighbours that make one name of the other.
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        for row in 0..<left.count {
            var current = [row + 1] + [Int](repeating: 0, count: right.count)
            for column in 0..<right.count {
                let substitution = last[column] + (left[row] == right[column] ? 0 : 1)
                current[column + 1] = min(substitution, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    current[column + 1] = min(current[column + 1], beforeLast[column - 1] + 1)
                }
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }

    private static func folded(_ name: String) -> [UInt8] {
        name.lowercased().utf8.prefix(64).map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }
    }
}
