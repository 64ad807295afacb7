internal import NIOCore

/// The connections of a control socket. Confined to its event loop.
final class ControlClients {
    private let most: Int
    private var open: [ObjectIdentifier: ControlConnection] = [:]
    private var whenEmpty: EventLoopPromise<Void>?

    /// - Parameter most: At a time.
    init(most: Int) {
        self.most = most
    }

    /// - Returns: `false` where there are as many as may be.
    func add(_ connection: ControlConnection) -> Bool {
        guard self.open.count < self.most, self.whenEmpty == nil else { return false }
        self.open[ObjectIdentifier(connection)] = connection
        return true
    }

    func remove(_ connection: ControlConnection) {
        self.open[ObjectIdentifier(connection)] = nil
        if self.open.isEmpty { self.whenEmpty?.succeed() }
    }

    /// Has all of them end, `drain` at most after this.
    func stop(within drain: TimeAmount, on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        self.whenEmpty = promise
        for connection in self.open.values { connection.stop() }
        if self.open.isEmpty { promise.succeed() }
        let clients = NIOLoopBound(self, eventLoop: eventLoop)
        let timer = eventLoop.scheduleTask(in: drain) {
            for connection in clients.value.open.values { connection.close() }
        }
        promise.futureResult.whenComplete { _ in timer.cancel() }
        return promise.futureResult
    }
}

@available(*, unavailable) extension ControlClients: Sendable {}
