import GavelCore
import Logging
import NIOCore

extension ConnectionHandler {
    func close(_ code: CloseCode, reason: StaticString) {
        self.perform(self.closing.closeLocally(), code: code.rawValue, reason: reason, end: code.end)
    }

    func outputDrained() {
        // An earlier moment without output says nothing about the close frame.
        guard self.isCloseFrameQueued, let context = self.context else { return }
        if self.relay.isDraining { self.scheduleCloseTimeout(in: ConnectionSettings.closeTimeout, context) }
        context.eventLoop.assumeIsolated().execute { self.perform(self.closing.drained()) }
    }

    func sweep(at now: NIODeadline) {
        guard self.closing.isOpen, let connection = self.connection else { return }
        // Who is not listened to cannot answer.
        if !self.isReading { self.keepalive.heard() }
        switch self.keepalive.sweep(at: now) {
        case .none: break
        case .ping: connection.sendFrame(.ping, UnsafeRawBufferPointer(start: nil, count: 0))
        case .giveUp: self.close(.noPong, reason: "no pong")
        }
    }

    /// The peer's close frame arrived: its code is echoed (RFC 6455 section 5.5.1).
    func peerClosed(_ status: CloseStatus) {
        let end: ConnectionEnd = status.code == CloseCode.normal.rawValue ? .left : .lost
        self.perform(self.closing.receivedClose(), code: status.code, reason: "", end: end)
    }

    /// The peer broke the protocol.
    func fail(_ error: FrameError) {
        self.isDiscarding = true
        self.perform(self.closing.failed(), code: error.closeCode.rawValue, reason: error.reason, end: .lost)
    }

    private func perform(
        _ action: Closing.Action,
        code: UInt16? = nil,
        reason: StaticString = "",
        end: ConnectionEnd = .lost
    ) {
        switch action {
        case .none: break
        case .sendClose: self.sendClose(code, reason, end)
        case .endOutput: self.context?.close(mode: .output, promise: nil)
        case .closeSocket: self.context?.close(promise: nil)
        }
    }

    private func scheduleCloseTimeout(in delay: TimeAmount, _ context: ChannelHandlerContext) {
        self.closeTimeout?.cancel()
        self.closeTimeout = context.eventLoop.assumeIsolated().scheduleTask(in: delay) {
            self.perform(self.closing.timedOut())
        }
    }

    private func sendClose(_ code: UInt16?, _ reason: StaticString, _ end: ConnectionEnd) {
        guard let context = self.context, let connection = self.connection else { return }
        self.settings.logger.debug(
            "closing connection",
            metadata: ["code": "\(code ?? 1005)", "reason": "\(reason)"]
        )
        connection.end(end)
        // When the relay stops, what waits for a client has as long to leave as the stop may take.
        let isDraining = self.relay.isDraining
        self.scheduleCloseTimeout(in: isDraining ? self.settings.drain : ConnectionSettings.closeTimeout, context)
        // The peer's answer must be read, whatever stood in the way of its messages.
        if !self.isReading || self.heldBack != nil { self.scheduleResume() }

        var payload = ByteBuffer()
        if let code {
            payload.writeInteger(code)
            payload.writeStaticString(reason)
        }
        payload.withUnsafeReadableBytes { connection.sendFrame(.close, $0) }
        self.isCloseFrameQueued = true
        if connection.queuedBytes == 0 { self.outputDrained() }
    }
}
