/// What a tortured relay did against the protocol, counted by kind, with the first of each kind in words.
package struct TortureFindings: Sendable, Equatable {
    package enum Kind: String, CaseIterable, Sendable {
        /// A client's numbers left something out.
        case gap = "numbers left out"
        /// A client got a number again, or after a later one.
        case repeated = "numbers repeated"
        /// Two clients saw different messages under one number of one epoch.
        case contents = "numbers with two contents"
        /// A message that was sent is not in its room's order, or a step of the rules' state is not.
        case lost = "messages lost"
        /// A message stands in its room's order twice.
        case doubled = "messages taken twice"
        /// A sender's messages stand in the wrong order.
        case swapped = "messages out of their sender's order"
        /// A message of class `latest` came after a newer one.
        case stale = "latest messages older than the one before"
        /// The last message of class `latest` did not reach a client.
        case outdated = "clients without the latest"
        /// A session did not come back as the protocol says.
        case resume = "wrong answers to a resume"
        /// A connection ended with a code that has no reason.
        case closed = "wrong ends of connections"
        /// The room counts members that are none, or misses some.
        case presence = "wrong presence"
        /// An error for a message with which nothing is wrong, or none where something is.
        case refusal = "wrong errors"
        /// Not a message of the protocol.
        case malformed = "malformed messages"
        /// A client could not come back, or did not get the last messages of its room.
        case stuck = "clients left behind"
        /// The relay ended by itself, or not as it was told.
        case relay = "wrong ends of the relay"
    }

    /// How many of each kind are kept in words.
    static let mostTexts = 3

    private var counts: [Kind: UInt64] = [:]
    private var texts: [Kind: [String]] = [:]

    package init() {}

    package var total: UInt64 { self.counts.values.reduce(0, +) }

    package subscript(kind: Kind) -> UInt64 { self.counts[kind, default: 0] }

    /// The first findings of this kind.
    package func first(of kind: Kind) -> [String] { self.texts[kind, default: []] }

    /// Counts a finding; `text` is asked for the first of a kind only.
    mutating func note(_ kind: Kind, _ text: @autoclosure () -> String) {
        self.counts[kind, default: 0] += 1
        if self.texts[kind, default: []].count < Self.mostTexts { self.texts[kind, default: []].append(text()) }
    }
}
