package import GavelCore
package import NIOCore

/// A connection's socket side that keeps what it is sent, and takes as little at a time as a test wants.
package final class RecordingOutlet: ConnectionOutlet {
    /// Bytes it takes before it takes no more; `nil`: all.
    package var window: Int?
    /// All bytes that left.
    package private(set) var sent: [UInt8] = []
    package private(set) var isReading = true
    package private(set) var closed: (code: CloseCode, reason: String)?
    package private(set) var isDrained = false
    /// Handed over and not yet left.
    private var handedOver: ByteBuffer?
    package weak var connection: Connection?
    /// Called when reading is allowed (again), later than the call itself.
    package var readingResumed: (() -> Void)?

    package init(window: Int? = nil) {
        self.window = window
    }

    private func take(_ most: Int) -> Int {
        guard let window = self.window else { return most }
        let taken = min(most, window)
        self.window = window - taken
        return taken
    }

    package func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        precondition(self.handedOver == nil, "sent past bytes that were handed over")
        let taken = self.take(bytes.count)
        self.sent.append(contentsOf: bytes.prefix(taken))
        return taken
    }

    package func sendWhenWritable(_ bytes: ByteBuffer) {
        precondition(self.handedOver == nil, "handed over twice")
        self.handedOver = bytes
    }

    /// Lets the socket take `bytes` more, or all, as if the peer had read.
    package func open(_ bytes: Int?) {
        self.window = bytes
        while var buffer = self.handedOver {
            let taken = self.take(buffer.readableBytes)
            self.sent.append(contentsOf: buffer.readBytes(length: taken) ?? [])
            guard buffer.readableBytes == 0 else {
                self.handedOver = buffer
                return
            }
            self.handedOver = nil
            self.connection?.outletBecameWritable()
        }
    }

    package func setReading(_ isReading: Bool) {
        self.isReading = isReading
        if isReading { self.readingResumed?() }
    }

    package func close(_ code: CloseCode, reason: StaticString) {
        guard self.closed == nil else { return }
        self.closed = (code, "\(reason)")
        self.connection?.end(code.end)
        let payload = [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xFF)]
        payload.withUnsafeBytes { self.connection?.sendFrame(.close, $0) }
    }

    package func outputDrained() {
        self.isDrained = true
    }

    package func sweep(at now: NIODeadline) {}
}
@available(*, unavailable)
extension RecordingOutlet: Sendable {}
