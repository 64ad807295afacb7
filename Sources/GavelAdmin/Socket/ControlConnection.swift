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
    private let registry: CommandRegistry
    private let clients: ControlClients
    private let output: ControlOutput
    private var lines: [ByteBuffer] = []
    private var running: Task<Void, Never>?
    private var caller = CommandCaller.socket(user: nil)
    /// Nothing more comes from the client, or is taken from it.
    private var isEnding = false

    init(_ channel: any Channel, registry: CommandRegistry, clients: ControlClients, writeTimeout: TimeAmount) {
        self.channel = channel
        self.registry = registry
        self.clients = clients
        self.output = ControlOutput(channel: channel, timeout: writeTimeout)
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
        self.lines = []
        self.running?.cancel()
        self.clients.remove(self)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.isEnding else { return }
        self.lines.append(Self.unwrapInboundIn(data))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.goOn()
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            // As `nc -N` does, which still reads the answers.
            self.isEnding = true
            self.goOn()
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is LineDecoder.LineTooLong {
            self.lines = []
            self.refuse(CommandError(.badRequest, "This line is longer than a request may be."))
        } else {
            context.close(promise: nil)
        }
    }

    /// Ends streams, lets a command that is being done end, and takes no other.
    func stop() {
        self.isEnding = true
        self.lines = []
        self.running?.cancel()
        if self.running == nil { self.close() }
    }

    func close() {
        self.channel.close(promise: nil)
    }

    private func refuse(_ error: CommandError) {
        self.isEnding = true
        let bytes = ControlAnswer.error(error).bytes(for: .null)
        let connection = NIOLoopBound(self, eventLoop: self.channel.eventLoop)
        self.channel.writeAndFlush(ByteBuffer(bytes: bytes)).whenComplete { _ in
            if connection.value.running == nil { connection.value.close() }
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
            found.whenSuccess { connection.value.caller = .socket(user: $0.user) }
        #endif
    }

    private func goOn() {
        guard self.running == nil else { return }
        guard !self.lines.isEmpty else {
            if self.isEnding { self.close() } else { self.channel.read() }
            return
        }
        let line = self.lines.removeFirst()
        let (registry, output, caller) = (self.registry, self.output, self.caller)
        let connection = NIOLoopBound(self, eventLoop: self.channel.eventLoop)
        let eventLoop = self.channel.eventLoop
        self.running = Task {
            await registry.answer(Array(line.readableBytesView), by: caller, output)
            eventLoop.execute {
                connection.value.running = nil
                connection.value.goOn()
            }
        }
    }
}

@available(*, unavailable) extension ControlConnection: Sendable {}

/// Writes lines to a client, each when the one before it is on its way.
struct ControlOutput: Sendable {
    let channel: any Channel
    /// A client that takes longer to read a line is dropped.
    let timeout: TimeAmount

    /// - Throws: Where the client has gone.
    func write(_ line: [UInt8]) async throws {
        let channel = self.channel
        let timer = channel.eventLoop.scheduleTask(in: self.timeout) { channel.close(promise: nil) }
        defer { timer.cancel() }
        try await channel.writeAndFlush(ByteBuffer(bytes: line)).get()
    }
}

extension CommandRegistry {
    /// Does what a line asks for, and answers. Where the client has gone there is nobody to tell anything.
    fileprivate func answer(_ line: [UInt8], by caller: CommandCaller, _ output: ControlOutput) async {
        var id = JSONValue.null
        var end: ControlAnswer
        do throws(ControlRequest.Refused) {
            let request = try ControlRequest.read(line)
            id = request.id ?? .null
            end = await self.end(of: request, id: id, by: caller, output)
        } catch {
            (id, end) = (error.id, .error(error.error))
        }
        try? await output.write(end.bytes(for: id))
    }

    private func end(
        of request: ControlRequest,
        id: JSONValue,
        by caller: CommandCaller,
        _ output: ControlOutput
    ) async -> ControlAnswer {
        do throws(CommandError) {
            let reply = try await self.perform(request.command, request.arguments ?? [:], by: caller) { line in
                try await output.write(ControlAnswer.line(line).bytes(for: id))
            }
            return reply.map { .reply($0) } ?? .end
        } catch {
            return .error(error)
        }
    }
}
