import GavelTesting
import NIOCore
import Testing

@testable import GavelCore

@Suite("An outbound queue")
struct OutboundQueueTests {
    private func batch(of sizes: [Int]) -> Batch {
        let batch = Batch()
        for size in sizes {
            let payload = [UInt8](repeating: UInt8(truncatingIfNeeded: size), count: size)
            payload.withUnsafeBytes { batch.frames.append(.binary, $0) }
        }
        return batch
    }

    @Test("gives back what was put in, in order, whatever the chunks, and counts it", arguments: 0..<50)
    func order(round: Int) throws {
        var random = SeededGenerator(seed: UInt64(round))
        var queue = OutboundQueue()
        var model: [UInt8] = []
        var taken: [UInt8] = []
        for _ in 0..<100 {
            if Bool.random(using: &random) {
                let batch = self.batch(of: (0..<3).map { _ in Int.random(in: 0...200, using: &random) })
                let start = Int(batch.frames.entries.randomElement(using: &random)!.offset)
                queue.append(batch, from: start, to: batch.count)
                model += batch.frames.bytes.readableBytesView[start...]
            } else if let chunk = queue.takeChunk(limit: Int.random(in: 1...300, using: &random)) {
                taken += chunk.readableBytesView
            }
            #expect(queue.count == model.count - taken.count)
            #expect(queue.isEmpty == (model.count == taken.count))
        }
        while let chunk = queue.takeChunk(limit: 64) {
            try #require((1...64).contains(chunk.readableBytes))
            try #require(taken.count < model.count, "more than was put in")
            taken += chunk.readableBytesView
        }
        #expect(taken == model)
    }

    @Test("keeps, when cut, only the rest of a frame that has begun to leave", arguments: 0..<40)
    func cut(taken: Int) throws {
        var queue = OutboundQueue()
        let first = self.batch(of: [10, 10, 10])
        queue.append(first, from: 0, to: first.count)
        queue.append(self.batch(of: [20]), from: 0, to: 22)
        var bytes = taken > 0 ? Array(queue.takeChunk(limit: taken)!.readableBytesView) : []
        let before = bytes.count
        queue.dropWholeFrames()
        var reader = ServerFrameReader()
        while let chunk = queue.takeChunk(limit: 7) {
            try #require((1...7).contains(chunk.readableBytes))
            try #require(bytes.count < first.count + 22, "more than was put in")
            bytes += chunk.readableBytesView
        }
        #expect(reader.read(bytes).count == (before + 11) / 12)
        #expect(!reader.isInsideFrame)
    }
}
