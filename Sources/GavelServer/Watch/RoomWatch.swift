internal import Foundation
internal import GavelAdmin
internal import GavelCore
internal import Synchronization

/// Looks on at a room for somebody who wants to be told what happens in it.
///
/// The room's loop notes what happens, a bounded number of calls of which a bounded number of bytes; a task tells it. A
/// room is never kept waiting by who watches it: what there is no place for is left out, and counted.
final class RoomWatch: RulesObserver {
    fileprivate struct State {
        var queue: WatchQueue
        /// Clients that get what is relayed.
        var connected: Set<ClientID> = []
        /// When something happened last, in milliseconds since 1970.
        var lastTime: Int64 = 0
    }

    private let client: ClientID?
    private let type: String?
    private let bytes: Int
    private let state: Mutex<State>
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    init(_ arguments: WatchArguments) {
        self.client = arguments.client.map { ClientID(clamping: $0) }
        self.type = arguments.type
        self.bytes = arguments.bytes ?? WatchArguments.standardBytes
        self.state = Mutex(State(queue: WatchQueue(rate: arguments.rate ?? WatchArguments.standardRate)))
        (self.wakes, self.wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    // MARK: On the room's loop

    func began(_ beginning: RulesBeginning) {
        var call = WatchedCall(.began(beginning.cause), at: beginning.context.wallMilliseconds)
        let rules = beginning.provider.map { "\($0.name) \($0.version)" } ?? "no rules"
        call.text = Array(rules.utf8)
        let isFirst = self.state.withLock { state in
            state.connected = Set(beginning.clients.filter(\.isConnected).map(\.id))
            state.lastTime = call.wallMilliseconds
            call.recipients = state.connected.count
            return state.queue.admits(isTrouble: true, at: call.wallMilliseconds) && state.queue.append(call)
        }
        if isFirst { self.wake.yield() }
    }

    func observe(_ call: RulesCall, _ outcome: HookOutcome, by rules: any RoomRules) {
        let isFirst = self.state.withLock { state in
            state.follow(call, outcome)
            guard self.wants(call) else { return false }
            let isTrouble = outcome.verdict == .failed || (call.message != nil && outcome.error != nil)
            guard state.queue.admits(isTrouble: isTrouble, at: call.context.wallMilliseconds) else { return false }
            var watched = WatchedCall(call, outcome, by: rules, most: self.bytes)
            let isRelayed = outcome.verdict == .relay || outcome.verdict == .changed
            if call.kind == .message, isRelayed {
                watched.recipients = state.connected.count - (outcome.latest?.echoes == false ? 1 : 0)
            }
            return state.queue.append(watched)
        }
        if isFirst { self.wake.yield() }
    }

    func ended(_ key: RoomKey) {
        let isFirst = self.state.withLock { state in
            state.connected = []
            return state.queue.admits(isTrouble: true, at: state.lastTime)
                && state.queue.append(WatchedCall(.ended, at: state.lastTime))
        }
        if isFirst { self.wake.yield() }
    }

    private func wants(_ call: RulesCall) -> Bool {
        if let client, call.client != client { return false }
        guard let type else { return true }
        return call.kind == .message && call.message?.type == type
    }
}

extension RoomWatch.State {
    /// Keeps track of who is there.
    fileprivate mutating func follow(_ call: RulesCall, _ outcome: HookOutcome) {
        self.lastTime = call.context.wallMilliseconds
        switch call.kind {
        case .join where outcome.verdict == .relay || outcome.verdict == .handled, .resume:
            self.connected.insert(call.client)
        case .leave, .drop: self.connected.remove(call.client)
        default: break
        }
    }
}

// MARK: For whoever watches

extension RoomWatch {
    static var now: Int { Int(Date().timeIntervalSince1970 * 1_000) }

    /// Tells what happens, until the task is cancelled.
    /// - Parameter idle: After how long without a word a sign of life is given.
    func tell(
        idle: Duration = .seconds(10),
        _ send: @escaping @Sendable (WatchLine) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while true {
                    try await Task.sleep(for: idle)
                    self.state.withLock { $0.queue.noteIdle() }
                    self.wake.yield()
                }
            }
            defer { group.cancelAll() }
            for await _ in self.wakes {
                let batch = self.state.withLock { $0.queue.take() }
                for call in batch.calls { try await send(WatchLine(call, most: self.bytes)) }
                let now = Self.now
                if batch.skipped > 0 {
                    var line = WatchLine(.skipped, time: now)
                    line.skipped = batch.skipped
                    try await send(line)
                } else if batch.isIdle, batch.calls.isEmpty {
                    try await send(WatchLine(.idle, time: now))
                }
            }
            try Task.checkCancellation()
        }
    }
}
