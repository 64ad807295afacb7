internal import CGavelJSON
internal import NIOCore

// Messages of the relay's own, composed straight into the bytes they are sent in.

extension ByteBuffer {
    /// `error`, to the client that caused it.
    /// - Parameters:
    ///   - details: Members between `code` and `to`, JSON without braces, such as a reject's reason.
    ///   - message: The message refused, where its envelope could be read.
    mutating func writeError(
        _ error: MessageError,
        client: ClientID,
        details: UnsafeRawBufferPointer = .empty,
        message: MessageView?
    ) {
        self.writeJSON(#"{"type":"error","client_id":"#)
        self.writeDecimal(client)
        self.writeJSON(#","code":""#)
        self.writeJSON(error.code.text)
        if details.isEmpty {
            self.writeJSON(#"","message":""#)
            self.writeJSON(error.message)
            self.writeJSON(#"""#)
        } else {
            self.writeJSON(#"","#)
            self.writeBytes(details)
        }
        if let message {
            self.writeOrigin(message)
        }
        if let milliseconds = error.retryAfterMilliseconds {
            self.writeJSON(#","retry_after_ms":"#)
            self.writeDecimal(milliseconds)
        }
        self.writeJSON(error.code.isTemporary ? #","temporary":true}"# : #","temporary":false}"#)
    }

    /// `joined`, up to its optional members and the closing brace.
    mutating func beginJoined(_ client: ClientID, room: RoomKey, lastID: MessageID, epoch: [UInt8]) {
        self.writeJSON(#"{"type":"joined","client_id":"#)
        self.writeDecimal(client)
        self.writeJSON(#","room":"#)
        self.writeJSONString(room.bytes)
        self.writeJSON(#","msg_id":"#)
        self.writeDecimal(lastID)
        self.writeJSON(#","epoch":"#)
        self.writeJSONString(epoch)
    }

    /// Members of `joined`: the session's secret, and how many of its messages the room has taken.
    mutating func writeSession(_ secret: [UInt8], handled: UInt64) {
        self.writeJSON(#","session":"#)
        self.writeJSONString(secret)
        self.writeJSON(#","handled":"#)
        self.writeDecimal(handled)
    }

    /// A member of `joined`: which rules the room runs.
    mutating func writeVersion(_ version: String) {
        self.writeJSON(#","rules":"#)
        self.writeJSONString(Array(version.utf8))
    }

    /// Members of `joined`: that the client does not get what it missed, and why.
    mutating func writeUnrecovered(_ reason: StaticString) {
        self.writeJSON(#","recovered":false,"reason":""#)
        self.writeJSON(reason)
        self.writeJSON(#"""#)
    }

    /// `reply`, what a command returned.
    mutating func writeReply(_ members: UnsafeRawBufferPointer, message: MessageView) {
        self.writeJSON(#"{"type":"reply","client_id":0"#)
        self.writeOrigin(message)
        self.writeMembers(members)
        self.writeJSON("}")
    }

    /// What the rules show a client of its room.
    /// - Parameter lastID: The last number given before it.
    mutating func writeSnapshot(_ members: UnsafeRawBufferPointer, asOf lastID: MessageID) {
        self.writeJSON(#"{"type":"snapshot","client_id":0,"as_of":"#)
        self.writeDecimal(lastID)
        self.writeMembers(members)
        self.writeJSON("}")
    }

    /// `left`, to a client that is no longer in its room.
    /// - Parameter explanation: What the rules said, UTF-8, perhaps empty.
    mutating func writeLeft(
        client: ClientID,
        room: RoomKey,
        reason: LeaveReason,
        explanation: UnsafeRawBufferPointer = .empty,
        reference: UnsafeRawBufferPointer = .empty
    ) {
        self.writeJSON(#"{"type":"left","client_id":"#)
        self.writeDecimal(client)
        self.writeJSON(#","room":"#)
        self.writeJSONString(room.bytes)
        self.writeJSON(#","reason":""#)
        self.writeJSON(reason.text)
        self.writeJSON(#"""#)
        if !explanation.isEmpty {
            self.writeJSON(#","message":"#)
            self.writeJSONString(explanation)
        }
        self.writeReference(reference)
        self.writeJSON("}")
    }

    /// `gavel.pong`.
    mutating func writePong(reference: UnsafeRawBufferPointer) {
        self.writeJSON(#"{"type":"gavel.pong""#)
        self.writeReference(reference)
        self.writeJSON("}")
    }

    /// `closing`: the relay is going away.
    mutating func writeClosing(reconnectInMilliseconds: UInt64) {
        self.writeJSON(#"{"type":"closing","client_id":0,"reconnect_in_ms":"#)
        self.writeDecimal(reconnectInMilliseconds)
        self.writeJSON("}")
    }

    /// Members, JSON without braces, behind others.
    mutating func writeMembers(_ members: UnsafeRawBufferPointer) {
        guard !members.isEmpty else { return }
        self.writeJSON(",")
        self.writeBytes(members)
    }

    /// `ref` as the client sent it, if it did.
    mutating func writeReference(_ reference: UnsafeRawBufferPointer) {
        guard !reference.isEmpty else { return }
        self.writeJSON(#","ref":"#)
        self.writeBytes(reference)
    }

    /// `to`, the message's type, unless it is so long that it would only echo a flood, and its `ref`.
    private mutating func writeOrigin(_ message: MessageView) {
        if message.envelope.type != 0 {
            let type = message.raw(message.envelope.type)
            if type.count <= 256, type[0] == UInt8(ascii: "\"") {
                self.writeJSON(#","to":"#)
                self.writeBytes(type)
            }
        }
        self.writeReference(message.hasSoundReference ? message.reference : .empty)
    }
}

extension UnsafeRawBufferPointer {
    /// No bytes.
    package static var empty: Self { Self(start: nil, count: 0) }
}
