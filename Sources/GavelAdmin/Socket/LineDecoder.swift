package import NIOCore

/// Cuts what comes into lines, without their line feeds. The last one may lack it.
package struct LineDecoder: ByteToMessageDecoder {
    package typealias InboundOut = ByteBuffer

    /// A line that is longer than may be.
    package struct LineTooLong: Error {}

    private let limit: Int
    /// Bytes known to hold no line feed.
    private var searched = 0

    /// - Parameter limit: Longest line in bytes.
    package init(limit: Int) {
        self.limit = limit
    }

    package mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        let view = buffer.readableBytesView
        guard let end = view[(view.startIndex + self.searched)...].firstIndex(of: UInt8(ascii: "\n")) else {
            self.searched = view.count
            guard view.count <= self.limit else { throw LineTooLong() }
            return .needMoreData
        }
        try self.pass(&buffer, length: end - view.startIndex, context)
        buffer.moveReaderIndex(forwardBy: 1)
        return .continue
    }

    package mutating func decodeLast(
        context: ChannelHandlerContext,
        buffer: inout ByteBuffer,
        seenEOF: Bool
    ) throws -> DecodingState {
        while try self.decode(context: context, buffer: &buffer) == .continue {}
        if seenEOF, buffer.readableBytes > 0 { try self.pass(&buffer, length: buffer.readableBytes, context) }
        return .needMoreData
    }

    private mutating func pass(_ buffer: inout ByteBuffer, length: Int, _ context: ChannelHandlerContext) throws {
        self.searched = 0
        guard length <= self.limit, var line = buffer.readSlice(length: length) else { throw LineTooLong() }
        if line.readableBytesView.last == UInt8(ascii: "\r") { line.moveWriterIndex(to: line.writerIndex - 1) }
        if line.readableBytes > 0 { context.fireChannelRead(Self.wrapInboundOut(line)) }
    }
}
