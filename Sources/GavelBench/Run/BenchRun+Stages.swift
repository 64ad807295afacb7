import NIOCore

extension BenchRun {
    /// How long the relay has to answer the clients' goodbyes.
    private static let goodbyeLimit = Duration.milliseconds(300)
    private static let drainCheckInterval = Duration.milliseconds(5)

    /// Begins; the future has the report when all is over.
    func start() -> EventLoopFuture<BenchReport> {
        self.eventLoop.preconditionInEventLoop()
        let done = self.eventLoop.makePromise(of: BenchReport.self)
        self.done = done
        self.after(self.plan.joinLimit) { run in
            guard run.stage == .joining else { return }
            run.report.noteFailure("not all clients had joined after \(run.plan.joinLimit)")
            run.finish()
        }
        self.connectFirst()
        self.tellProgress()
        return done.futureResult
    }

    func beginTraffic() {
        self.report.joinTime = .nanoseconds(Int64(self.now()))
        self.stage = .warmUp
        self.stageBegan = self.now()
        self.beginSlowReading()
        self.beginDrops()
        if let rate = self.plan.rate {
            self.beginSchedule(rate)
        } else {
            for handler in self.clients where handler.client.isSender { handler.send(self.plan.window) }
        }
        self.after(self.plan.warmUp) { $0.beginMeasurement() }
    }

    private func beginMeasurement() {
        guard self.stage == .warmUp else { return }
        self.stage = .measuring
        self.stageBegan = self.now()
        self.processorTime = ProcessUsage.processorTime()
        self.tally.isMeasuring = true
        self.slowTally.isMeasuring = true
        if self.plan.rate != nil {
            let duration = UInt64(self.plan.duration / .nanoseconds(1))
            let end = self.measuring == nil ? self.stageBegan + duration : .max
            self.tally.window = self.stageBegan..<end
            self.slowTally.window = self.tally.window
        }
        if let measuring {
            self.measuring = nil
            measuring.succeed(true)
        } else {
            self.after(self.plan.duration) { $0.endMeasurement() }
        }
    }

    func endMeasurement() {
        guard self.stage == .measuring else { return }
        self.takeMeasurement()
        self.stage = .draining
        self.stageBegan = self.now()
        for handler in self.clients where handler.client.pace != .full { handler.readAll() }
        self.drain()
    }

    private func takeMeasurement() {
        self.tally.isMeasuring = false
        self.slowTally.isMeasuring = false
        self.report.measured = .nanoseconds(Int64(self.now() - self.stageBegan))
        self.report.processorTime = ProcessUsage.processorTime() - self.processorTime
    }

    /// Waits until every message has reached every client, or the drain's time is over.
    private func drain() {
        guard self.stage == .draining else { return }
        let elapsed = Duration.nanoseconds(Int64(self.now() - self.stageBegan))
        guard elapsed < self.plan.drain, !self.isSettled else { return self.finish() }
        self.after(Self.drainCheckInterval) { $0.drain() }
    }

    private var isSettled: Bool {
        guard self.away == 0 else { return false }
        let last = self.lastNumbers()
        return self.clients.enumerated().allSatisfy { index, handler in
            let order = handler.client.order
            let isUpToDate = order.missing == 0 && order.lastNumber == last[index / self.plan.clientsPerRoom]
            return !handler.isLive || (isUpToDate && handler.client.due == 0)
        }
    }

    /// The last number that any client of each room has seen.
    private func lastNumbers() -> [UInt64] {
        var last = [UInt64](repeating: 0, count: self.plan.rooms)
        for (index, handler) in self.clients.enumerated() where handler.client.phase == .playing {
            let room = index / self.plan.clientsPerRoom
            last[room] = max(last[room], handler.client.order.lastNumber)
        }
        return last
    }

    /// Counts what never came, says goodbye, and gives the report when the connections have ended.
    func finish() {
        guard self.stage != .over else { return }
        if self.stage == .measuring {
            self.takeMeasurement()
        }
        if self.stage == .draining {
            self.countLosses()
        }
        self.stage = .over
        self.report.take(self.tally, startedAt: self.startedAt)
        self.report.takeSlow(self.slowTally)
        for handler in self.clients { handler.sayGoodbye() }
        self.after(Self.goodbyeLimit) { run in
            for handler in run.clients { handler.disconnect() }
            run.complete()
        }
        self.completeWhenEnded()
    }

    private func countLosses() {
        if self.away > 0 {
            self.tally.violations.note(.resume, count: UInt64(self.away)) {
                "\(self.away) clients were not back after a drain of \(Text.seconds(self.plan.drain))"
            }
        }
        self.report.unsent = self.clients.reduce(0) { $0 + UInt64($1.client.due) }
        let last = self.lastNumbers()
        for (index, handler) in self.clients.enumerated() where handler.isLive {
            let client = handler.client
            client.noteSilence(at: self.now(), into: &self.tally)
            let roomLast = last[index / self.plan.clientsPerRoom]
            if client.order.missing > 0 {
                self.tally.violations.note(.lost, count: client.order.missing) {
                    "client \(client.id) of room \(client.room): the last \(client.order.missing) of its "
                        + "\(client.order.sent) messages had not come back after a drain of \(Text.seconds(self.plan.drain))"
                }
            }
            if client.order.lastNumber < roomLast {
                self.tally.violations.note(.behind) {
                    "client \(client.id) of room \(client.room): its last number was \(client.order.lastNumber), "
                        + "another client's \(roomLast)"
                }
            }
        }
    }
}
