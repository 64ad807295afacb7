/// With what a segment of a recording begins.
///
///     base     byte: why, as in Cause  signed: milliseconds since 1970  signed: uptime in ms  number: the last msg_id
///              byte: whether there are rules [text: name  text: version  text: identity  text: params]
///              byte: whether there is a copy [text: the copy]  text: use of the rates
///              number: how many clients  of each: number: id  text: name  byte: whether it is connected
///              byte: whether a timer is set [signed: by how much the next is behind the uptime]
package struct RecordedBase: Sendable {
    /// Which rules there were; they are not in the recording.
    package struct Rules: Hashable, Sendable {
        package var name: String
        package var version: String
        package var identity: String
        /// A JSON object, or nothing.
        package var params: [UInt8]
    }

    package var cause: RulesBeginning.Cause
    package var key: RoomKey
    package var wallMilliseconds: Int64
    package var uptimeMilliseconds: Int64
    package var lastID: MessageID
    /// `nil`: a room without rules.
    package var rules: Rules?
    package var copy: [UInt8]?
    package var rates: [UInt8]
    package var clients: [RestoredClient]
    package var nextTimer: Int64?

    private static let causes: [RulesBeginning.Cause] = [
        .created, .woken, .observed, .reloaded, .rolledBack, .continued,
    ]

    init(_ beginning: RulesBeginning) {
        self.cause = beginning.cause
        self.key = beginning.key
        self.wallMilliseconds = beginning.context.wallMilliseconds
        self.uptimeMilliseconds = beginning.context.uptimeMilliseconds
        self.lastID = beginning.context.lastID
        self.rules = beginning.provider.map {
            Rules(name: $0.name, version: $0.version, identity: $0.identity, params: $0.params)
        }
        self.copy = beginning.copy
        self.rates = beginning.rates
        self.clients = beginning.clients
        self.nextTimer = beginning.nextTimer
    }

    func write(to writer: inout RecordingWriter) {
        writer.byte(UInt8(Self.causes.firstIndex(of: self.cause)!))
        writer.signed(self.wallMilliseconds)
        writer.signed(self.uptimeMilliseconds)
        writer.number(self.lastID)
        writer.byte(self.rules == nil ? 0 : 1)
        if let rules = self.rules {
            writer.text(rules.name)
            writer.text(rules.version)
            writer.text(rules.identity)
            writer.text(rules.params)
        }
        writer.byte(self.copy == nil ? 0 : 1)
        if let copy = self.copy { writer.text(copy) }
        writer.text(self.rates)
        writer.number(UInt64(self.clients.count))
        for client in self.clients {
            writer.number(client.id)
            writer.text(client.name)
            writer.byte(client.isConnected ? 1 : 0)
        }
        writer.byte(self.nextTimer == nil ? 0 : 1)
        if let nextTimer = self.nextTimer { writer.signed(nextTimer &- self.uptimeMilliseconds) }
    }

    init(_ reader: inout RecordingReader, key: RoomKey) throws(RecordingError) {
        let cause = Int(try reader.byte())
        guard Self.causes.indices.contains(cause) else { throw RecordingError("a segment begins for no known reason.") }
        self.cause = Self.causes[cause]
        self.key = key
        self.wallMilliseconds = try reader.signed()
        self.uptimeMilliseconds = try reader.signed()
        self.lastID = try reader.number()
        if try reader.byte() != 0 {
            self.rules = Rules(
                name: try reader.string(),
                version: try reader.string(),
                identity: try reader.string(),
                params: try reader.text()
            )
        }
        if try reader.byte() != 0 { self.copy = try reader.text() }
        self.rates = try reader.text()
        self.clients = []
        var last: ClientID = 0
        for _ in 0..<(try reader.count()) {
            let id = try reader.number()
            guard id > last else { throw RecordingError("clients of it are in disorder.") }
            last = id
            self.clients.append(
                RestoredClient(id: id, name: try reader.text(), isConnected: try reader.byte() != 0)
            )
        }
        if try reader.byte() != 0 { self.nextTimer = self.uptimeMilliseconds &+ (try reader.signed()) }
    }
}

extension HookContext {
    init(_ base: RecordedBase) {
        self.init(
            wallMilliseconds: base.wallMilliseconds,
            uptimeMilliseconds: base.uptimeMilliseconds,
            lastID: base.lastID
        )
    }
}
