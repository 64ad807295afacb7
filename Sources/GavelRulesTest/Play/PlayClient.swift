internal import GavelCore
internal import GavelSimulation

/// A client of a test: what it received, how far it has read that, and the session it may take up again.
final class PlayClient {
    struct Message {
        let received: ReceivedMessage
        var value: JSONValue { JSONValue(self.received.text) ?? .null }
    }

    let number: Int
    let name: String
    private var simulated: SimulatedClient
    /// What it has received and not read.
    private(set) var unread: [Message] = []
    /// The last `joined`.
    private(set) var joined: Message?
    private(set) var id: Int64 = 0
    /// The room it is in.
    private(set) var room: String?
    private var session: (room: String, secret: String, epoch: String, last: Int64)?
    private(set) var isAway = false
    private(set) var asks = 0

    init(number: Int, name: String, simulated: SimulatedClient) {
        self.number = number
        self.name = name
        self.simulated = simulated
    }

    /// As a test names it.
    var label: String { self.name.isEmpty ? "client \(self.number)" : self.name }
    var isConnected: Bool { self.simulated.isOpen }
    var closeCode: UInt16? { self.simulated.closeCodes.last }

    func send(_ text: String) { self.simulated.send(text) }

    func nextRef() -> Int {
        self.asks += 1
        return self.asks
    }

    func drop() {
        self.simulated.disconnect(.lost)
        self.isAway = self.session != nil
        if !self.isAway { self.room = nil }
    }

    /// The join that takes up the session; `nil`: it has none.
    func resume(with simulated: @autoclosure () -> SimulatedClient) -> String? {
        guard let session = self.session else { return nil }
        self.simulated = simulated()
        self.isAway = false
        return """
            {"type":"join","room":\(session.room.quoted),"name":\(self.name.quoted),"resume":{"session":\
            \(session.secret.quoted),"epoch":\(session.epoch.quoted),"msg_id":\(session.last)}}
            """
    }

    /// Takes in what has arrived.
    func receive() {
        for message in self.simulated.read() {
            let message = Message(received: message)
            self.note(message)
            self.unread.append(message)
        }
    }

    private func note(_ message: Message) {
        let received = message.received
        switch received.type {
        case "joined":
            self.joined = message
            self.id = received[number: "client_id"] ?? 0
            self.room = received["room"]
            self.session = nil
            if let secret = received["session"], let epoch = received["epoch"], let room = self.room {
                self.session = (room, secret, epoch, received[number: "msg_id"] ?? 0)
            }
        case "left":
            self.room = nil
            self.session = nil
        default:
            if let number = received[number: "msg_id"] { self.session?.last = number }
        }
    }

    /// Reads everything.
    func readAll() -> [Message] {
        defer { self.unread.removeAll() }
        return self.unread
    }

    /// Reads up to and with the message at an index.
    func read(upTo index: Int) -> Message {
        let message = self.unread[index]
        self.unread.removeFirst(index + 1)
        return message
    }

    /// What it has not read, but for those who came and went.
    var news: [Message] {
        self.unread.filter { !["client_joined", "client_left"].contains($0.received.type) }
    }
}
