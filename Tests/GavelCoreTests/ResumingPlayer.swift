import GavelCore
import GavelTesting

/// A client as the protocol asks it to be: it returns to its session, and sends again what was not handled.
final class ResumingPlayer {
    let room: String
    let name: Int
    private(set) var violations: [String] = []
    /// What it received at each number, by epochs.
    private(set) var received: [OrderChecker.Place: [UInt8]] = [:]
    /// Unique marks of messages whose session went on to the end: each must have been taken exactly once.
    private(set) var certain: Set<String> = []
    /// Of sessions that were lost: each may have been taken once.
    private(set) var uncertain: Set<String> = []
    private(set) var resumes = 0
    private(set) var recoveries = 0
    /// Connections that the relay closed because it could not keep the room.
    private(set) var closedUnavailable = 0
    /// Why resumes did not recover.
    private(set) var reasons: [String: Int] = [:]

    /// What a command answered last.
    var lastReply: ReceivedMessage?
    private(set) var link: SimulatedClient?
    /// Given up without its end being told, and still sending.
    private var ghosts: [SimulatedClient] = []
    /// Of these the one that was the connection until then, if it was joined: what is sent on another is not what the
    /// relay expects there.
    private var formerLink: SimulatedClient?
    private var isJoined = false
    /// Whether its join was refused: it tries another connection.
    private var isRefused = false
    private var session: String?
    private var epoch = ""
    private(set) var lastID: Int64 = 0
    /// All texts sent in this session; `true`: its mark is to be found in the room's order.
    private var sent: [(text: String, mark: String?)] = []
    private var lastMark = 0
    private var random: SeededGenerator

    init(room: String, name: Int, seed: UInt64) {
        self.room = room
        self.name = name
        self.random = SeededGenerator(seed: seed &* 13 &+ UInt64(name))
    }

    var isOpen: Bool { !self.isRefused && (self.link?.isOpen ?? false) }

    func connect(to relay: SimulatedRelay, on loop: Int, window: Int?) {
        let link = relay.connect(on: loop, window: window)
        self.link = link
        self.isJoined = false
        self.isRefused = false
        if let session = self.session {
            self.resumes += 1
            let position = #"{"session":"\#(session)","epoch":"\#(self.epoch)","msg_id":\#(self.lastID)}"#
            link.send(#"{"type":"join","room":"\#(self.room)","resume":\#(position)}"#)
        } else {
            self.forgetSession()
            link.send(#"{"type":"join","room":"\#(self.room)","resume":true}"#)
        }
    }

    private func forgetSession() {
        self.uncertain.formUnion(self.sent.compactMap(\.mark))
        self.sent.removeAll()
        self.session = nil
    }

    func say() {
        guard self.isJoined || self.formerLink != nil else { return }
        self.lastMark += 1
        let mark = "\(self.name).\(self.lastMark)"
        self.send(#"{"type":"say","mark":"\#(mark)"}"#, mark: mark)
    }

    func send(_ text: String, mark: String? = nil) {
        // Until it hears that its new connection is in, it may go on with the old one.
        let isGhost = !self.isJoined && self.session != nil && Bool.random(using: &self.random)
        guard let link = self.isJoined ? self.link : isGhost ? self.formerLink : nil else { return }
        self.sent.append((text, mark))
        link.send(text)
    }

    /// The connection breaks.
    func lose() {
        self.read()
        if self.link?.closeCodes.contains(4006) ?? false { self.closedUnavailable += 1 }
        self.link?.disconnect(.lost)
        self.link = nil
        self.isJoined = false
    }

    /// The relay is gone, and all that was on its way.
    func loseRelay() {
        self.lose()
        for ghost in self.ghosts { ghost.disconnect(.lost) }
        self.ghosts.removeAll()
        self.formerLink = nil
    }

    /// Closes for good, as a page does that is reloaded.
    func close() {
        self.read()
        self.link?.disconnect(.left)
        self.link = nil
        self.isJoined = false
        self.forgetSession()
    }

    /// The link is dead, and the relay does not know.
    func abandon() {
        self.read()
        if let link = self.link { self.ghosts.append(link) }
        self.formerLink = self.isJoined ? self.link : nil
        self.link = nil
        self.isJoined = false
    }

    func loseGhosts() {
        for ghost in self.ghosts { ghost.disconnect(.lost) }
        self.ghosts.removeAll()
        self.formerLink = nil
    }

    func pump() {
        self.link?.pump()
        for ghost in self.ghosts { ghost.pump() }
    }

    func open(_ bytes: Int?) {
        self.link?.outlet.open(bytes)
    }

    func read() {
        guard let link = self.link else { return }
        for message in link.read() { self.receive(message) }
        if self.isRefused { link.disconnect(.lost) }
    }

    private func receive(_ message: ReceivedMessage) {
        if message.type == "joined" { return self.joined(message) }
        if message.type == "reply" { self.lastReply = message }
        if message["code"] == "unavailable", !self.isJoined { self.isRefused = true }
        guard let id = message[number: "msg_id"] else { return }
        if !self.isJoined { self.violations.append("before joined: \(message)") }
        if id != self.lastID + 1 { self.violations.append("\(self.name): expected \(self.lastID + 1): \(message)") }
        self.lastID = id
        let place = OrderChecker.Place(room: self.room, epoch: self.epoch, id: id)
        if let other = self.received.updateValue(message.text, forKey: place), other != message.text {
            self.violations.append("two contents at \(place)")
        }
    }

    private func joined(_ message: ReceivedMessage) {
        if self.isJoined { self.violations.append("joined twice") }
        self.isJoined = true
        self.formerLink = nil
        let reason = message["reason"]
        if self.session != nil, reason == nil {
            self.recoveries += 1
            if message["epoch"] != self.epoch { self.violations.append("recovered over epochs: \(message)") }
        } else {
            self.lastID = message[number: "msg_id"]!
        }
        if let reason { self.reasons[reason, default: 0] += 1 }
        if reason == "session" { self.forgetSession() }
        self.epoch = message["epoch"]!
        self.session = message["session"]
        let handled = Int(message[number: "handled"]!)
        if handled > self.sent.count { self.violations.append("handled \(handled) of \(self.sent.count): \(message)") }
        for (text, _) in self.sent.dropFirst(handled) { self.link!.send(text) }
    }

    /// To be called when all is still and it is there.
    func finish() {
        self.read()
        self.certain.formUnion(self.sent.compactMap(\.mark))
    }
}

extension [ResumingPlayer] {
    /// What was received at each number, by any of them, and what is wrong with it: at one number all have the same, all
    /// are there, and all of a room are at its end.
    func agree() -> (places: [OrderChecker.Place: [UInt8]], violations: [String]) {
        var places: [OrderChecker.Place: [UInt8]] = [:]
        var violations: [String] = []
        var ends: [String: Set<Int64>] = [:]
        for player in self {
            violations += player.violations
            if !player.isOpen { violations.append("\(player.name) is not there") }
            for (place, text) in player.received {
                if let other = places[place], other != text { violations.append("two contents at \(place)") }
                places[place] = text
            }
            ends[player.room, default: []].insert(player.lastID)
        }
        for (room, ids) in ends where ids.count > 1 { violations.append("members of \(room) end at \(ids)") }
        return (places, violations)
    }

    /// What is wrong with how often messages were taken.
    /// - Parameter isEachKnown: Whether `places` hold all that were.
    func judgeMarks(_ places: [OrderChecker.Place: [UInt8]], isEachKnown: Bool = true) -> [String] {
        var taken: [String: Int] = [:]
        for text in places.values {
            if let mark = ReceivedMessage(text: text)?["mark"] { taken[mark, default: 0] += 1 }
        }
        var violations = taken.filter { $0.value > 1 }.map { "\($0.key) was taken \($0.value) times" }
        if isEachKnown {
            for mark in self.flatMap(\.certain) where taken[mark] == nil { violations.append("\(mark) was not taken") }
        }
        return violations
    }
}
