internal import NIOCore

#if os(Linux)
    internal import Glibc

    /// As the kernel writes it: `struct ucred`.
    private struct PeerCredentials {
        var process: Int32 = 0
        var user: UInt32 = 0
        var group: UInt32 = 0
    }
#endif

/// One client of the control socket: does what its lines ask for, one after the other.
///
/// Confined to its event loop. While a command is being done, nothing more is read.
final class ControlConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let channel: any Channel
    private let clients: ControlClients
    private let commands: CommandQueue
    /// Nothing more comes from the client, or is taken from it.
    private var isEnding = false

    init(_ channel: any Channel, registry: CommandRegistry, clients: ControlClients, writeTimeout: TimeAmount) {
        self.channel = channel
        self.clients = clients
        self.commands = CommandQueue(
            registry,
            by: .socket(user: nil),
            output: ControlOutput(channel: channel, timeout: writeTimeout)
        )
        self.commands.whenEmpty = { [weak self] in self?.wantsLine() }
    }

    func channelActive(context: ChannelHandlerContext) {
        if self.clients.add(self) {
            self.identifyCaller()
            context.read()
        } else {
            self.refuse(CommandError(.busy, "Too many clients speak to this relay at the moment."))
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.isEnding = true
        self.commands.stop()
        self.clients.remove(self)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.isEnding else { return }
        self.commands.add(Self.unwrapInboundIn(data))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.commands.goOn()
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            // As `nc -N` does, which still reads the answers.
            self.isEnding = true
            self.commands.goOn()
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is LineDecoder.LineTooLong {
            self.commands.dropWaiting()
            self.refuse(CommandError(.badRequest, "This line is longer than a request may be."))
        } else {
            context.close(promise: nil)
        }
    }

    /// Ends streams, lets a command that is being done end, and takes no other.
    func stop() {
        self.isEnding = true
        self.commands.stop()
        if self.commands.running == nil { self.close() }
    }

    func close() {
        self.channel.close(promise: nil)
    }

    private func refuse(_ error: CommandError) {
        self.isEnding = true
        let bytes = ControlAnswer.error(error).bytes(for: .null)
        let connection = NIOLoopBound(self, eventLoop: self.channel.eventLoop)
        self.channel.writeAndFlush(ByteBuffer(bytes: bytes)).whenComplete { _ in
            if connection.value.commands.running == nil { connection.value.close() }
        }
    }

    /// Asks the system whose process this is.
    private func identifyCaller() {
        #if os(Linux)
            guard let socket = self.channel as? any SocketOptionProvider else { return }
            let connection = NIOLoopBound(self, eventLoop: self.channel.eventLoop)
            let found: EventLoopFuture<PeerCredentials> = socket.unsafeGetSocketOption(
                level: NIOBSDSocket.OptionLevel.socket,
                name: NIOBSDSocket.Option(rawValue: SO_PEERCRED)
            )
            found.whenSuccess { connection.value.commands.caller = .socket(user: $0.user) }
        #endif
    }

    private func wantsLine() {
        if self.isEnding { self.close() } else { self.channel.read() }
    }
}

@available(*, unavailable) extension ControlConnection: Sendable {}
