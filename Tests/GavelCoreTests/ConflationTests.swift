import GavelTesting
import NIOCore
import Testing

@testable import GavelCore

@Suite("While messages of class latest wait, an outbound queue")
struct ConflationTests {
    /// A frame as the model sees it.
    private struct Item: Equatable {
        var bytes: [UInt8]
        var topic: Topic
        var stay: Int
    }

    /// What the queue promises, without its cleverness: one item a frame.
    private struct Model {
        var waiting: [Item] = []
        /// Bytes of the first item that have left.
        var begun = 0
        var count: Int { self.waiting.reduce(-self.begun) { $0 + $1.bytes.count } }

        mutating func append(_ item: Item) {
            if item.topic != 0,
                let older = self.waiting.lastIndex(where: { $0.topic == item.topic && $0.stay == item.stay }),
                older > 0 || self.begun == 0
            {
                self.waiting.remove(at: older)
            }
            self.waiting.append(item)
        }

        mutating func take(_ count: Int) -> [UInt8] {
            var taken: [UInt8] = []
            while taken.count < count, let first = self.waiting.first {
                let part = first.bytes[self.begun...].prefix(count - taken.count)
                taken += part
                self.begun += part.count
                if self.begun == first.bytes.count {
                    self.waiting.removeFirst()
                    self.begun = 0
                }
            }
            return taken
        }
    }

    private func batch(_ items: [Item]) -> Batch {
        let batch = Batch()
        for item in items {
            item.bytes.withUnsafeBytes { batch.frames.append(whole: $0, topic: item.topic) }
        }
        return batch
    }

    @Test(
        "sends every frame once, whole and in order, but those of class latest that a newer one overtook as they waited",
        arguments: 0..<40
    )
    func conflation(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var queue = OutboundQueue()
        var model = Model()
        var stay = 0
        for _ in 0..<400 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6:
                let items = (0..<Int.random(in: 1...8, using: &random)).map { _ in
                    Item(
                        bytes: (0..<Int.random(in: 2...3_000, using: &random)).map { _ in
                            UInt8.random(in: 0...255, using: &random)
                        },
                        topic: Topic.random(in: 0...5, using: &random),
                        stay: stay
                    )
                }
                let batch = self.batch(items)
                // Some bytes of the first frame may have gone out already.
                let isBegun = queue.isEmpty && Bool.random(using: &random)
                let gone = isBegun ? Int.random(in: 1..<items[0].bytes.count, using: &random) : 0
                queue.append(batch, from: gone, to: batch.count)
                model.begun += gone
                for item in items { model.append(item) }
            case 6:
                queue.forgetTopics()
                stay += 1
            default:
                let limit = Int.random(in: 1...20_000, using: &random)
                let chunk = queue.takeChunk(limit: limit).map { Array($0.readableBytesView) } ?? []
                #expect(chunk == model.take(chunk.count))
                #expect(!chunk.isEmpty || model.waiting.isEmpty)
                #expect(chunk.count <= limit)
            }
            #expect(queue.count == model.count)
        }
        while let chunk = queue.takeChunk(limit: 65_536) {
            try #require(chunk.readableBytes > 0)
            try #require(Array(chunk.readableBytesView) == model.take(chunk.readableBytes))
        }
        #expect(model.waiting.isEmpty)
    }

    @Test("keeps in memory little more than what waits, however much was overtaken")
    func memory() {
        var queue = OutboundQueue()
        weak var first: Batch?
        for number in 0..<2_000 {
            let batch = self.batch([Item(bytes: Array(repeating: UInt8(number % 256), count: 1_000), topic: 1, stay: 0)]
            )
            if number == 0 { first = batch }
            queue.append(batch, from: 0, to: batch.count)
        }
        #expect(queue.count == 1_000)
        #expect(first == nil)
        #expect(queue.heldBytes < 200_000)
    }

    @Test("drops what has not begun to leave, and keeps the rest of what has")
    func cut() {
        var queue = OutboundQueue()
        let items = (1...3).map { Item(bytes: Array(repeating: UInt8($0), count: 100), topic: 7, stay: 0) }
        for item in items {
            let batch = self.batch([item])
            queue.append(batch, from: 0, to: batch.count)
        }
        #expect(queue.takeChunk(limit: 40)?.readableBytes == 40)
        queue.dropWholeFrames()
        #expect(queue.count == 60)
        #expect(queue.takeChunk(limit: 100).map { Array($0.readableBytesView) } == Array(repeating: 3, count: 60))
    }
}
