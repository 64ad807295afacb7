/// The end of a connection (RFC 6455 section 7): who has sent a close frame, what has left, what is waited for.
///
/// A value; the handler acts on its answers and gives it a second from the first of them to ``timedOut()``.
struct Closing {
    private enum State: Equatable {
        case open
        /// Our close frame is on its way; the peer's has or has not come.
        case closing(isAnswered: Bool, isDrained: Bool)
        /// Our close frame is on its way, and what the peer still sends cannot be read: only its end of stream counts.
        case failing(isDrained: Bool)
        case closed
    }

    /// What to do after an event, in this order of the connection's life.
    enum Action: Equatable {
        case none
        /// Send our close frame, start the time-out.
        case sendClose
        /// Tell the peer that nothing follows, and wait for its end of stream.
        case endOutput
        /// Close the socket.
        case closeSocket
    }

    private var state = State.open

    /// Whether messages may be passed on and sent.
    var isOpen: Bool { self.state == .open }

    /// The relay ends the connection.
    mutating func closeLocally() -> Action {
        guard self.state == .open else { return .none }
        self.state = .closing(isAnswered: false, isDrained: false)
        return .sendClose
    }

    /// The peer's close frame arrived.
    mutating func receivedClose() -> Action {
        switch self.state {
        case .open:
            self.state = .closing(isAnswered: true, isDrained: false)
            return .sendClose
        case .closing(_, let isDrained):
            self.state = isDrained ? .closed : .closing(isAnswered: true, isDrained: false)
            return isDrained ? .closeSocket : .none
        case .failing, .closed:
            return .none
        }
    }

    /// The peer broke the protocol; from here on its bytes mean nothing.
    mutating func failed() -> Action {
        switch self.state {
        case .open:
            self.state = .failing(isDrained: false)
            return .sendClose
        case .closing(_, let isDrained):
            self.state = .failing(isDrained: isDrained)
            return isDrained ? .endOutput : .none
        case .failing, .closed:
            return .none
        }
    }

    /// Our close frame, and all before it, has been given to the socket.
    mutating func drained() -> Action {
        switch self.state {
        case .closing(isAnswered: true, _):
            self.state = .closed
            return .closeSocket
        case .closing(isAnswered: false, _):
            self.state = .closing(isAnswered: false, isDrained: true)
            return .none
        case .failing(isDrained: false):
            self.state = .failing(isDrained: true)
            return .endOutput
        case .open, .failing(isDrained: true), .closed:
            return .none
        }
    }

    /// The peer had its time.
    mutating func timedOut() -> Action {
        guard self.state != .closed else { return .none }
        self.state = .closed
        return .closeSocket
    }
}
