/// What one client knows of its room's order and of its own messages.
///
/// A numbered message must be the one after the last; the client's own must come back in sending order. What never
/// comes back shows at the end, in ``missing``.
struct OrderCheck {
    /// What a message showed to be wrong.
    enum Finding: Equatable {
        /// Numbers are missing before this one.
        case gap(expected: UInt64, got: UInt64)
        /// A number that had come already.
        case repeated(got: UInt64, last: UInt64)
        /// One of the client's own messages that was not its next.
        case ownOrder(expected: UInt64, got: UInt64)
    }

    /// The last number of the room, from `joined` on.
    private(set) var lastNumber: UInt64
    /// How many messages the client has sent.
    private(set) var sent: UInt64 = 0
    /// The count of the latest own message that came back.
    private(set) var lastOwn: UInt64 = 0

    /// - Parameter joinedAt: `msg_id` of the `joined` reply. Without one the room must be new: its first message is 1.
    init(joinedAt: UInt64?) {
        self.lastNumber = joinedAt ?? 0
    }

    /// How many own messages are still to come, those passed over not counted: they were found then.
    var missing: UInt64 {
        self.sent - self.lastOwn
    }

    /// Counts a message about to be sent and returns its count.
    @inline(__always)
    mutating func send() -> UInt64 {
        self.sent += 1
        return self.sent
    }

    /// The client is back in its room, in the same session.
    /// - Parameters:
    ///   - handled: How many of its own messages the room has taken.
    ///   - number: Where the room is, where what was missed does not come; `nil`: it does.
    /// - Returns: By how many messages fewer are now missing.
    mutating func resume(handled: UInt64, at number: UInt64?) -> UInt64 {
        guard let number else { return 0 }
        self.lastNumber = number
        guard handled > self.lastOwn, handled <= self.sent else { return 0 }
        defer { self.lastOwn = handled }
        return handled - self.lastOwn
    }

    /// The relay has answered the client's next message by an error: it does not come back.
    /// - Returns: By how many messages fewer are now missing.
    mutating func refuse() -> UInt64 {
        guard self.lastOwn < self.sent else { return 0 }
        self.lastOwn += 1
        return 1
    }

    /// Takes the number of a message. After a gap the order goes on from there; a repeat leaves it as it was.
    @inline(__always)
    mutating func receive(number: UInt64) -> Finding? {
        let expected = self.lastNumber &+ 1
        guard number != expected else {
            self.lastNumber = number
            return nil
        }
        guard number > expected else { return .repeated(got: number, last: self.lastNumber) }
        self.lastNumber = number
        return .gap(expected: expected, got: number)
    }

    /// Takes the sender's count of a message of the client's own.
    /// - Returns: By how many messages fewer are now missing, and what was wrong.
    @inline(__always)
    mutating func receiveOwn(sequence: UInt64) -> (returned: UInt64, finding: Finding?) {
        let expected = self.lastOwn + 1
        guard sequence != expected || sequence > self.sent else {
            self.lastOwn = sequence
            return (1, nil)
        }
        let finding = Finding.ownOrder(expected: expected, got: sequence)
        guard sequence > expected, sequence <= self.sent else { return (0, finding) }
        let returned = sequence - self.lastOwn
        self.lastOwn = sequence
        return (returned, finding)
    }
}
