internal import NIOCore

/// Does what lines ask for, one after the other, and answers. Confined to its event loop.
final class CommandQueue {
    private let registry: CommandRegistry
    private let output: ControlOutput
    private var lines: [ByteBuffer] = []
    /// Answers the line under way. When it ends, nothing is left to do on the event loop once lines were dropped.
    private(set) var running: Task<Void, Never>?
    var caller: CommandCaller
    /// Told when a line is wanted and none waits.
    var whenEmpty: () -> Void = {}

    /// - Parameters:
    ///   - caller: Who asks.
    ///   - output: Where answers go.
    init(_ registry: CommandRegistry, by caller: CommandCaller, output: ControlOutput) {
        self.registry = registry
        self.caller = caller
        self.output = output
    }

    /// How many lines wait for the one under way.
    var waiting: Int { self.lines.count }

    /// - Parameter line: A request, without a line feed; done after ``goOn()``.
    func add(_ line: ByteBuffer) {
        self.lines.append(line)
    }

    /// Begins with the next line, unless one is under way.
    func goOn() {
        guard self.running == nil else { return }
        guard !self.lines.isEmpty else { return self.whenEmpty() }
        let line = self.lines.removeFirst()
        let (registry, output, caller) = (self.registry, self.output, self.caller)
        let eventLoop = output.channel.eventLoop
        let queue = NIOLoopBound(self, eventLoop: eventLoop)
        self.running = Task {
            await registry.answer(Array(line.readableBytesView), by: caller, output)
            eventLoop.execute {
                queue.value.running = nil
                queue.value.goOn()
            }
        }
    }

    /// Forgets what waits.
    func dropWaiting() {
        self.lines = []
    }

    /// Forgets what waits, and ends a stream; a command that acts runs to its end.
    func stop() {
        self.dropWaiting()
        self.running?.cancel()
    }
}

@available(*, unavailable) extension CommandQueue: Sendable {}

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
