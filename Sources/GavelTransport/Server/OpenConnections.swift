import NIOConcurrencyHelpers
import NIOCore

/// The sockets a server has accepted and not yet closed.
///
/// Locked, for it is touched from every event loop; only when a connection begins or ends.
final class OpenConnections: Sendable {
    /// Whether a new connection may go on to its handshake.
    enum Admission: Sendable {
        case admitted
        case tooManyFromAddress
    }

    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var perAddress: [String: Int] = [:]
        var connectionsPerAddress: Int?
        var isDraining = false
        var whenEmpty: [EventLoopPromise<Void>] = []
    }

    private let state: NIOLockedValueBox<State>

    /// - Parameter connectionsPerAddress: `nil`: no limit.
    init(connectionsPerAddress: Int?) {
        self.state = NIOLockedValueBox(State(connectionsPerAddress: connectionsPerAddress))
    }

    var count: Int { self.state.withLockedValue { $0.channels.count } }

    /// Whether ``drain()`` was called.
    var isDraining: Bool { self.state.withLockedValue { $0.isDraining } }

    /// Counts a channel until it is closed.
    func add(_ channel: any Channel) -> Admission {
        // Counted without a limit too, for there may be one later.
        let address = channel.remoteAddress?.ipAddress
        let admission = self.state.withLockedValue { state in
            state.channels[ObjectIdentifier(channel)] = channel
            guard let address else { return Admission.admitted }
            state.perAddress[address, default: 0] += 1
            guard let limit = state.connectionsPerAddress else { return .admitted }
            return state.perAddress[address, default: 0] <= limit ? .admitted : .tooManyFromAddress
        }
        channel.closeFuture.whenComplete { _ in self.remove(channel, address) }
        return admission
    }

    private func remove(_ channel: any Channel, _ address: String?) {
        let promises = self.state.withLockedValue { state -> [EventLoopPromise<Void>] in
            state.channels[ObjectIdentifier(channel)] = nil
            if let address {
                let count = state.perAddress[address, default: 1] - 1
                state.perAddress[address] = count == 0 ? nil : count
            }
            guard state.channels.isEmpty else { return [] }
            defer { state.whenEmpty = [] }
            return state.whenEmpty
        }
        for promise in promises { promise.succeed() }
    }

    /// From now on no handshake is completed; those under way are refused.
    func drain() {
        let channels = self.state.withLockedValue { state in
            state.isDraining = true
            return Array(state.channels.values)
        }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }

    /// Holds new connections to another limit, and tells those that are open what they go on with.
    func adopt(connectionsPerAddress: Int?, services: ConnectionServices) {
        let channels = self.state.withLockedValue { state in
            state.connectionsPerAddress = connectionsPerAddress
            return Array(state.channels.values)
        }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(services) }
    }

    /// Closes every socket at once, whatever is under way on it.
    func closeAll() {
        for channel in self.state.withLockedValue({ Array($0.channels.values) }) { channel.close(promise: nil) }
    }

    /// Returns when no socket is open or the deadline has passed, whichever comes first.
    func waitUntilEmpty(deadline: NIODeadline, eventLoop: any EventLoop) async {
        let promise = eventLoop.makePromise(of: Void.self)
        let timeout = eventLoop.scheduleTask(deadline: deadline) { promise.succeed() }
        let isEmpty = self.state.withLockedValue { state in
            if !state.channels.isEmpty { state.whenEmpty.append(promise) }
            return state.channels.isEmpty
        }
        if isEmpty { promise.succeed() }
        try? await promise.futureResult.get()
        timeout.cancel()
    }
}
