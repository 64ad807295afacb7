import GavelCore
import GavelTransport
import Glibc
import NIOCore

/// What a stream of client bytes means: each event with its payload, in order.
private struct Meaning: Equatable {
    struct Entry: Equatable {
        var event: FrameEvent
        var payload: [UInt8] = []
    }

    private static let limitBytes = 300

    private(set) var entries: [Entry] = []
    private var reader: FrameReader

    init(acceptsBinary: Bool) {
        self.reader = FrameReader(limitBytes: Self.limitBytes, acceptsBinary: acceptsBinary)
    }

    static func == (one: Self, other: Self) -> Bool { one.entries == other.entries }

    /// Reads on as a connection does.
    /// - Parameter shortCut: Whether to take whole messages past the reader.
    mutating func take(_ bytes: UnsafeRawBufferPointer, shortCut: Bool) {
        var offset = 0
        while offset < bytes.count {
            if shortCut { self.takeWholeMessages(bytes, &offset) }
            guard offset < bytes.count else { return }
            let event = self.reader.next(in: bytes, from: &offset)
            switch event {
            case .incomplete: break
            case .message, .ping:
                self.entries.append(Entry(event: event, payload: Array(self.reader.takePayload().readableBytesView)))
            case .pong, .close, .failure:
                self.entries.append(Entry(event: event))
            }
        }
    }

    private mutating func takeWholeMessages(_ bytes: UnsafeRawBufferPointer, _ offset: inout Int) {
        while self.reader.isBetweenMessages,
            let message = WholeMessage(in: bytes, at: offset, limitBytes: Self.limitBytes)
        {
            var payload = [UInt8](repeating: 0, count: message.payload.count + 1)
            guard payload.withUnsafeMutableBytes({ message.unmask(to: $0.baseAddress!) }) else { return }
            self.entries.append(Entry(event: .message(.text), payload: payload.dropLast()))
            offset = message.end
        }
    }
}

/// Reads a stream in one piece and in pieces, with the short cut and without, and compares.
///
/// The first byte decides whether binary is accepted, the second how long the pieces are.
@_cdecl("LLVMFuzzerTestOneInput")
func compareReadings(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 2 else { return 0 }
    let input = UnsafeRawBufferPointer(start: start, count: count)
    let stream = UnsafeRawBufferPointer(rebasing: input[2...])
    let acceptsBinary = input[0] & 1 == 1
    var lengths = UInt32(input[1]) | 1

    var whole = Meaning(acceptsBinary: acceptsBinary)
    whole.take(stream, shortCut: false)
    var quick = Meaning(acceptsBinary: acceptsBinary)
    quick.take(stream, shortCut: true)
    precondition(whole == quick, "the short cut reads another message")

    var pieces = Meaning(acceptsBinary: acceptsBinary)
    var rest = stream[...]
    while !rest.isEmpty {
        lengths = lengths &* 1_664_525 &+ 1_013_904_223
        let length = Int(lengths >> 24 & 0x0F) + 1
        // A copy of just this length, so that reading past its end is seen.
        let piece = Array(rest.prefix(length))
        piece.withUnsafeBytes { pieces.take($0, shortCut: true) }
        rest = rest.dropFirst(length)
    }
    precondition(whole == pieces, "pieces mean something else than the whole")
    return 0
}

/// libFuzzer's own `main`, for programs that have one already, as every executable of the package manager does.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ argumentCount: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ testOneInput: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

@main
enum FuzzFrames {
    static func main() {
        var argumentCount = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        exit(runDriver(&argumentCount, &arguments, compareReadings))
    }
}
