/// Checks that the values of a series come each once, in order, none left out.
struct SeriesCheck: Sendable {
    enum Finding: Equatable {
        /// The value came before.
        case doubled
        /// The value comes after later ones.
        case swapped
    }

    /// The greatest so far.
    private(set) var last: UInt64 = 0
    /// Left out so far.
    private(set) var missing: Set<UInt64> = []

    /// - Parameter mayJump: Whether values before this one may have gone where nobody saw them, or come again.
    mutating func take(_ value: UInt64, mayJump: Bool = false) -> Finding? {
        if mayJump {
            self.last = value
            self.missing = self.missing.filter { $0 < value }
            return nil
        }
        guard value > self.last else {
            return self.missing.remove(value) == nil ? .doubled : .swapped
        }
        self.missing.formUnion(self.last + 1..<value)
        self.last = value
        return nil
    }
}
