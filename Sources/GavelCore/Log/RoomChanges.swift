/// What changes of a room besides its messages, as bytes for the log.
///
/// A series of operations, each a byte and its operands. Integers are unsigned LEB128 (DWARF 5, section 7.6); bytes are
/// their length and themselves. A copy of all that a room keeps is such a series too, that begins with nothing.
struct RoomChanges: Sendable {
    enum Operation: UInt8 {
        /// Client, name, digest of its session (empty: it has none).
        case joined = 1
        /// Client.
        case left = 2
        /// Client: it has no connection any more.
        case away = 3
        /// Client: it has one again.
        case back = 4
        /// Client, text messages handled.
        case handled = 5
        case locked = 6
        case unlocked = 7
        /// Bytes of the rules' own: what changed since those before.
        case rules = 8
        /// Bytes of the rules' own: all they keep.
        case rulesCopy = 9
        /// The last client id given.
        case lastClient = 10
        /// Version and identity of the rules whose bytes the others are.
        case rulesVersion = 11
    }

    private(set) var bytes: [UInt8] = []

    var isEmpty: Bool { self.bytes.isEmpty }

    mutating func joined(_ client: ClientID, name: [UInt8], session: SessionDigest?) {
        self.note(.joined, client)
        self.append(name)
        self.append(session?.bytes ?? [])
    }

    mutating func handled(_ client: ClientID, _ count: UInt64) {
        self.note(.handled, client)
        self.append(count)
    }

    mutating func rulesVersion(_ version: String, identity: String) {
        self.note(.rulesVersion, Array(version.utf8))
        self.append(Array(identity.utf8))
    }

    mutating func note(_ operation: Operation) {
        self.bytes.append(operation.rawValue)
    }

    mutating func note(_ operation: Operation, _ client: ClientID) {
        self.bytes.append(operation.rawValue)
        self.append(client)
    }

    mutating func note(_ operation: Operation, _ bytes: some Collection<UInt8>) {
        self.bytes.append(operation.rawValue)
        self.append(bytes)
    }

    private mutating func append(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            self.bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        self.bytes.append(UInt8(rest))
    }

    private mutating func append(_ bytes: some Collection<UInt8>) {
        self.append(UInt64(bytes.count))
        self.bytes.append(contentsOf: bytes)
    }

    mutating func take() -> [UInt8] {
        if self.bytes.isEmpty { return [] }
        defer { self.bytes = [] }
        return self.bytes
    }
}

/// A room as its log tells it: what a copy and the changes after it come to.
struct RoomRecord {
    struct Client {
        var name: [UInt8]
        var session: SessionDigest?
        var handled: UInt64 = 0
        var isAway = false
    }

    /// As of a ``RulesProvider``.
    struct RulesVersion {
        var version: String
        var identity: String
    }

    private(set) var clients: [ClientID: Client] = [:]
    private(set) var lastClient: ClientID = 0
    private(set) var isLocked = false
    /// Which rules kept it; `nil`: it was not noted.
    private(set) var rulesVersion: RulesVersion?
    private(set) var rulesCopy: [UInt8]?
    private(set) var rulesChanges: [[UInt8]] = []

    /// - Throws: ``MessageLogError`` `corrupt` where the bytes are not what ``RoomChanges`` writes.
    init(_ stored: StoredRoom) throws(MessageLogError) {
        if let copy = stored.copy { try self.apply(copy) }
        for changes in stored.changes { try self.apply(changes) }
    }

    private mutating func apply(_ changes: [UInt8]) throws(MessageLogError) {
        var reader = Reader(bytes: changes)
        while !reader.isAtEnd {
            guard let operation = RoomChanges.Operation(rawValue: UInt8(truncatingIfNeeded: try reader.byte())) else {
                throw .corruptRoom
            }
            try self.apply(operation, &reader)
        }
    }

    private mutating func apply(_ operation: RoomChanges.Operation, _ reader: inout Reader) throws(MessageLogError) {
        switch operation {
        case .joined:
            let client = try reader.integer()
            let name = try reader.byteString()
            let digest = try reader.byteString()
            guard client > 0, digest.isEmpty || SessionDigest(stored: digest) != nil else { throw .corruptRoom }
            self.clients[client] = Client(name: name, session: SessionDigest(stored: digest))
            self.lastClient = max(self.lastClient, client)
        case .left: self.clients[try reader.integer()] = nil
        case .away: self.clients[try reader.integer()]?.isAway = true
        case .back: self.clients[try reader.integer()]?.isAway = false
        case .handled:
            let client = try reader.integer()
            let count = try reader.integer()
            self.clients[client]?.handled = count
        case .locked: self.isLocked = true
        case .unlocked: self.isLocked = false
        case .rules: self.rulesChanges.append(try reader.byteString())
        case .rulesCopy:
            self.rulesCopy = try reader.byteString()
            self.rulesChanges = []
        case .rulesVersion:
            let version = try reader.byteString()
            let identity = try reader.byteString()
            self.rulesVersion = RulesVersion(
                version: String(decoding: version, as: UTF8.self),
                identity: String(decoding: identity, as: UTF8.self)
            )
        case .lastClient: self.lastClient = max(self.lastClient, try reader.integer())
        }
    }

    private struct Reader {
        private let bytes: [UInt8]
        private var position = 0

        init(bytes: [UInt8]) {
            self.bytes = bytes
        }

        var isAtEnd: Bool { self.position == self.bytes.count }

        mutating func byte() throws(MessageLogError) -> UInt8 {
            guard self.position < self.bytes.count else { throw .corruptRoom }
            defer { self.position += 1 }
            return self.bytes[self.position]
        }

        mutating func integer() throws(MessageLogError) -> UInt64 {
            var value: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 64, by: 7) {
                let byte = try self.byte()
                let part = UInt64(byte & 0x7F)
                guard (part << shift) >> shift == part else { throw .corruptRoom }
                value |= part << shift
                guard byte < 0x80 else { continue }
                guard value <= MessageLogError.largestNumber else { throw .corruptRoom }
                return value
            }
            throw .corruptRoom
        }

        mutating func byteString() throws(MessageLogError) -> [UInt8] {
            let length = try self.integer()
            guard length <= UInt64(self.bytes.count - self.position) else { throw .corruptRoom }
            defer { self.position += Int(length) }
            return Array(self.bytes[self.position..<self.position + Int(length)])
        }
    }
}

extension MessageLogError {
    /// No number that a relay gives comes near it; what is above is damage.
    static let largestNumber: UInt64 = 1 << 62

    static let corruptRoom = MessageLogError(.corrupt, "What the log keeps of the room contradicts itself.")
}
