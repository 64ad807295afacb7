internal import Crypto
internal import NIOCore

/// What a relay keeps of a session's secret: SHA-256 of its text. With 128 random bits behind it, it needs no salt.
struct SessionDigest: Sendable {
    /// 32 bytes.
    let bytes: [UInt8]

    init(of secret: [UInt8]) {
        self.bytes = Array(SHA256.hash(data: secret))
    }

    /// - Parameter bytes: Of a digest that was stored.
    init?(stored bytes: [UInt8]) {
        guard bytes.count == SHA256.byteCount else { return nil }
        self.bytes = bytes
    }

    /// Whether both are the same; takes as long for any two.
    func equals(_ other: SessionDigest) -> Bool {
        zip(self.bytes, other.bytes).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// A part of it by which it is looked up; who tries secrets learns nothing from how long that takes, for what it
    /// tries is hashed first.
    var prefix: UInt64 { self.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }
}

/// What survives a reconnect of a client that asked for it.
struct Session: Sendable {
    let digest: SessionDigest
    /// Text messages of the client that the room has taken since the session began.
    var handled: UInt64 = 0
    /// ``handled`` when the present connection came.
    var handledBefore: UInt64 = 0
    /// When an away client's time is over; `nil`: it is not away.
    var awayUntil: NIODeadline?
    /// Whether it is among ``Sessions/changed``.
    var isNoted = false
}

/// The sessions of a room's clients.
struct Sessions: Sendable {
    private var sessions: [ClientID: Session] = [:]
    private var clients: [UInt64: ClientID] = [:]
    /// Clients with a ``Session/handled`` that was not told to ``takeChanged()`` yet.
    private var changed: ContiguousArray<ClientID> = []
    private(set) var awayCount = 0

    var isEmpty: Bool { self.sessions.isEmpty }

    subscript(client: ClientID) -> Session? { self.sessions[client] }

    /// Whose session it is; `nil`: nobody's.
    func client(of digest: SessionDigest) -> ClientID? {
        guard let client = self.clients[digest.prefix], let session = self.sessions[client],
            session.digest.equals(digest)
        else { return nil }
        return client
    }

    mutating func add(_ session: Session, of client: ClientID) {
        self.sessions[client] = session
        self.clients[session.digest.prefix] = client
        if session.awayUntil != nil { self.awayCount += 1 }
    }

    mutating func remove(_ client: ClientID) {
        guard let session = self.sessions.removeValue(forKey: client) else { return }
        if self.clients[session.digest.prefix] == client { self.clients[session.digest.prefix] = nil }
        if session.awayUntil != nil { self.awayCount -= 1 }
    }

    mutating func removeAll() {
        self = Sessions()
    }

    /// - Returns: `false` where the client has none.
    mutating func setAway(_ client: ClientID, until deadline: NIODeadline) -> Bool {
        guard let index = self.sessions.index(forKey: client) else { return false }
        if self.sessions.values[index].awayUntil == nil { self.awayCount += 1 }
        self.sessions.values[index].awayUntil = deadline
        return true
    }

    /// The client is back, under a connection that has sent nothing yet.
    mutating func setBack(_ client: ClientID) {
        guard let index = self.sessions.index(forKey: client) else { return }
        if self.sessions.values[index].awayUntil != nil { self.awayCount -= 1 }
        self.sessions.values[index].awayUntil = nil
        self.sessions.values[index].handledBefore = self.sessions.values[index].handled
    }

    /// The room has taken what the client's connection sent up to the text message of this number, counted from 1.
    /// - Parameter isLogged: Whether ``takeChanged()`` is to tell.
    mutating func noteHandled(_ client: ClientID, _ sequence: UInt32, isLogged: Bool) {
        guard let index = self.sessions.index(forKey: client) else { return }
        let handled = self.sessions.values[index].handledBefore + UInt64(sequence)
        guard handled > self.sessions.values[index].handled else { return }
        self.sessions.values[index].handled = handled
        if isLogged, !self.sessions.values[index].isNoted {
            self.sessions.values[index].isNoted = true
            self.changed.append(client)
        }
    }

    /// Clients whose ``Session/handled`` went on since the last call, and that are still there.
    mutating func takeChanged() -> [(client: ClientID, handled: UInt64)] {
        guard !self.changed.isEmpty else { return [] }
        var taken: [(client: ClientID, handled: UInt64)] = []
        for client in self.changed {
            guard let index = self.sessions.index(forKey: client) else { continue }
            self.sessions.values[index].isNoted = false
            taken.append((client, self.sessions.values[index].handled))
        }
        self.changed.removeAll(keepingCapacity: true)
        return taken
    }

    /// Clients whose time to come back is over, upward.
    /// Complexity: O(n) where somebody is away.
    func expired(at now: NIODeadline) -> [ClientID] {
        guard self.awayCount > 0 else { return [] }
        return self.sessions.filter { $0.value.awayUntil.map { $0 <= now } ?? false }.keys.sorted()
    }
}
