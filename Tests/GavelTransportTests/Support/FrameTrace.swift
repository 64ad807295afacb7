import GavelCore
import NIOCore

@testable import GavelTransport

/// What a stream of bytes means to ``FrameReader``: its events and payloads in their order.
struct FrameTrace: Equatable {
    struct Entry: Equatable {
        var event: FrameEvent
        var payload: [UInt8] = []
    }

    private(set) var entries: [Entry] = []
    private var reader: FrameReader

    init(limitBytes: Int = 1 << 20, acceptsBinary: Bool = true) {
        self.reader = FrameReader(limitBytes: limitBytes, acceptsBinary: acceptsBinary)
    }

    static func == (one: Self, other: Self) -> Bool { one.entries == other.entries }

    var events: [FrameEvent] { self.entries.map(\.event) }
    var isBetweenMessages: Bool { self.reader.isBetweenMessages }

    mutating func take(_ bytes: some Collection<UInt8>) {
        Array(bytes).withUnsafeBytes { bytes in
            var offset = 0
            while offset < bytes.count {
                let event = self.reader.next(in: bytes, from: &offset)
                switch event {
                case .incomplete: continue
                case .message, .ping:
                    self.entries.append(
                        Entry(event: event, payload: Array(self.reader.takePayload().readableBytesView))
                    )
                case .pong, .close, .failure:
                    self.entries.append(Entry(event: event))
                }
            }
        }
    }

    static func whole(_ bytes: [UInt8], limitBytes: Int = 1 << 20, acceptsBinary: Bool = true) -> Self {
        var trace = Self(limitBytes: limitBytes, acceptsBinary: acceptsBinary)
        trace.take(bytes)
        return trace
    }
}
