import Testing

@testable import GavelTransport

@Suite struct ClosingTests {
    private var closing = Closing()

    @Test("a close by the relay waits for output and answer, in either order", arguments: [true, false])
    mutating func local(drainsFirst: Bool) {
        var closing = self.closing
        #expect(closing.isOpen)
        #expect(closing.closeLocally() == .sendClose)
        #expect(!closing.isOpen)
        if drainsFirst {
            #expect(closing.drained() == .none)
            #expect(closing.receivedClose() == .closeSocket)
        } else {
            #expect(closing.receivedClose() == .none)
            #expect(closing.drained() == .closeSocket)
        }
        #expect(closing.timedOut() == .none)
    }

    @Test("a close by the peer is answered, and the socket closed when the answer has left")
    mutating func byPeer() {
        #expect(self.closing.receivedClose() == .sendClose)
        #expect(self.closing.receivedClose() == .none)
        #expect(self.closing.closeLocally() == .none)
        #expect(self.closing.drained() == .closeSocket)
    }

    @Test("a malformed stream is ended by half, until the peer's own end")
    mutating func failure() {
        #expect(self.closing.failed() == .sendClose)
        #expect(self.closing.receivedClose() == .none)
        #expect(self.closing.drained() == .endOutput)
        #expect(self.closing.drained() == .none)
        #expect(self.closing.timedOut() == .closeSocket)
    }

    @Test("a peer that breaks the protocol instead of answering gets the end of the stream")
    mutating func failureWhileClosing() {
        #expect(self.closing.closeLocally() == .sendClose)
        #expect(self.closing.drained() == .none)
        #expect(self.closing.failed() == .endOutput)
    }

    @Test("the socket is closed once, however the time runs out")
    mutating func timeout() {
        #expect(self.closing.closeLocally() == .sendClose)
        #expect(self.closing.timedOut() == .closeSocket)
        #expect(self.closing.timedOut() == .none)
        #expect(self.closing.drained() == .none)
        #expect(self.closing.receivedClose() == .none)
    }
}
