/// What a client knows of its session, and all it has sent in it.
struct PlayerSession {
    /// What to do after `joined`.
    enum Entry: Equatable {
        /// The client is a new one.
        case new
        /// It is who it was, and sends again what follows the first `handled` messages.
        case returned(ResumeOutcome, handled: Int)
        /// Against the protocol; why, in words.
        case wrong(String)
    }

    let player: Int
    /// How many sessions the player has had.
    private(set) var life = 0
    private(set) var secret: String?
    private(set) var epoch = ""
    private(set) var clientID: UInt64 = 0
    /// Every text message since the first `joined`, joins aside, in order.
    private(set) var sent: [[UInt8]] = []
    /// How many of them are to be numbered.
    private(set) var said: UInt64 = 0
    /// How many of them pass the rules' filter.
    private var told: UInt64 = 0
    /// How many of them are of class `latest`.
    private(set) var moved: UInt64 = 0
    /// What was sent last for each key.
    private(set) var latest: [String: UInt64] = [:]

    init(player: Int) {
        self.player = player
    }

    /// What the life is called in its messages.
    var author: String { "\(self.player).\(self.life)" }
    /// The series of its numbered messages.
    var series: String { "client \(self.author)" }

    /// A join that takes the session up again where there is one.
    /// - Parameter last: The last number received.
    func join(room: String, last: UInt64, history: UInt64) -> [UInt8] {
        var text = #"{"type":"join","room":"\#(room)","#
        if let secret {
            text += #""resume":{"session":"\#(secret)","epoch":"\#(self.epoch)","msg_id":\#(last)}"#
        } else {
            text += #""resume":true"#
            if history > 0 { text += #","history":\#(history)"# }
        }
        return Array((text + "}").utf8)
    }

    /// Takes `joined`.
    mutating func enter(_ joined: RelayMessage) -> Entry {
        guard let clientID = joined.clientID, let epoch = joined.epoch, let session = joined.session else {
            return .wrong("joined has no client_id, epoch or session")
        }
        guard self.secret != nil else {
            self.begin(session, epoch, clientID)
            return .new
        }
        guard let outcome = ResumeOutcome(recovered: joined.recovered, reason: joined.reason) else {
            return .wrong("joined says neither that the session was recovered nor why not")
        }
        if outcome == .over {
            self.begin(session, epoch, clientID)
            return .returned(.over, handled: 0)
        }
        guard let handled = joined.handled.flatMap({ Int(exactly: $0) }), handled <= self.sent.count else {
            return .wrong("handled is \(joined.handled.map(String.init) ?? "missing") of \(self.sent.count) sent")
        }
        guard clientID == self.clientID else {
            return .wrong("client \(self.clientID) came back as client \(clientID)")
        }
        self.secret = session
        self.epoch = epoch
        return .returned(outcome, handled: handled)
    }

    /// The session was ended on purpose: the next join is a new client's.
    mutating func end() {
        self.secret = nil
    }

    private mutating func begin(_ secret: String, _ epoch: String, _ clientID: UInt64) {
        self.life += 1
        self.secret = secret
        self.epoch = epoch
        self.clientID = clientID
        (self.sent, self.said, self.told, self.moved, self.latest) = ([], 0, 0, 0, [:])
    }
}

// MARK: Messages

extension PlayerSession {
    /// The keys of class `latest` that a life sends, and the one that all of a room share.
    static let sharedKey = "ball"

    var ownKeys: [String] { ["cursor of \(self.author)", "\(self.author)/a", "\(self.author)/b"] }

    /// A message that the rules do not touch.
    mutating func note(padding: Int) -> [UInt8] {
        self.said += 1
        let text = String(repeating: "x", count: padding)
        return self.send(#"{"type":"note","author":"\#(self.author)","said":\#(self.said),"text":"\#(text)"}"#)
    }

    /// A message that the rules count.
    mutating func tell(padding: Int) -> [UInt8] {
        self.said += 1
        self.told += 1
        let text = String(repeating: "x", count: padding)
        return self.send(
            #"{"type":"tell","author":"\#(self.author)","said":\#(self.said),"told":\#(self.told),"text":"\#(text)"}"#
        )
    }

    /// A message of class `latest`.
    /// - Parameter key: Of ``ownKeys``, or ``sharedKey``.
    mutating func move(_ key: String) -> [UInt8] {
        self.moved += 1
        self.latest[key] = self.moved
        let author = self.author
        return self.send(
            key.hasPrefix("cursor")
                ? #"{"type":"cursor","author":"\#(author)","moved":\#(self.moved)}"#
                : #"{"type":"place","author":"\#(author)","moved":\#(self.moved),"key":"\#(key)"}"#
        )
    }

    /// What a browser asks to see whether the link is alive; it counts too.
    mutating func ping() -> [UInt8] { self.send(#"{"type":"gavel.ping"}"#) }

    /// A message that is refused, but counts.
    mutating func blunder(_ kind: Int) -> [UInt8] {
        switch kind % 3 {
        case 0: self.send(#"{"type":"note","author":7}"#)
        case 1: self.send(#"{"type":"unheard"}"#)
        default: self.send(#"{"type":"refuse"}"#)
        }
    }

    private mutating func send(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        self.sent.append(bytes)
        return bytes
    }
}
