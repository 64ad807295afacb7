/// What rules of a room were asked, and what they answered, to be asked again of others.
///
/// A recording consists of *segments*. Each begins with all that the rules kept by then, their secrets of chance among
/// that, so that the same rules go on from there in the very same way. The rules themselves are not in it, their version
/// is. It holds what players sent: keep it as you keep the database.
///
/// As bytes, of which numbers are varints and signed ones have their sign in the lowest bit, as in
/// ``RecordingWriter``:
///
///     recording  "gavelrec"  byte: 1, the version of this format  blocks…
///     block      byte: kind  4 bytes: how many of content, the low one first  content  8 bytes: Checksum of these
///     kind 'h'   text: the room's key  signed: milliseconds since 1970 when it was written. The first, and once.
///     kind 'b'   number: the segment's  a base; see ``RecordedBase``. Begins a segment.
///     kind 'i'   number: the segment's  number: how many blocks of it stand before  inputs; see ``RecordedInput``
///     kind 'e'   number: how many blocks stand before. The last, and once.
///
/// Segments of two rooms of a name, one of which closed as the other began, may lie in each other.
package struct Recording: Sendable {
    package struct Segment: Sendable {
        package var base: RecordedBase
        package var inputs: [RecordedInput] = []
        /// Whether what followed was dropped, as there was more than could be kept.
        package var isCut = false
    }

    package var key: RoomKey
    /// Milliseconds since 1970 UTC when it was written.
    package var wallMilliseconds: Int64
    package var segments: [Segment]

    static let start = Array("gavelrec".utf8) + [1]

    enum Block: UInt8 {
        case header = 0x68
        case base = 0x62
        case inputs = 0x69
        case end = 0x65
    }

    /// Puts together what a store kept of a room.
    package static func bytes(of parts: [[UInt8]], key: RoomKey, wallMilliseconds: Int64) -> [UInt8] {
        var header = RecordingWriter()
        header.text(key.bytes)
        header.signed(wallMilliseconds)
        var end = RecordingWriter()
        end.number(UInt64(parts.count + 1))
        let first = Self.block(.header, header.bytes)
        return Self.start + first + parts.joined() + Self.block(.end, end.bytes)
    }

    static func block(_ kind: Block, _ content: [UInt8]) -> [UInt8] {
        var writer = RecordingWriter(capacity: content.count + 13)
        writer.byte(kind.rawValue)
        writer.fixed(UInt32(content.count))
        writer.raw(content)
        writer.fixed(Self.sum(kind, content[...]))
        return writer.bytes
    }

    private static func sum(_ kind: Block, _ content: ArraySlice<UInt8>) -> Int64 {
        var sum = Checksum(Int64(kind.rawValue))
        content.withUnsafeBytes { sum.add($0) }
        return sum.value
    }

    /// - Throws: ``RecordingError``: it is none, it is cut off or damaged, or a newer relay wrote it.
    package init(_ bytes: [UInt8]) throws(RecordingError) {
        guard bytes.starts(with: Self.start.dropLast()) else { throw RecordingError("this is no recording of a room.") }
        guard bytes.count > 8, bytes[8] == 1 else {
            throw RecordingError("a newer version of gavel wrote this recording.")
        }
        var reader = RecordingReader(bytes[9...])
        self.key = RoomKey(bytes: [])
        self.wallMilliseconds = 0
        self.segments = []
        var places: [UInt64: (index: Int, blocks: UInt64)] = [:]
        var count: UInt64 = 0
        while true {
            guard !reader.isAtEnd else { throw RecordingError("the recording is cut off after \(count) blocks.") }
            let offset = reader.offset
            do throws(RecordingError) {
                let (kind, content) = try Self.nextBlock(&reader)
                var inner = RecordingReader(content)
                guard (kind == .header) == (count == 0) else { throw RecordingError("its blocks are in disorder.") }
                switch kind {
                case .header:
                    self.key = RoomKey(bytes: try inner.text())
                    self.wallMilliseconds = try inner.signed()
                case .base:
                    let segment = try inner.number()
                    guard places[segment] == nil else { throw RecordingError("a segment begins twice.") }
                    places[segment] = (self.segments.count, 1)
                    self.segments.append(Segment(base: try RecordedBase(&inner, key: self.key)))
                case .inputs:
                    let (segment, place) = (try inner.number(), try inner.number())
                    guard let (index, blocks) = places[segment] else { throw RecordingError("a segment has no base.") }
                    try self.take(&inner, index, isNext: place == blocks)
                    places[segment]!.blocks += 1
                case .end:
                    guard try inner.number() == count else { throw RecordingError("blocks of it are missing.") }
                }
                guard inner.isAtEnd else { throw RecordingError("a block holds more than belongs to it.") }
                if kind == .end { break }
                count += 1
                continue
            } catch {
                throw RecordingError("the recording is damaged at byte \(offset): \(error)")
            }
        }
        guard reader.isAtEnd else { throw RecordingError("the recording is damaged: something follows its end.") }
    }

    private static func nextBlock(
        _ reader: inout RecordingReader
    ) throws(RecordingError) -> (Block, ArraySlice<UInt8>) {
        guard let kind = Block(rawValue: try reader.byte()) else { throw RecordingError("no block begins there.") }
        let content = try reader.slice(UInt64(try reader.fixed(UInt32.self)))
        guard try reader.fixed(Int64.self) == Self.sum(kind, content) else {
            throw RecordingError("the block's checksum is not right.")
        }
        return (kind, content)
    }

    /// - Parameter isNext: Whether the inputs follow on what there is.
    private mutating func take(_ reader: inout RecordingReader, _ index: Int, isNext: Bool) throws(RecordingError) {
        if !isNext { self.segments[index].isCut = true }
        var last = HookContext(self.segments[index].base)
        var inputs: [RecordedInput] = []
        while !reader.isAtEnd { inputs.append(try RecordedInput(&reader, &last)) }
        if !self.segments[index].isCut { self.segments[index].inputs += inputs }
    }
}
