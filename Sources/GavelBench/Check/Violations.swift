/// What the relay did against the protocol, counted by kind, with the first of each kind in words.
package struct Violations: Sendable, Equatable {
    package enum Kind: String, CaseIterable, Sendable {
        /// Numbers were left out.
        case gap = "numbers left out"
        /// A number came twice, or after a later one.
        case repeated = "numbers repeated"
        /// A client's own message came out of its sending order.
        case ownOrder = "own messages out of order"
        /// A client's own message never came back.
        case lost = "own messages lost"
        /// A client did not get the last messages of its room, while another did.
        case behind = "clients without their room's last messages"
        /// A client that came back was not given its session or what it missed, though it had to be.
        case resume = "sessions not resumed as they had to be"
        /// The rules' counts were not those that followed from the ones before.
        case state = "steps of the rules' state lost or repeated"
        /// Not a message of the protocol.
        case malformed = "malformed messages"
    }

    private var counts: [Kind: UInt64] = [:]
    private var firsts: [Kind: String] = [:]

    package init() {}

    package var total: UInt64 {
        self.counts.values.reduce(0, +)
    }

    package subscript(kind: Kind) -> UInt64 {
        self.counts[kind, default: 0]
    }

    /// The first violation of this kind in words.
    package func first(of kind: Kind) -> String? {
        self.firsts[kind]
    }

    /// Adds others; of each kind the first stays the first.
    mutating func add(_ others: Violations) {
        self.counts.merge(others.counts, uniquingKeysWith: +)
        self.firsts.merge(others.firsts) { first, _ in first }
    }

    /// Counts a violation; `describe` is asked for the first of its kind only.
    mutating func note(_ kind: Kind, count: UInt64 = 1, describe: () -> String) {
        self.counts[kind, default: 0] += count
        if self.firsts[kind] == nil {
            self.firsts[kind] = describe()
        }
    }
}
