import NIOCore

/// Lends one receive buffer to all connections of an event loop in turn, so that an idle connection has none.
///
/// The allocator answers ``nextBufferSize()`` with `nil` and ``record(actualReadBytes:)`` with `true`, by which NIO
/// asks for a buffer before each read and keeps none. A buffer that is not handed back is simply replaced.
struct LoopReceiveAllocator: RecvByteBufferAllocator {
    /// Size of the buffer, and so most bytes taken from a connection in a tick.
    static let bufferBytes = 64 << 10

    private let spare: NIOLoopBoundBox<ByteBuffer?>

    init(eventLoop: any EventLoop) {
        self.spare = NIOLoopBoundBox.makeEmptyBox(valueType: ByteBuffer.self, eventLoop: eventLoop)
    }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        guard var buffer = self.spare.value else { return allocator.buffer(capacity: Self.bufferBytes) }
        self.spare.value = nil
        buffer.clear()
        return buffer
    }

    /// Takes a buffer back that was read to its end.
    func takeBack(_ buffer: ByteBuffer) {
        guard buffer.storageCapacity == Self.bufferBytes else { return }
        self.spare.value = buffer
    }

    func nextBufferSize() -> Int? { nil }

    func record(actualReadBytes: Int) -> Bool { true }
}
