import NIOCore

/// Messages that are sent when they are due.
extension BenchRun {
    private static let scheduleInterval = Duration.milliseconds(1)

    func beginSchedule(_ rate: Double) {
        let senders = self.clients.filter(\.client.isSender)
        for (turn, handler) in senders.enumerated() { handler.takeTurn(turn) }
        self.schedule = SendingSchedule(rate: rate, senders: senders.count, start: self.now())
        self.sendDue(senders.indices.map { senders[$0].index })
    }

    /// Has all that is due sent, as far as connections take it, and comes back soon.
    /// - Parameter senders: Where the senders stand among the clients, in their turns.
    private func sendDue(_ senders: [Int]) {
        guard self.isSending else { return }
        let now = self.now()
        var due: Set<Int> = []
        while let turn = self.schedule!.next(at: now) {
            self.clients[senders[turn]].noteDue()
            due.insert(senders[turn])
        }
        for index in due { self.clients[index].sendDue() }
        self.after(Self.scheduleInterval) { $0.sendDue(senders) }
    }

    /// From now on slow clients read slowly.
    func beginSlowReading() {
        guard self.plan.slowClients > 0 else { return }
        for handler in self.clients where handler.client.pace != .full { handler.readNothing() }
        self.readSlowly()
    }

    private func readSlowly() {
        self.after(SlowReading.interval) { run in
            guard run.isSending else { return }
            for handler in run.clients where handler.client.pace == .slow { handler.readOnce() }
            run.readSlowly()
        }
    }
}
