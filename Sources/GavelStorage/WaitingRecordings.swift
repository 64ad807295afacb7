internal import GavelCore
internal import NIOConcurrencyHelpers

/// Parts of recordings that the writer has not taken yet, and who wants to read some; given by any thread.
final class WaitingRecordings: Sendable {
    /// Reads from the file, which is `nil` where it is closed.
    typealias Reading = @Sendable (LogFile?) -> Void

    private struct State {
        var parts: [RecordingPart] = []
        var bytes = 0
        var readings: [Reading] = []
        var dropped = 0
        var isClosed = false
    }

    private let state = NIOLockedValueBox(State())
    /// Bytes that may wait: what comes beyond them is dropped.
    private let limitBytes: Int

    init(limitBytes: Int = 32 << 20) { self.limitBytes = limitBytes }

    var dropped: Int { self.state.withLockedValue { $0.dropped } }

    var isEmpty: Bool { self.state.withLockedValue { $0.parts.isEmpty && $0.readings.isEmpty } }

    /// - Returns: Whether it is taken, and whether it is the first.
    func put(_ part: RecordingPart) -> (isTaken: Bool, isFirst: Bool) {
        self.state.withLockedValue { state in
            guard !state.isClosed, state.bytes + part.bytes.count <= self.limitBytes else {
                state.dropped += 1
                return (false, false)
            }
            state.parts.append(part)
            state.bytes += part.bytes.count
            return (true, state.parts.count == 1)
        }
    }

    func put(_ reading: @escaping Reading) {
        let isTaken = self.state.withLockedValue { state in
            if state.isClosed { return false }
            state.readings.append(reading)
            return true
        }
        if !isTaken { reading(nil) }
    }

    func noteDropped(_ count: Int) { self.state.withLockedValue { $0.dropped += count } }

    func take() -> (parts: [RecordingPart], readings: [Reading]) {
        self.state.withLockedValue { state in
            defer {
                state.parts = []
                state.bytes = 0
                state.readings = []
            }
            return (state.parts, state.readings)
        }
    }

    /// Takes nothing more.
    func close() { self.state.withLockedValue { $0.isClosed = true } }
}
