import GavelCore
import NIOCore

extension ConnectionHandler {
    /// Reads frames and acts on them until the bytes are used up or the connection says stop.
    ///
    /// On the path of every message: no allocation, nothing retained per message.
    /// - Returns: How many bytes were taken.
    func decode(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let connection = self.connection else { return bytes.count }
        let limitBytes = self.settings.messageBytes
        var offset = 0
        while offset < bytes.count {
            if self.isTakingMessages, !self.isEcho, self.reader.isBetweenMessages {
                while let message = WholeMessage(in: bytes, at: offset, limitBytes: limitBytes) {
                    let count = message.payload.count
                    guard message.unmask(to: connection.reserve(count)) else {
                        self.fail(.invalidUTF8)
                        return bytes.count
                    }
                    offset = message.end
                    if !connection.commit(count) { self.holdBack() }
                    guard self.isTakingMessages else { break }
                }
            }
            guard offset < bytes.count else { break }
            // A connection that is closing is read on, for the peer's close frame.
            guard self.isReading || !self.closing.isOpen else { return offset }
            self.act(on: self.reader.next(in: bytes, from: &offset), connection)
        }
        return offset
    }

    private var isTakingMessages: Bool { self.isReading && self.closing.isOpen }

    private func act(on event: FrameEvent, _ connection: Connection) {
        switch event {
        case .incomplete, .pong:
            break
        case .message(let opcode):
            let message = self.reader.takePayload()
            guard self.closing.isOpen else { return }
            message.withUnsafeReadableBytes { self.pass($0, opcode, to: connection) }
        case .ping:
            let payload = self.reader.takePayload()
            guard self.closing.isOpen else { return }
            payload.withUnsafeReadableBytes { connection.sendFrame(.pong, $0) }
        case .close(let status):
            self.peerClosed(status)
        case .failure(let error):
            self.fail(error)
        }
    }

    private func pass(_ message: UnsafeRawBufferPointer, _ opcode: FrameOpcode, to connection: Connection) {
        guard self.isEcho else {
            UnsafeMutableRawBufferPointer(start: connection.reserve(message.count), count: message.count)
                .copyMemory(from: message)
            if !connection.commit(message.count) { self.holdBack() }
            return
        }
        connection.sendFrame(opcode, message)
        if connection.queuedBytes > self.settings.chunkBytes {
            self.holdBack()
            // What was queued leaves at the end of the tick, or when the socket takes it; both ask again.
            self.context?.eventLoop.assumeIsolated().execute { self.resumeEcho() }
        }
    }

    /// Goes on echoing once little is queued.
    func resumeEcho() {
        guard !self.isReading, let connection = self.connection else { return }
        if connection.queuedBytes <= self.settings.chunkBytes { self.setReading(true) }
    }

    /// Passes nothing more on and leaves the socket alone.
    private func holdBack() {
        guard self.isReading, self.closing.isOpen else { return }
        self.isReading = false
        self.setAutoRead(false)
    }

    /// Passes on what was held back, then reads the socket again.
    private func resume() {
        self.isResumeScheduled = false
        guard self.isReading || !self.closing.isOpen else { return }
        if var rest = self.heldBack {
            self.heldBack = nil
            let taken = rest.withUnsafeReadableBytes { self.decode($0) }
            if taken < rest.readableBytes, !self.isDiscarding {
                rest.moveReaderIndex(forwardBy: taken)
                self.heldBack = rest
            }
        }
        guard self.isReading || !self.closing.isOpen else { return }
        self.setAutoRead(true)
    }

    func scheduleResume() {
        guard !self.isResumeScheduled, let context = self.context else { return }
        self.isResumeScheduled = true
        context.eventLoop.assumeIsolated().execute { self.resume() }
    }

    func setAutoRead(_ isOn: Bool) {
        // Fails only on a closed channel, whose end is reported anyway.
        try? self.context?.channel.syncOptions?.setOption(.autoRead, value: isOn)
    }
}
