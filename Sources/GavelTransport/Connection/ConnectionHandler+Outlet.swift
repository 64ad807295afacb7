import GavelCore
import Glibc
import NIOCore

extension ConnectionHandler: ConnectionOutlet {
    private static var sendFlags: Int32 { Int32(MSG_NOSIGNAL | MSG_DONTWAIT) }

    func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard self.descriptor >= 0 else { return self.isSocketGone ? bytes.count : 0 }
        while true {
            let sent = Glibc.send(self.descriptor, bytes.baseAddress, bytes.count, Self.sendFlags)
            if sent >= 0 { return sent }
            switch errno {
            case EINTR: continue
            case EAGAIN, EWOULDBLOCK: return 0
            default: return bytes.count
            }
        }
    }

    func sendWhenWritable(_ bytes: ByteBuffer) {
        guard let context = self.context else { return }
        let eventLoop = context.eventLoop
        let promise = eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { result in
            switch result {
            case .success:
                self.outsideConnection(eventLoop) { self.outputLeft() }
            case .failure:
                // NIO has closed the socket and will say so next.
                self.descriptor = -1
                self.isSocketGone = true
            }
        }
        self.isHandingOver = true
        context.writeAndFlush(Self.wrapOutboundOut(bytes), promise: promise)
        self.isHandingOver = false
    }

    private func outputLeft() {
        self.connection?.outletBecameWritable()
        if self.isEcho { self.resumeEcho() }
    }

    /// Calls the connection at once, or, while it is inside a call to its outlet, right after it.
    func outsideConnection(_ eventLoop: any EventLoop, _ call: @escaping () -> Void) {
        if self.isHandingOver {
            eventLoop.assumeIsolated().execute(call)
        } else {
            call()
        }
    }

    func setReading(_ isReading: Bool) {
        guard isReading != self.isReading else { return }
        self.isReading = isReading
        if isReading {
            self.scheduleResume()
        } else {
            self.setAutoRead(false)
        }
    }
}
