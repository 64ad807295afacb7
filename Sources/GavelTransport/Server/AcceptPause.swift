import Glibc
package import NIOCore

/// Has a listening socket accept nothing for a second where the system has nothing left for another connection.
///
/// SwiftNIO's own `AcceptBackoffHandler` puts off the next read, but the one that failed stays asked for: the system tells
/// at once that the socket can be read, and the loop spins. Here the socket is not looked at, and connections wait in the
/// backlog. Confined to the listener's event loop.
package final class AcceptPause: ChannelInboundHandler {
    package typealias InboundIn = any Channel

    private static let length = TimeAmount.seconds(1)
    private static let shortages = [EMFILE, ENFILE, ENOBUFS, ENOMEM]

    private var isPausing = false

    package init() {}

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let code = (error as? IOError)?.errnoCode, Self.shortages.contains(code), !self.isPausing {
            self.pause(context.channel)
        }
        context.fireErrorCaught(error)
    }

    private func pause(_ channel: any Channel) {
        self.isPausing = true
        Self.setReading(false, channel)
        channel.eventLoop.assumeIsolated().scheduleTask(in: Self.length) {
            self.isPausing = false
            Self.setReading(true, channel)
        }
    }

    /// Fails only on a closed channel, which accepts nothing.
    private static func setReading(_ isReading: Bool, _ channel: any Channel) {
        try? channel.syncOptions?.setOption(.autoRead, value: isReading)
    }
}

@available(*, unavailable)
extension AcceptPause: Sendable {}
