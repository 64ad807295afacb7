internal import Hummingbird
internal import NIOCore

/// Writes the lines of a stream over HTTP, each when the one before it is on its way. Used by one task at a time.
final class LineWriter: @unchecked Sendable {
    /// Whoever asked does not read what is sent.
    struct StalledReader: Error {}

    private var writer: any ResponseBodyWriter
    private let timeout: Duration
    private var isStalled = false

    /// - Parameter timeout: How long whoever asked may take to read a line.
    init(_ writer: any ResponseBodyWriter, timeout: Duration) {
        self.writer = writer
        self.timeout = timeout
    }

    /// - Throws: ``StalledReader`` where it takes too long, and then at once for whatever follows: the connection can
    ///   only be closed.
    func write(_ line: [UInt8]) async throws {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(line.count + 1)
        buffer.writeBytes(line)
        buffer.writeInteger(UInt8(ascii: "\n"))
        try await self.inTime { [buffer] in try await self.writer.write(buffer) }
    }

    /// Ends the stream.
    /// - Throws: As ``write(_:)``.
    func finish() async throws {
        try await self.inTime { try await self.writer.finish(nil) }
    }

    private func inTime(_ body: @escaping @Sendable () async throws -> Void) async throws {
        guard !self.isStalled else { throw StalledReader() }
        let timeout = self.timeout
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask(operation: body)
                group.addTask {
                    try await Task.sleep(for: timeout)
                    throw StalledReader()
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch {
            self.isStalled = error is StalledReader
            throw error
        }
    }
}
