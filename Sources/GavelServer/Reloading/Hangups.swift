internal import Dispatch
internal import Glibc
internal import Synchronization

/// SIGHUP, from the first time that somebody asks for it until the process ends.
///
/// It is never given back to the system, whose answer to it is to end the process: a hangup that comes while the relay
/// stops does nothing.
final class Hangups: @unchecked Sendable {
    static let process = Hangups()

    private let listeners = Mutex<[Int: AsyncStream<Void>.Continuation]>([:])
    private let lastListener = Atomic<Int>(0)
    /// Made and started once, never touched again.
    private let source: any DispatchSourceSignal

    private init() {
        // Until the source is there.
        signal(SIGHUP, SIG_IGN)
        self.source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: DispatchQueue(label: "gavel.hangups"))
        self.source.setEventHandler { [unowned self] in
            for listener in self.listeners.withLock({ Array($0.values) }) { listener.yield() }
        }
        self.source.activate()
    }

    /// Those from now on; of several that nobody has taken yet, one.
    func stream() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = self.lastListener.add(1, ordering: .relaxed).newValue
        self.listeners.withLock { $0[number] = continuation }
        continuation.onTermination = { [unowned self] _ in
            self.listeners.withLock { _ = $0.removeValue(forKey: number) }
        }
        return stream
    }
}
