internal import NIOCore

/// What became of the rooms of a relay when it was given other settings, or what would.
package struct ReloadReport: Sendable, Equatable {
    /// A room that cannot go on under its new rules, and keeps those it has.
    package struct Refusal: Sendable, Equatable {
        package var key: RoomKey
        /// For people.
        package var text: String
    }

    /// Rooms whose rules were exchanged, or can be.
    package var changed = 0
    /// Rooms whose rules stay as they are.
    package var unchanged = 0
    package var refused = 0
    /// Of the rooms refused, the first on each loop.
    package var refusals: [Refusal] = []
    /// Rooms that now are to have rules of another file, or none, or were given some: they keep what they have until
    /// they end.
    package var kept: [RoomKey] = []
    /// Rooms that went back from these very rules before, and are not given them again.
    package var returned: [RoomKey] = []
    /// Rooms that were not looked at because the relay stops.
    package var unreached = 0

    /// Of each list, on each loop.
    static let most = 100

    /// Rooms whose rules were exchanged, or were to be.
    var tried: Int { self.changed + self.refused }

    package init() {}

    package static func += (sum: inout Self, part: Self) {
        sum.changed += part.changed
        sum.unchanged += part.unchanged
        sum.refused += part.refused
        sum.refusals += part.refusals
        sum.kept += part.kept
        sum.returned += part.returned
        sum.unreached += part.unreached
    }

    mutating func noteReturned(_ key: RoomKey) {
        self.unchanged += 1
        if self.returned.count < Self.most { self.returned.append(key) }
    }

    mutating func refuse(_ key: RoomKey, _ text: String) {
        self.refused += 1
        if self.refusals.count < Self.most { self.refusals.append(Refusal(key: key, text: text)) }
    }
}

/// Rooms of one loop that are to follow other settings, a few in each tick.
struct Reload {
    enum Kind {
        /// Each is given its new rules for a try, and keeps those it has.
        case rehearsal
        case adoption
    }

    /// With rules that spend their budget, that is a room or two: the others of the loop wait meanwhile.
    private static let mostRefusedTime = TimeAmount.milliseconds(10)

    let kind: Kind
    let settings: RelaySettings
    /// Called once, on the loop.
    let done: @Sendable (ReloadReport) -> Void
    var report = ReloadReport()
    /// What rooms took that were refused.
    var refusedTime = TimeAmount.zero
    /// `nil`: it has not begun.
    private var keys: [RoomKey]?
    private var next = 0

    init(_ kind: Kind, _ settings: RelaySettings, done: @escaping @Sendable (ReloadReport) -> Void) {
        self.kind = kind
        self.settings = settings
        self.done = done
    }

    var hasBegun: Bool { self.keys != nil }

    mutating func begin(_ keys: [RoomKey]) {
        self.keys = keys
    }

    /// A rehearsal that has failed often enough, or for long enough, needs no more.
    var isOver: Bool {
        if self.next == self.keys?.count { return true }
        guard self.kind == .rehearsal else { return false }
        return self.report.refused >= ReloadReport.most || self.refusedTime >= Self.mostRefusedTime
    }

    mutating func nextKey() -> RoomKey? {
        guard !self.isOver, let keys = self.keys else { return nil }
        defer { self.next += 1 }
        return keys[self.next]
    }

    mutating func end() {
        // One that never began has seen no room, whether there is any or not.
        if !self.isOver { self.report.unreached += (self.keys?.count ?? 1) - self.next }
        self.done(self.report)
    }
}
