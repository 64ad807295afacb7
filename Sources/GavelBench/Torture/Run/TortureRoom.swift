/// A room of a torture.
struct TortureRoom: Sendable {
    enum Kind: String, CaseIterable {
        /// Keeps all its messages.
        case whole
        /// Keeps a few.
        case short
    }

    let number: Int

    /// Every third room keeps few messages.
    var kind: Kind { self.number % 3 == 2 ? .short : .whole }
    var key: String { "\(self.kind.rawValue)-\(self.number)" }
}
