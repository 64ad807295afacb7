import Testing

@testable import GavelBench

@Suite("A schedule of messages")
struct SendingScheduleTests {
    @Test("has the senders take turns, at the rate that was asked for, whenever it is looked at")
    func turns() {
        var random = SplitMix64(seed: 7)
        var schedule = SendingSchedule(rate: 1_000, senders: 3, start: 5_000_000)
        var sent: [UInt64] = [0, 0, 0]
        var turns: [Int] = []
        var now: UInt64 = 0
        while now < 1_004_999_999 {
            while let sender = schedule.next(at: now) {
                let time = schedule.time(of: sent[sender], by: sender)
                // Due at its time, and not before.
                #expect(time <= now && time == 5_000_000 + UInt64(turns.count) * 1_000_000)
                sent[sender] += 1
                turns.append(sender)
            }
            now = min(now + UInt64.random(in: 1...30_000_000, using: &random), 1_004_999_999)
        }
        while let sender = schedule.next(at: now) { turns.append(sender) }
        #expect(turns == (0..<1_000).map { $0 % 3 })
    }
}
