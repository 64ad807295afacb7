/// What one client has seen: how far it is in its room's order, and the newest of each key.
struct ClientView: Sendable {
    /// A message of class `latest`: who sent it, and the sender's count of such messages.
    struct Latest: Hashable, Sendable {
        var author: String
        var count: UInt64
    }

    enum Finding: Equatable {
        case gap(expected: UInt64)
        case repeated(last: UInt64)
    }

    let room: Int
    private(set) var epoch: String
    /// The last number received, or said by `joined`.
    private(set) var last: UInt64
    /// The newest of each key.
    private(set) var latest: [String: Latest] = [:]
    /// The greatest count of each key and author.
    private var counts: [String: [String: UInt64]] = [:]
    /// Where the history asked for may begin, until its first message comes.
    private var historyStart: ClosedRange<UInt64>?

    /// A client that has joined.
    /// - Parameters:
    ///   - last: `msg_id` of `joined`.
    ///   - history: How many of the latest messages it asked for.
    init(room: Int, epoch: String, last: UInt64, history: UInt64 = 0) {
        self.room = room
        self.epoch = epoch
        self.last = last
        if history > 0 { self.historyStart = (last > history ? last - history + 1 : 1)...(last + 1) }
    }

    mutating func receive(number: UInt64) -> Finding? {
        if let start = self.historyStart {
            self.historyStart = nil
            if start.contains(number) {
                self.last = number
                return nil
            }
        }
        let expected = self.last + 1
        guard number >= expected else { return .repeated(last: self.last) }
        self.last = number
        return number == expected ? nil : .gap(expected: expected)
    }

    /// Takes a message of class `latest`.
    /// - Returns: The count of a newer one of the same key and author that came before.
    mutating func receive(_ value: Latest, key: String) -> UInt64? {
        let known = self.counts[key]?[value.author] ?? 0
        guard value.count >= known else { return known }
        self.counts[key, default: [:]][value.author] = value.count
        self.latest[key] = value
        return nil
    }

    /// Goes on where the relay says, in an epoch that may be another: what was known of keys holds no more if it is.
    mutating func goOn(epoch: String, last: UInt64) {
        if epoch != self.epoch {
            self.latest = [:]
            self.counts = [:]
        }
        self.epoch = epoch
        self.last = last
        self.historyStart = nil
    }
}
