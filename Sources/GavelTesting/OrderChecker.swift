/// Holds what one client receives against the protocol's promises of order.
///
/// Its numbered messages are one contiguous run of its room's order that begins after `joined.msg_id`; a message that
/// says by `at` where the room put it stands right there; nothing of a room comes before `joined` or after `left`; and
/// the client's own messages (`own` counts them from 1) come back in the order in which they were sent. Of the messages
/// of class latest (whose sender counts them by `step`) none comes after a newer one of its sender.
package struct OrderChecker: Sendable {
    /// One number in one room's order, and what stood there.
    package struct Place: Hashable, Sendable {
        package var room: String
        package var epoch: String
        package var id: Int64

        package init(room: String, epoch: String, id: Int64) {
            self.room = room
            self.epoch = epoch
            self.id = id
        }
    }

    /// A client in one life of a room.
    package struct Sender: Hashable, Sendable {
        package var room: String
        package var epoch: String
        package var client: Int64
    }

    package private(set) var violations: [String] = []
    package private(set) var room: String?
    package private(set) var epoch = ""
    package private(set) var client: Int64 = 0
    /// The number the last message had, or `joined` named.
    package private(set) var lastID: Int64 = 0
    package private(set) var lastOwn: Int64 = 0
    /// Numbered messages received.
    package private(set) var numbered = 0
    /// Messages received that said where they were put.
    package private(set) var placed = 0
    /// How often the client was told that it left.
    package private(set) var departures = 0
    /// How often it was moved, and how often its room was closed.
    package private(set) var moves = 0
    package private(set) var closings = 0
    /// The newest step of each sender in this stay.
    package private(set) var steps: [Sender: Int64] = [:]
    /// Messages of class latest received.
    package private(set) var stepCount = 0
    /// What was received at each place, to be held against what others received there.
    package private(set) var received: [(place: Place, text: [UInt8])] = []
    private let keepsTexts: Bool

    /// - Parameter keepsTexts: Whether to fill ``received``.
    package init(keepsTexts: Bool) {
        self.keepsTexts = keepsTexts
    }

    /// Checks another connection of the same client, and keeps what was found on the one before.
    package init(continuing other: OrderChecker) {
        self.keepsTexts = other.keepsTexts
        self.violations = other.violations
        self.received = other.received
        self.numbered = other.numbered
    }

    /// The client itself, while it is in a room.
    package var place: Sender { Sender(room: self.room ?? "", epoch: self.epoch, client: self.client) }

    package mutating func receive(_ message: ReceivedMessage) {
        switch message.type {
        case "joined":
            if let room = self.room { self.complain("joined while in \(room)", message) }
            self.room = message["room"]
            self.epoch = message["epoch"] ?? ""
            self.client = message[number: "client_id"] ?? 0
            self.lastID = message[number: "msg_id"] ?? -1
            self.steps = [:]
        case "left":
            if self.room == nil || self.room != message["room"] { self.complain("left a room it was not in", message) }
            self.room = nil
            self.departures += 1
            if message["reason"] == "moved" { self.moves += 1 }
            if message["reason"] == "closed" { self.closings += 1 }
        case "error", "gavel.pong", "closing":
            break
        default:
            self.receiveRoomMessage(message)
        }
    }

    private mutating func receiveRoomMessage(_ message: ReceivedMessage) {
        if message.repeatsStamp { self.complain("stamped twice", message) }
        guard let room = self.room else { return self.complain("a room's message outside of any room", message) }
        if let id = message[number: "msg_id"] {
            if id != self.lastID + 1 { self.complain("expected number \(self.lastID + 1)", message) }
            self.lastID = id
            self.numbered += 1
            if self.keepsTexts {
                self.received.append((Place(room: room, epoch: self.epoch, id: id), message.text))
            }
            if message[number: "client_id"] == self.client, let own = message[number: "own"] {
                if own <= self.lastOwn { self.complain("own message \(own) after \(self.lastOwn)", message) }
                self.lastOwn = own
            }
        } else if let step = message[number: "step"] {
            let sender = Sender(room: room, epoch: self.epoch, client: message[number: "client_id"] ?? 0)
            self.stepCount += 1
            if let newest = self.steps[sender], newest >= step {
                self.complain("step \(step) after \(newest)", message)
            }
            self.steps[sender] = step
        } else if let place = message[number: "at"] {
            self.placed += 1
            if place != self.lastID { self.complain("expected right after number \(self.lastID)", message) }
        }
    }

    private mutating func complain(_ what: String, _ message: ReceivedMessage) {
        self.violations.append("\(what): \(message)")
    }
}
