/// Holds what clients sent and saw against the protocol.
///
/// Clients are known by a number that never changes; a client's *life* is one session, whose messages name it.
struct TortureCheck: Sendable {
    /// A life at the end of a run.
    struct Life: Sendable {
        /// The series of its messages.
        var series: String
        var room: Int
        /// How many numbered messages it sent.
        var sent: UInt64
        /// Whether its session is alive: then all must have been taken, else they may have been.
        var isAlive: Bool
    }

    private(set) var views: [Int: ClientView] = [:]
    private(set) var rooms: [Int: RoomHistory] = [:]
    var findings = TortureFindings()
    /// Numbered messages received, by all clients together.
    private(set) var received: UInt64 = 0
    private(set) var receivedLatest: UInt64 = 0

    /// A client has joined as a new one.
    mutating func join(_ client: Int, room: Int, epoch: String, last: UInt64, history: UInt64 = 0) {
        self.views[client] = ClientView(room: room, epoch: epoch, last: last, history: history)
    }

    /// A client's session goes on.
    mutating func comeBack(
        _ client: Int,
        epoch: String,
        last: UInt64,
        outcome: ResumeOutcome,
        circumstances: ResumeCircumstances
    ) {
        guard let view = self.views[client] else { return }
        let place = "client \(client), at \(view.last) of epoch \(view.epoch), came back to \(last) of epoch \(epoch)"
        if !circumstances.admit(outcome) {
            self.findings.note(.resume, "\(place), \(outcome.words), though \(circumstances.words)")
        }
        guard outcome == .recovered else {
            self.views[client]?.goOn(epoch: epoch, last: last)
            return
        }
        if epoch != view.epoch || last < view.last {
            self.findings.note(.resume, "\(place), which cannot be recovered")
            self.views[client]?.goOn(epoch: epoch, last: last)
        }
    }

    /// A client got a numbered message where it stands in the order.
    mutating func receive(_ client: Int, number: UInt64, text: [UInt8], _ parse: () -> RoomHistory.Message) {
        guard let view = self.views[client] else { return }
        self.received += 1
        switch self.views[client]?.receive(number: number) {
        case nil: break
        case .gap(let expected):
            self.findings.note(.gap, "client \(client) got \(number) of epoch \(view.epoch) instead of \(expected)")
        case .repeated(let last):
            self.findings.note(.repeated, "client \(client) got \(number) of epoch \(view.epoch) after \(last)")
        }
        self.glimpse(client, epoch: view.epoch, number: number, text: text, parse)
    }

    /// A client saw a numbered message on a connection that another has replaced: where it stands says nothing.
    mutating func glimpse(
        _ client: Int,
        epoch: String,
        number: UInt64,
        text: [UInt8],
        _ parse: () -> RoomHistory.Message
    ) {
        guard let room = self.views[client]?.room else { return }
        let other = self.rooms[room, default: RoomHistory()].see(epoch: epoch, number: number, text: text, parse)
        if let other {
            self.findings.note(
                .contents,
                "client \(client) saw at \(number) of epoch \(epoch) \(Self.words(text)), another \(Self.words(other))"
            )
        }
    }

    /// A client got a message of class `latest`.
    mutating func receiveLatest(_ client: Int, key: String, _ value: ClientView.Latest) {
        self.receivedLatest += 1
        if let newer = self.views[client]?.receive(value, key: key) {
            self.findings.note(
                .stale,
                "client \(client) got of \(key) \(value.author)'s \(value.count) after its \(newer)"
            )
        }
    }

    /// At the end, after a quiet time: what is missing.
    /// - Parameters:
    ///   - lives: All there were.
    ///   - latest: By room and key, what its only sender sent last; `nil` where there are several senders, of whom only
    ///     the clients' agreement is asked.
    ///   - members: By room, the clients that are in it, where it tells of presence.
    mutating func finish(lives: [Life], latest: [Int: [String: ClientView.Latest?]], members: [Int: Set<UInt64>]) {
        for number in Set(self.rooms.keys).union(lives.map(\.room)).sorted() {
            let room = self.rooms[number, default: RoomHistory()]
            var findings = self.findings
            let series = room.checkSeries { findings.note($0, "room \(number), \($1)") }
            self.findings = findings
            self.findLost(in: number, series, hasHoles: room.holes > 0, lives: lives.filter { $0.room == number })
            if let members = members[number], let told = room.members, told != members {
                self.findings.note(
                    .presence,
                    "room \(number) was told of \(told.sorted()), there are \(members.sorted())"
                )
            }
        }
        self.findOutdated(latest)
        self.findBehind()
    }

    private mutating func findLost(in room: Int, _ series: [String: SeriesCheck], hasHoles: Bool, lives: [Life]) {
        for (name, check) in series.sorted(by: { $0.key < $1.key }) {
            for value in check.missing.sorted() { self.findings.note(.lost, "room \(room), \(name): no \(value)") }
        }
        for life in lives {
            let last = series[life.series]?.last ?? 0
            if last > life.sent {
                self.findings.note(.doubled, "room \(room), \(life.series): \(last) was never sent")
            }
            if life.isAlive, last < life.sent, !hasHoles {
                self.findings.note(
                    .lost,
                    "room \(room), \(life.series): \(last + 1) to \(life.sent), its last messages"
                )
            }
        }
    }

    private mutating func findOutdated(_ latest: [Int: [String: ClientView.Latest?]]) {
        for (client, view) in self.views.sorted(by: { $0.key < $1.key }) {
            for (key, value) in (latest[view.room] ?? [:]).sorted(by: { $0.key < $1.key }) {
                let agreed =
                    value ?? self.views.filter { $0.value.room == view.room }.min { $0.key < $1.key }?.value.latest[key]
                let seen = view.latest[key]
                guard seen != agreed else { continue }
                self.findings.note(
                    .outdated,
                    "client \(client) has of \(key) \(Self.words(seen)), the latest is \(Self.words(agreed))"
                )
            }
        }
    }

    private mutating func findBehind() {
        var last: [Int: (client: Int, epoch: String, number: UInt64)] = [:]
        for (client, view) in self.views where view.last >= last[view.room]?.number ?? 0 {
            last[view.room] = (client, view.epoch, view.last)
        }
        for (client, view) in self.views.sorted(by: { $0.key < $1.key }) {
            guard let first = last[view.room], first.epoch != view.epoch || first.number != view.last else { continue }
            self.findings.note(
                .stuck,
                """
                client \(client) ended at \(view.last) of epoch \(view.epoch), client \(first.client) of the same room \
                at \(first.number) of epoch \(first.epoch)
                """
            )
        }
    }

    private static func words(_ text: [UInt8]) -> String {
        String(decoding: text.prefix(160), as: UTF8.self)
    }

    private static func words(_ latest: ClientView.Latest?) -> String {
        latest.map { "\($0.author)'s \($0.count)" } ?? "nothing"
    }
}
