import GavelTesting
import NIOCore
import Testing

@testable import GavelCore

@Suite("A batch")
struct BatchTests {
    private func stamped(_ text: String, client: ClientID, id: MessageID) -> String {
        let batch = Batch()
        let bytes = Array(text.utf8)
        let brace = bytes.lastIndex(of: UInt8(ascii: "}"))!
        bytes.withUnsafeBytes {
            batch.frames.append(
                $0,
                brace: brace,
                isEmpty: text.filter { !$0.isWhitespace } == "{}",
                client: client,
                id: id
            )
        }
        var reader = ServerFrameReader()
        return String(decoding: reader.read(batch.frames.bytes.readableBytesView)[0].payload, as: UTF8.self)
    }

    @Test("stamps before the closing brace and keeps every other byte")
    func stamp() {
        #expect(self.stamped(#"{"type":"x"}"#, client: 3, id: 121) == #"{"type":"x","client_id":3,"msg_id":121}"#)
        #expect(self.stamped(#"  {"a" : 1 }  "#, client: 10, id: 9) == #"  {"a" : 1 ,"client_id":10,"msg_id":9}  "#)
        #expect(self.stamped("{}", client: 0, id: 1) == #"{"client_id":0,"msg_id":1}"#)
        #expect(self.stamped(#"{"a":{}}"#, client: 7, id: 0) == #"{"a":{},"client_id":7}"#)
        #expect(
            self.stamped(#"{"a":1}"#, client: .max, id: .max)
                == #"{"a":1,"client_id":18446744073709551615,"msg_id":18446744073709551615}"#
        )
    }

    @Test("writes decimal numbers as Swift does, at every power of ten")
    func decimals() {
        var value: UInt64 = 1
        for _ in 0..<20 {
            for number in [value - 1, value, value + 1] {
                #expect(Decimal.length(number) == "\(number)".utf8.count)
                var buffer = ByteBuffer()
                buffer.writeDecimal(number)
                #expect(String(buffer: buffer) == "\(number)")
            }
            value = value.multipliedReportingOverflow(by: 10).partialValue
        }
    }

    @Test("indexes each frame, of every header length, and finds the one that holds a byte")
    func index() {
        let batch = Batch()
        var model: [(offset: Int, length: Int, id: MessageID)] = []
        for (number, size) in [0, 1, 90, 91, 125, 126, 127, 65_500, 65_535, 65_536, 70_000].enumerated() {
            let text = Array(#"{"p":""#.utf8) + Array(repeating: UInt8(ascii: "a"), count: size) + Array(#""}"#.utf8)
            let offset = batch.count
            text.withUnsafeBytes {
                batch.frames.append($0, brace: text.count - 1, isEmpty: false, client: 1, id: MessageID(number + 1))
            }
            model.append((offset, batch.count - offset, MessageID(number + 1)))
        }
        #expect(batch.frames.entries.map(\.id) == model.map(\.id))
        #expect(batch.frames.entries.map { Int($0.offset) } == model.map(\.offset))
        #expect(batch.frames.entries.map { Int($0.length) } == model.map(\.length))
        for (number, entry) in model.enumerated() {
            #expect(batch.frames.entryIndex(at: entry.offset) == number)
            #expect(batch.frames.entryIndex(at: entry.offset + entry.length - 1) == number)
            #expect(batch.frames.frameEnd(after: entry.offset) == entry.offset)
            #expect(batch.frames.frameEnd(after: entry.offset + 1) == entry.offset + entry.length)
        }
        #expect(batch.frames.entryIndex(at: batch.count) == model.count)
        var reader = ServerFrameReader()
        #expect(reader.read(batch.frames.bytes.readableBytesView).count == model.count)
        #expect(!reader.isInsideFrame)
    }

    @Test("copies a run of another batch with its index")
    func copy() {
        let batch = Batch()
        for id in 1...9 as ClosedRange<MessageID> {
            Array(#"{"type":"m"}"#.utf8).withUnsafeBytes {
                batch.frames.append($0, brace: $0.count - 1, isEmpty: false, client: 1, id: id)
            }
        }
        let copy = Batch()
        copy.frames.append(.pong, .init(start: nil, count: 0))
        let from = Int(batch.frames.entries[2].offset)
        let end = Int(batch.frames.entries[6].offset)
        batch.frames.withView { frames in
            var entry = Frames.entryIndex(at: from, in: frames.entries)
            copy.frames.append(frames, from: from, to: end, entry: &entry)
        }
        #expect(copy.frames.entries.map(\.id) == [0, 3, 4, 5, 6])
        #expect(copy.frames.entries.map { Int($0.offset) }.dropFirst().first == 2)
        #expect(copy.count == 2 + end - from)
    }
}
