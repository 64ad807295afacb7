internal import Foundation
internal import NIOCore
internal import NIOPosix

/// Asks a running relay to do commands, over its control socket.
///
/// One command at a time, from one task.
package final class ControlClient {
    private var answers: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let output: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var lastID = 0

    /// Longest answer in bytes.
    private static let lineBytes = 64 << 20

    private init(
        _ answers: NIOAsyncChannelInboundStream<ByteBuffer>,
        _ output: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.answers = answers.makeAsyncIterator()
        self.output = output
    }

    /// Connects to the relay whose socket is at `path`, for the length of `body`.
    /// - Throws: ``NoRelay`` where none listens there, and what `body` throws.
    package static func with<Result: Sendable>(
        _ path: String,
        _ body: (ControlClient) async throws -> Result
    ) async throws -> Result {
        let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        do {
            channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(unixDomainSocketPath: path) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let decoder = ByteToMessageHandler(LineDecoder(limit: Self.lineBytes))
                        try channel.pipeline.syncOperations.addHandler(decoder)
                        return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                    }
                }
        } catch {
            throw NoRelay(path: path, code: (error as? IOError)?.errnoCode)
        }
        return try await channel.executeThenClose { answers, output in
            try await body(ControlClient(answers, output))
        }
    }

    /// Has a command done.
    /// - Throws: ``CommandError`` where it was not done, ``RelayWentAway`` where there was no answer.
    package func call<Arguments, Reply>(
        _ command: Command<Arguments, Reply>,
        _ arguments: Arguments
    ) async throws -> Reply {
        try await self.send(command.name, arguments)
        guard let reply = try await self.answer(Reply.self).reply else { throw RelayWentAway() }
        return reply
    }

    /// Listens to a stream until it ends, or `body` throws; the connection is of no more use then.
    package func listen<Arguments, Line>(
        _ command: StreamCommand<Arguments, Line>,
        _ arguments: Arguments,
        _ body: (Line) async throws -> Void
    ) async throws {
        try await self.send(command.name, arguments)
        while let line = try await self.answer(Line.self).line { try await body(line) }
    }

    private func send(_ name: String, _ arguments: some CommandArguments) async throws {
        self.lastID += 1
        let members = try AdminJSON.decode([String: JSONValue].self, from: try AdminJSON.encode(arguments))
        let request = ControlRequest(id: .integer(self.lastID), command: name, arguments: members)
        try await self.output.write(ByteBuffer(bytes: try AdminJSON.encode(request) + [UInt8(ascii: "\n")]))
    }

    private func answer<Value: Decodable>(_ type: Value.Type) async throws -> ReceivedAnswer<Value> {
        let line: ByteBuffer?
        do {
            line = try await self.answers.next(isolation: nil)
        } catch {
            throw RelayWentAway()
        }
        guard let line else { throw RelayWentAway() }
        let answer = try AdminJSON.decode(ReceivedAnswer<Value>.self, from: line.readableBytesView)
        if let error = answer.error { throw error }
        return answer
    }
}

/// Nobody listens on a control socket.
package struct NoRelay: Error, CustomStringConvertible {
    package let path: String
    /// What the system said.
    package let code: CInt?

    /// Whether none can be running there; else one may be, and cannot be reached.
    package var hasEnded: Bool { self.code == ENOENT || self.code == ECONNREFUSED }

    package var description: String {
        switch self.code {
        case ENOENT: "no relay is running with this configuration: there is no \(self.path)"
        case ECONNREFUSED: "no relay is running: the one that had \(self.path) has ended"
        case EACCES, EPERM: "\(self.path) is not for you: run this as the user that the relay runs as, or as root"
        case let code?: "no relay can be reached over \(self.path): \(String(cString: strerror(code)))"
        case nil: "no relay can be reached over \(self.path)"
        }
    }
}

/// A relay that ended before it answered.
package struct RelayWentAway: Error, CustomStringConvertible {
    package var description: String { "the relay ended before it answered" }
}
