import NIOCore
import Testing

@testable import GavelTransport

@Suite struct KeepaliveTests {
    private var keepalive = Keepalive(interval: .seconds(15), timeout: .seconds(10), now: .uptimeNanoseconds(0))

    private static func at(_ seconds: UInt64) -> NIODeadline { .uptimeNanoseconds(seconds * 1_000_000_000) }

    @Test("silence is answered by a ping, more silence by giving up, once")
    mutating func silence() {
        #expect(self.keepalive.sweep(at: Self.at(14)) == .none)
        #expect(self.keepalive.sweep(at: Self.at(15)) == .ping)
        #expect(self.keepalive.sweep(at: Self.at(24)) == .none)
        #expect(self.keepalive.sweep(at: Self.at(25)) == .giveUp)
        #expect(self.keepalive.sweep(at: Self.at(60)) == .none)
    }

    @Test("whatever arrives puts the ping off")
    mutating func chatter() {
        for second in 1...100 {
            self.keepalive.heard()
            #expect(self.keepalive.sweep(at: Self.at(UInt64(second))) == .none)
        }
        #expect(self.keepalive.sweep(at: Self.at(114)) == .none)
        #expect(self.keepalive.sweep(at: Self.at(115)) == .ping)
    }

    @Test("an answer within the time-out starts over")
    mutating func answer() {
        #expect(self.keepalive.sweep(at: Self.at(15)) == .ping)
        self.keepalive.heard()
        #expect(self.keepalive.sweep(at: Self.at(25)) == .none)
        #expect(self.keepalive.sweep(at: Self.at(40)) == .ping)
    }

    @Test("other times hold at once, and count the silence so far")
    mutating func otherTimes() {
        self.keepalive.adopt(interval: .seconds(5), timeout: .seconds(2))
        #expect(self.keepalive.sweep(at: Self.at(5)) == .ping)
        self.keepalive.adopt(interval: .seconds(5), timeout: .seconds(20))
        #expect(self.keepalive.sweep(at: Self.at(24)) == .none)
        #expect(self.keepalive.sweep(at: Self.at(25)) == .giveUp)
    }
}
