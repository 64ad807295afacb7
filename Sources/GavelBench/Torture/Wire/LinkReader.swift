import NIOCore

/// Reads what comes over one connection: the answer to the handshake, then frames.
struct LinkReader {
    enum Event {
        /// The handshake is done.
        case opened
        /// The relay takes no connections for now.
        case refused
        case text([UInt8])
        /// To be answered with the same bytes.
        case ping([UInt8])
        /// `nil`: without a code.
        case closed(Int?)
        /// The connection is of no more use; why, in words.
        case failed(String)
    }

    /// More than the relay has reason to send at once.
    private static let mostMessageBytes = 1 << 20

    private var unread = ByteBuffer()
    private var hasOpened = false

    /// Takes what a read brought; nothing is to be read after `closed` or `failed`.
    mutating func read(_ bytes: inout ByteBuffer) -> [Event] {
        self.unread.writeBuffer(&bytes)
        var events: [Event] = []
        if !self.hasOpened {
            switch Handshake.reply(self.unread.readableBytesView) {
            case .incomplete: return []
            // The relay is about to stop.
            case .refused(let reason) where reason.contains("HTTP/1.1 503"): return [.refused]
            case .refused(let reason): return [.failed(reason)]
            case .accepted(let headerBytes): self.unread.moveReaderIndex(forwardBy: headerBytes)
            }
            self.hasOpened = true
            events.append(.opened)
        }
        while let event = self.next() { events.append(event) }
        self.unread.discardReadBytes()
        return events
    }

    private mutating func next() -> Event? {
        guard let header = self.unread.withUnsafeReadableBytes({ ServerFrameHeader($0) }) else { return nil }
        guard !header.isRefused, header.isFinal, header.payloadBytes <= Self.mostMessageBytes else {
            self.unread.clear()
            return .failed("a frame that no relay sends")
        }
        guard self.unread.readableBytes >= header.headerBytes + header.payloadBytes else { return nil }
        self.unread.moveReaderIndex(forwardBy: header.headerBytes)
        let payload = self.unread.readBytes(length: header.payloadBytes) ?? []
        switch header.opcode {
        case ServerFrameHeader.text: return .text(payload)
        case ServerFrameHeader.ping: return .ping(payload)
        case ServerFrameHeader.pong: return self.next()
        case ServerFrameHeader.close:
            return .closed(payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil)
        default: return .failed("a frame of opcode \(header.opcode)")
        }
    }
}
