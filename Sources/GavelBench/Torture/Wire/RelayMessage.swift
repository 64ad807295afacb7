/// What a tortured client reads of a relay's message, found in one walk over its top level.
struct RelayMessage {
    var type = ""
    var clientID: UInt64?
    var number: UInt64?
    var epoch: String?
    var session: String?
    var recovered: Bool?
    var reason: String?
    var handled: UInt64?
    /// Of an error.
    var code: String?
    var reconnectMilliseconds: UInt64?
    /// The life that sent it; a tortured client's own field, like those below.
    var author: String?
    /// The author's count of its numbered messages.
    var said: UInt64?
    /// The author's count of its messages of class `latest`.
    var moved: UInt64?
    /// The rules' count of messages that passed their filter.
    var filtered: UInt64?
    /// The rules' count of their timer's calls.
    var beat: UInt64?
    /// What a `latest` message is the latest of.
    var key: String?

    /// - Returns: `nil` when the bytes are not one object.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return nil }
        var cursor = JSONCursor(base: base, count: bytes.count)
        guard cursor.take(UInt8(ascii: "{")) else { return nil }
        repeat {
            cursor.skipSpace()
            let key = cursor.offset + 1
            guard cursor.skipString() else { return nil }
            let name = String(decoding: bytes[key..<cursor.offset - 1], as: UTF8.self)
            cursor.skipSpace()
            guard cursor.take(UInt8(ascii: ":")) else { return nil }
            cursor.skipSpace()
            let value = cursor.offset
            if let number = cursor.takeInteger() {
                self.set(name, number)
            } else {
                guard cursor.skipValue() else { return nil }
                self.set(name, bytes[value..<cursor.offset])
            }
            cursor.skipSpace()
        } while cursor.take(UInt8(ascii: ","))
        guard cursor.take(UInt8(ascii: "}")) else { return nil }
        cursor.skipSpace()
        guard cursor.isAtEnd else { return nil }
    }

    private mutating func set(_ name: String, _ number: UInt64) {
        switch name {
        case "client_id": self.clientID = number
        case "msg_id": self.number = number
        case "handled": self.handled = number
        case "reconnect_in_ms": self.reconnectMilliseconds = number
        case "said": self.said = number
        case "moved": self.moved = number
        case "filtered": self.filtered = number
        case "beat": self.beat = number
        default: break
        }
    }

    /// - Parameter value: Spaces may follow it.
    private mutating func set(_ name: String, _ value: Slice<UnsafeRawBufferPointer>) {
        if name == "recovered" { return self.recovered = value.first == UInt8(ascii: "t") }
        guard value.first == UInt8(ascii: "\""), let end = value.lastIndex(of: UInt8(ascii: "\"")) else { return }
        let text = String(decoding: value[value.startIndex + 1..<end], as: UTF8.self)
        switch name {
        case "type": self.type = text
        case "epoch": self.epoch = text
        case "session": self.session = text
        case "reason": self.reason = text
        case "code": self.code = text
        case "author": self.author = text
        case "key": self.key = text
        default: break
        }
    }
}

extension RelayMessage {
    /// What the message is of the series that must be whole.
    var values: [SeriesValue] {
        var values: [SeriesValue] = []
        if let author, let said { values.append(SeriesValue("client \(author)", said)) }
        if let filtered { values.append(SeriesValue("the rules' state", filtered)) }
        if let beat { values.append(SeriesValue("the rules' timer", beat)) }
        return values
    }

    var presence: PresenceChange? {
        switch (self.type, self.clientID) {
        case ("client_joined", let client?): .came(client)
        case ("client_left", let client?): .went(client)
        default: nil
        }
    }
}
