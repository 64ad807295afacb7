internal import Synchronization

/// Keeps what a room's rules are asked and answer until a shadow looks at it, on a thread that does not run the room.
///
/// The room never waits for it: what would be more than ``limitBytes`` ends it.
package final class ShadowFeed: RulesObserver {
    package enum Event: Sendable {
        case began(RulesBeginning)
        case call(KeptCall)
    }

    /// Why there is no more.
    package enum End: Hashable, Sendable {
        case roomEnded
        /// The shadow is too slow for its room.
        case behind
        /// Somebody ended it.
        case dropped
        /// The room runs the new version.
        case promoted
    }

    private struct State {
        var events: [Event] = []
        var bytes = 0
        var end: End?
    }

    /// Of what waits to be looked at, at most.
    package static let limitBytes = 8 << 20

    /// Tells that something waits, or that there is no more.
    package let signals: AsyncStream<Void>
    private let hasMore: AsyncStream<Void>.Continuation
    private let state = Mutex(State())
    private let limit: Int

    package init(limitBytes: Int = ShadowFeed.limitBytes) {
        self.limit = limitBytes
        (self.signals, self.hasMore) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    package func began(_ beginning: RulesBeginning) {
        self.add(.began(beginning), weight: (beginning.copy?.count ?? 0) + 1024)
    }

    package func observe(_ call: RulesCall, _ outcome: HookOutcome, by rules: any RoomRules) {
        let call = KeptCall(call, outcome, by: rules)
        self.add(.call(call), weight: call.weight)
    }

    package func ended(_ key: RoomKey) { self.end(.roomEnded) }

    /// Ends it, on any thread; the first of several counts.
    package func end(_ end: End) {
        self.state.withLock { $0.end = $0.end ?? end }
        self.hasMore.yield()
    }

    private func add(_ event: Event, weight: Int) {
        let wakes = self.state.withLock { state in
            guard state.end == nil else { return false }
            let isFirst = state.events.isEmpty
            // A room that keeps much begins with much.
            if !isFirst, state.bytes + weight > self.limit {
                state.end = .behind
                state.events = []
                return true
            }
            state.events.append(event)
            state.bytes += weight
            return isFirst
        }
        if wakes { self.hasMore.yield() }
    }

    /// What waits, and why there is no more behind it; `nil`: there may be.
    package func take() -> (events: [Event], end: End?) {
        self.state.withLock { state in
            defer { (state.events, state.bytes) = ([], 0) }
            return (state.events, state.end)
        }
    }
}
