import Testing

@testable import GavelBench

@Suite("The order that one client checks")
struct OrderCheckTests {
    @Test("contiguous numbers after the joined reply are in order")
    func contiguous() {
        var order = OrderCheck(joinedAt: 120)
        for number in UInt64(121)...140 {
            #expect(order.receive(number: number) == nil)
        }
        #expect(order.lastNumber == 140)
    }

    @Test("without a number in the joined reply the room must be new")
    func withoutNumber() {
        var fresh = OrderCheck(joinedAt: nil)
        #expect(fresh.receive(number: 1) == nil)
        var used = OrderCheck(joinedAt: nil)
        #expect(used.receive(number: 5) == .gap(expected: 1, got: 5))
    }

    @Test("a gap is found once, and the order goes on after it")
    func gap() {
        var order = OrderCheck(joinedAt: 0)
        #expect(order.receive(number: 1) == nil)
        #expect(order.receive(number: 4) == .gap(expected: 2, got: 4))
        #expect(order.receive(number: 5) == nil)
    }

    @Test("a number that comes again, or late, is found, and the order goes on from the last")
    func repeated() {
        var order = OrderCheck(joinedAt: 0)
        #expect(order.receive(number: 1) == nil)
        #expect(order.receive(number: 2) == nil)
        #expect(order.receive(number: 2) == .repeated(got: 2, last: 2))
        #expect(order.receive(number: 1) == .repeated(got: 1, last: 2))
        #expect(order.receive(number: 3) == nil)
    }

    @Test("the joined reply's own number must not come again")
    func joinedNumberAgain() {
        var order = OrderCheck(joinedAt: 7)
        #expect(order.receive(number: 7) == .repeated(got: 7, last: 7))
    }

    @Test("own messages that come back in sending order leave nothing missing")
    func ownOrder() {
        var order = OrderCheck(joinedAt: 0)
        for sequence in UInt64(1)...3 {
            #expect(order.send() == sequence)
        }
        for sequence in UInt64(1)...3 {
            let (returned, finding) = order.receiveOwn(sequence: sequence)
            #expect(returned == 1)
            #expect(finding == nil)
        }
        #expect(order.missing == 0)
    }

    @Test("an own message that is passed over is found, and those before it count as settled")
    func ownPassedOver() {
        var order = OrderCheck(joinedAt: 0)
        for _ in 1...4 { _ = order.send() }
        let (returned, finding) = order.receiveOwn(sequence: 3)
        #expect(returned == 3)
        #expect(finding == .ownOrder(expected: 1, got: 3))
        #expect(order.missing == 1)
    }

    @Test("an own message that comes twice, or was never sent, is found and settles nothing")
    func ownTwiceOrNever() {
        var order = OrderCheck(joinedAt: 0)
        for _ in 1...2 { _ = order.send() }
        #expect(order.receiveOwn(sequence: 1).finding == nil)
        let (again, repeatFinding) = order.receiveOwn(sequence: 1)
        #expect(again == 0)
        #expect(repeatFinding == .ownOrder(expected: 2, got: 1))
        let (never, neverFinding) = order.receiveOwn(sequence: 3)
        #expect(never == 0)
        #expect(neverFinding == .ownOrder(expected: 2, got: 3))
        #expect(order.receiveOwn(sequence: 2).finding == nil)
        #expect(order.receiveOwn(sequence: 3).finding == .ownOrder(expected: 3, got: 3))
    }

    @Test("who comes back goes on where it was, or where the room is and without what was taken meanwhile")
    func resume() {
        var order = OrderCheck(joinedAt: 0)
        for _ in 1...5 { _ = order.send() }
        #expect(order.receive(number: 1) == nil)
        #expect(order.receiveOwn(sequence: 1).returned == 1)
        #expect(order.resume(handled: 3, at: nil) == 0)
        #expect(order.lastNumber == 1 && order.missing == 4)
        #expect(order.resume(handled: 3, at: 40) == 2)
        #expect(order.lastNumber == 40 && order.missing == 2)
        #expect(order.receive(number: 41) == nil)
        #expect(order.receiveOwn(sequence: 4).finding == nil)
    }

    @Test("what never came back is missing at the end")
    func loss() {
        var order = OrderCheck(joinedAt: 0)
        for _ in 1...5 { _ = order.send() }
        _ = order.receiveOwn(sequence: 1)
        _ = order.receiveOwn(sequence: 2)
        #expect(order.missing == 3)
    }
}
