import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One connection of a player, and what befalls it. Confined to the run's event loop.
final class PlayerLink: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How often the relay had been killed and stopped when the connection was begun.
    let kills: Int
    let stops: Int
    /// Whether the player itself has ended it: then nothing that comes or does not come says anything.
    private(set) var isGivenUp = false
    /// Whether the handshake was done.
    private(set) var hasOpened = false
    private let player: any LinkOwner
    private let request: ByteBuffer
    private var context: ChannelHandlerContext?
    private var reader = LinkReader()
    private var masks = MaskingKeys()
    private var hasEnded = false

    init(player: any LinkOwner, request: ByteBuffer, kills: Int = 0, stops: Int = 0) {
        self.player = player
        self.request = request
        self.kills = kills
        self.stops = stops
    }

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        guard !self.isGivenUp else { return context.close(promise: nil) }
        context.writeAndFlush(self.wrapOutboundOut(self.request), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.hasEnded else { return }
        var bytes = self.unwrapInboundIn(data)
        for event in self.reader.read(&bytes) {
            // What the player does in between may end the connection.
            guard !self.hasEnded else { return }
            switch event {
            case .opened:
                self.hasOpened = true
                self.player.opened(self)
            case .refused: self.end(code: nil)
            case .text(let text): self.player.receive(text, on: self)
            case .ping(let payload): self.write(.pong, payload)
            case .closed(let code):
                self.write(.close, code.map { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } ?? [])
                self.end(code: code ?? 1005)
            case .failed(let reason): self.end(code: nil, failure: reason)
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.end(code: nil)
        self.context = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.end(code: nil)
    }

    /// The connection could not be made.
    func couldNotConnect() {
        self.end(code: nil)
    }

    func send(_ text: [UInt8]) {
        self.write(.text, text)
    }

    /// Sends a close frame, and ends the connection when the relay has answered or a while later.
    func close(_ code: Int) {
        self.isGivenUp = true
        self.write(.close, [UInt8(code >> 8), UInt8(code & 0xFF)])
        self.after(.milliseconds(300)) { $0.context?.close(promise: nil) }
    }

    /// Ends the connection without a close frame.
    func drop() {
        self.isGivenUp = true
        self.context?.close(promise: nil)
    }

    /// Ends the connection so that what was on its way is lost.
    func reset() {
        self.isGivenUp = true
        if let options = self.context?.channel as? any SocketOptionProvider {
            _ = options.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        }
        self.context?.close(promise: nil)
    }

    /// Sends the beginning of a frame, and resets the connection.
    func tear(_ text: [UInt8]) {
        var frame = ByteBuffer()
        ClientFrame.write(.text, text, mask: self.masks.next(), to: &frame)
        if let start = frame.readSlice(length: frame.readableBytes / 2) {
            self.context?.writeAndFlush(self.wrapOutboundOut(start), promise: nil)
        }
        self.isGivenUp = true
        self.after(.milliseconds(5)) { $0.reset() }
    }

    /// Stops reading, or goes on.
    func setReading(_ isReading: Bool) {
        self.context?.channel.setOption(.autoRead, value: isReading).whenComplete { _ in }
    }

    private func write(_ opcode: ClientFrame.Opcode, _ payload: [UInt8]) {
        guard let context = self.context else { return }
        var frame = ByteBuffer()
        ClientFrame.write(opcode, payload, mask: self.masks.next(), to: &frame)
        context.writeAndFlush(self.wrapOutboundOut(frame), promise: nil)
    }

    private func after(_ delay: Duration, _ body: @escaping (PlayerLink) -> Void) {
        self.context?.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) { body(self) }
    }

    private func end(code: Int?, failure: String? = nil) {
        guard !self.hasEnded else { return }
        self.hasEnded = true
        self.context?.close(promise: nil)
        self.player.ended(self, code: code, failure: failure)
    }
}

@available(*, unavailable)
extension PlayerLink: Sendable {}
