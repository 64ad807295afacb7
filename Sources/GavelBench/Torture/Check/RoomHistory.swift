/// All that anybody saw of a room's numbered messages.
struct RoomHistory: Sendable {
    struct Message: Sendable {
        var text: [UInt8]
        var values: [SeriesValue]
        var presence: PresenceChange?
    }

    private struct Epoch: Sendable {
        var name: String
        var messages: [UInt64: Message] = [:]
        /// The first number that could be seen: 1, or in a kept room that has a new epoch the first that was.
        var first: UInt64
        var last: UInt64 = 0

        var holes: UInt64 { self.messages.isEmpty ? 0 : self.last - self.first + 1 - UInt64(self.messages.count) }
    }

    /// In the order in which they were first seen.
    private var epochs: [Epoch] = []
    /// The greatest value seen of each series.
    private(set) var highest: [String: UInt64] = [:]

    /// Takes a message that somebody saw.
    /// - Returns: What somebody saw under the same number before, where it is something else.
    mutating func see(epoch: String, number: UInt64, text: [UInt8], _ parse: () -> Message) -> [UInt8]? {
        let index = self.index(of: epoch, at: number)
        if let known = self.epochs[index].messages[number] { return known.text == text ? nil : known.text }
        let message = parse()
        self.epochs[index].messages[number] = message
        self.epochs[index].first = min(self.epochs[index].first, number)
        self.epochs[index].last = max(self.epochs[index].last, number)
        for value in message.values {
            self.highest[value.series] = max(self.highest[value.series, default: 0], value.value)
        }
        return nil
    }

    /// Numbers that nobody saw.
    var holes: UInt64 { self.epochs.reduce(0) { $0 + $1.holes } }

    var epochCount: Int { self.epochs.count }

    var count: Int { self.epochs.reduce(0) { $0 + $1.messages.count } }

    /// Walks through the order, and holds each series against its rule.
    ///
    /// Values may be passed over where numbers are missing, or an epoch begins: nobody saw what stood there.
    func checkSeries(_ found: (TortureFindings.Kind, String) -> Void) -> [String: SeriesCheck] {
        struct State {
            var check = SeriesCheck()
            /// How many holes there had been at its last value.
            var holes = 0
        }
        var states: [String: State] = [:]
        var holes = 0
        for (index, epoch) in self.epochs.enumerated() {
            if index > 0 { holes += 1 }
            var previous = epoch.first - 1
            for number in epoch.messages.keys.sorted() {
                if number != previous + 1 { holes += 1 }
                previous = number
                for value in epoch.messages[number]?.values ?? [] {
                    var state = states[value.series, default: State()]
                    let finding = state.check.take(value.value, mayJump: state.holes != holes)
                    state.holes = holes
                    states[value.series] = state
                    let place = "\(value.series): its message \(value.value) at \(number) of epoch \(epoch.name)"
                    switch finding {
                    case nil: break
                    case .doubled: found(.doubled, "\(place) was taken before")
                    case .swapped: found(.swapped, "\(place) follows later ones")
                    }
                }
            }
        }
        return states.mapValues(\.check)
    }

    /// Who is in the room by what it was told of comings and goings; `nil` where some of it was seen by nobody.
    ///
    /// Only of rooms whose whole life is one epoch.
    var members: Set<UInt64>? {
        guard self.epochs.count == 1, self.holes == 0 else { return nil }
        var members: Set<UInt64> = []
        let changes = self.epochs[0].messages.compactMap { number, message in message.presence.map { (number, $0) } }
        for (_, change) in changes.sorted(by: { $0.0 < $1.0 }) {
            switch change {
            case .came(let client): members.insert(client)
            case .went(let client): members.remove(client)
            }
        }
        return members
    }

    private mutating func index(of epoch: String, at number: UInt64) -> Int {
        if let index = self.epochs.lastIndex(where: { $0.name == epoch }) { return index }
        self.epochs.append(Epoch(name: epoch, first: self.epochs.isEmpty ? 1 : number))
        return self.epochs.count - 1
    }
}
