import GavelCore
import GavelScript
import Testing

/// A room whose changes are written down after each call, as a log would, and from which others go on.
final class KeptRoom {
    let room: ScriptedRoom
    private let source: String
    private(set) var copy: [UInt8]?
    private(set) var changes: [[UInt8]] = []
    /// Whether what it went on from was not all there is.
    private(set) var changedAtOnce = false
    /// Of the last of what was written down.
    private(set) var uptime: Int64 = 0
    private var lastCall: Int64 = 0

    init(_ source: String, seed: ScriptRules.Seed = (1, 2, 3, 4)) throws {
        self.source = source
        self.room = try Self.makeRoom(source, seed: seed)
        self.room.rules.recordChanges()
    }

    private init(_ other: KeptRoom, room: ScriptedRoom) {
        self.source = other.source
        self.room = room
        self.copy = other.copy
        self.changes = other.changes
        self.uptime = other.uptime
        self.lastCall = other.lastCall
    }

    static func makeRoom(_ source: String, seed: ScriptRules.Seed) throws -> ScriptedRoom {
        var configuration = ScriptConfiguration.patient
        configuration.showsErrors = true
        configuration.strikes = nil
        return try ScriptedRoom(source, configuration: configuration, seed: seed)
    }

    /// Writes down what the last call changed, and returns it.
    @discardableResult
    func note() throws -> [UInt8] {
        let new = try #require(self.room.rules.takeChanges().map { Array($0) })
        self.lastCall = self.room.context.uptimeMilliseconds
        if new.isEmpty { return new }
        self.changes.append(new)
        self.uptime = self.room.context.uptimeMilliseconds
        return new
    }

    func takeCopy() throws -> [UInt8] {
        let copy = try #require(self.room.rules.copy())
        self.copy = copy
        self.changes = []
        self.uptime = self.lastCall
        return copy
    }

    /// Other rules that go on where these are, by a clock that is so far ahead of theirs.
    func restored(
        _ clients: [ClientID],
        seed: ScriptRules.Seed,
        ahead: Int64 = 0,
        source: String? = nil,
        recordsFirst: Bool = true
    ) throws -> KeptRoom {
        let room = try Self.makeRoom(source ?? self.source, seed: seed)
        room.now = self.room.now
        room.lastID = self.room.lastID
        if recordsFirst { room.rules.recordChanges() }
        // The clocks are the same distance apart from then on that they were when the last was written down.
        room.uptimeAhead = self.uptime + ahead - room.now
        try room.restore(clients, copy: self.copy, changes: self.changes)
        if !recordsFirst { room.rules.recordChanges() }
        let kept = KeptRoom(self, room: room)
        kept.changedAtOnce = try !kept.note().isEmpty
        kept.uptime = self.uptime + ahead
        room.uptimeAhead = self.room.uptimeAhead + ahead
        return kept
    }
}

extension ScriptedRoom {
    func restore(_ clients: [ClientID], copy: [UInt8]?, changes: [[UInt8]]) throws {
        let blocks = changes.map { bytes in
            let block = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
            block.copyBytes(from: bytes)
            return block
        }
        defer { for block in blocks { block.deallocate() } }
        let clients = clients.map { RestoredClient(id: $0, name: Array("c\($0)".utf8)) }
        func restore(_ copy: UnsafeRawBufferPointer?) throws {
            try self.rules.restore(
                clients,
                copy: copy,
                changes: blocks.map { UnsafeRawBufferPointer($0) },
                context: self.context
            )
        }
        if let copy { try copy.withUnsafeBytes { try restore($0) } } else { try restore(nil) }
    }
}
