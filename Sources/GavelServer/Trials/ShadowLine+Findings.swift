internal import GavelAdmin
internal import GavelCore

extension ShadowFeed.Event {
    /// The rules' name, of a beginning.
    var rules: String? {
        if case .began(let beginning) = self { beginning.provider?.name } else { nil }
    }
}

extension ShadowStart {
    init(_ beginning: ShadowBeginning, rules: String?, shadow: String) {
        self.init(
            rules: rules,
            version: beginning.from,
            shadow: shadow,
            shadowVersion: beginning.to,
            lastMessage: Int(clamping: beginning.lastID),
            isAgain: beginning.cause != .observed
        )
        self.effects = beginning.reload?.effects.map(\.description) ?? []
        self.changes = beginning.changes.map { ChangeView($0) }
    }
}

extension ShadowFinding {
    init(_ difference: ShadowDifference) {
        self.init(
            difference.kind.rawValue,
            client: Int(clamping: difference.client),
            sent: difference.message.map { String(decoding: $0, as: UTF8.self) },
            message: difference.messageID.map { Int(clamping: $0) },
            lastMessage: Int(clamping: difference.lastID)
        )
        self.differences = difference.differences.map {
            Difference($0.kind.rawValue, room: $0.before, shadow: $0.now)
        }
        self.changes = difference.changes.map { ChangeView($0) }
        self.departures = difference.departures.map { Int(clamping: $0) }
        self.failure = difference.failure.map { "\($0.text) (\($0.hook))" }
    }
}

extension ShadowFigures {
    init(_ tally: ShadowTally) {
        self.init(
            calls: tally.calls,
            messages: tally.messages,
            different: tally.different,
            kinds: Dictionary(uniqueKeysWithValues: tally.kinds.map { ($0.key.rawValue, $0.value) }),
            failures: tally.failures,
            statePlaces: tally.statePlaces
        )
    }
}
