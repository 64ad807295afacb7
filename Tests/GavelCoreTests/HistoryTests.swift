import GavelTesting
import NIOCore
import Testing

@testable import GavelCore

@Suite("A room's history")
struct HistoryTests {
    /// All messages ever, and which of them the limits leave.
    private struct Model {
        let limits: HistoryLimits
        private(set) var frames: [(bytes: [UInt8], at: NIODeadline)] = []

        init(limits: HistoryLimits) {
            self.limits = limits
        }

        mutating func append(_ frame: [UInt8], at now: NIODeadline) {
            self.frames.append((frame, now))
        }

        /// How many the limits leave where they may be so old.
        func count(at now: NIODeadline, age: Duration) -> Int {
            var bytes = 0
            let kept = self.frames.reversed().prefix(self.limits.messages).prefix { frame in
                bytes += frame.bytes.count
                return bytes <= self.limits.bytes && now - frame.at <= TimeAmount(age)
            }
            return kept.count
        }
    }

    /// A tick's batch: messages of these sizes, with some of class latest between them.
    private func batch(_ sizes: [Int], after lastID: MessageID, _ random: inout SeededGenerator) -> Batch {
        let batch = Batch()
        for (index, size) in sizes.enumerated() {
            let object = #"{"x":""# + String(repeating: "a", count: size) + #""}"#
            Array(object.utf8).withUnsafeBytes { bytes in
                let brace = bytes.count - 1
                if Int.random(in: 0..<20, using: &random) == 0 {
                    batch.frames.append(bytes, brace: brace, isEmpty: false, client: 1, topic: 1)
                }
                let id = lastID + MessageID(index) + 1
                batch.frames.append(bytes, brace: brace, isEmpty: false, client: 1, id: id)
            }
        }
        return batch
    }

    private func numbered(_ batch: Batch) -> [[UInt8]] {
        batch.frames.withView { view in
            view.entries.filter { $0.id != 0 }.map { Array(view.bytes(of: $0)) }
        }
    }

    @Test("gives back what a list of all messages would, whatever ticks, times and limits", arguments: 0..<80)
    func model(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let limits = HistoryLimits(
            messages: Int.random(in: 1...200, using: &random),
            bytes: Int.random(in: 100...40_000, using: &random),
            age: .seconds(Int.random(in: 1...100, using: &random))
        )
        let pool = BatchPool()
        var history = History(limits: limits)
        var model = Model(limits: limits)
        var now = NIODeadline.uptimeNanoseconds(1)
        var lastID: MessageID = 0
        for _ in 0..<200 {
            now = now + .milliseconds(Int64.random(in: 0...2_000, using: &random))
            let isLarge = Int.random(in: 0..<4, using: &random) == 0
            let sizes = (0..<Int.random(in: 0...(isLarge ? 60 : 4), using: &random)).map { _ in
                Int.random(in: 0...(isLarge ? 400 : 60), using: &random)
            }
            let batch = self.batch(sizes, after: lastID, &random)
            lastID += MessageID(sizes.count)
            for frame in self.numbered(batch) { model.append(frame, at: now) }
            history.append(batch, lastID: lastID, at: now)
            history.trim(at: now, pool: pool)
            pool.give(batch)
            // What stands together is forgotten together: up to an eighth of the age later.
            #expect(history.messageCount >= model.count(at: now, age: limits.age))
            #expect(history.messageCount <= model.count(at: now, age: limits.age * 9 / 8))
            guard let held = history.firstID, Bool.random(using: &random) else { continue }
            let first = MessageID.random(in: held...lastID, using: &random)
            let last = MessageID.random(in: first...lastID, using: &random)
            let given = history.ranges(from: first, through: last).flatMap { range in
                Array(range.batch.frames.bytes.readableBytesView[range.start..<range.end])
            }
            #expect(given == model.frames[Int(first) - 1..<Int(last)].flatMap(\.bytes))
            let all = model.frames[Int(held) - 1..<Int(lastID)]
            #expect(history.byteCount == all.reduce(0) { $0 + $1.bytes.count })
        }
    }

    @Test("what it gave out stays as it is, whatever it is given afterwards")
    func shared() {
        var random = SeededGenerator(seed: 1)
        let pool = BatchPool()
        var history = History(limits: HistoryLimits(messages: 3, bytes: 10_000, age: .seconds(10)))
        var lastID: MessageID = 0
        func append() {
            let batch = self.batch([10], after: lastID, &random)
            lastID += 1
            history.append(batch, lastID: lastID, at: .uptimeNanoseconds(1))
            history.trim(at: .uptimeNanoseconds(1), pool: pool)
            pool.give(batch)
        }
        for _ in 0..<3 { append() }
        let range = history.ranges(from: 1, through: 3)[0]
        let before = Array(range.batch.frames.bytes.readableBytesView)
        for _ in 0..<50 { append() }
        #expect(Array(range.batch.frames.bytes.readableBytesView) == before)
        #expect(history.firstID == 51)
    }
}
