import Foundation
import NIOCore
import NIOPosix

/// What happens, one after the other.
extension ReturnsRun {
    private static let pollInterval = Duration.milliseconds(20)
    /// How long the relay has for anything but the returns.
    private static let patience = Duration.seconds(120)

    /// Begins; the future has the report when all is over.
    func start() -> EventLoopFuture<ReturnsReport> {
        self.clients = (0..<self.plan.clients).map {
            ReturningClient(number: $0, room: self.plan.room(of: $0), run: self)
        }
        self.relay.onEnd = { [weak self] ending in self?.relayEnded(ending) }
        self.startRelay { run in
            for _ in 0..<min(ReturnsPlan.pace, run.plan.clients) { run.connectNext() }
            run.wait(for: "all to join", until: { $0.present == $0.plan.clients }) { run in
                run.report.entry = run.elapsed
                run.talk()
            }
        }
        return self.done.futureResult
    }

    /// - Parameter next: Called as soon as the relay takes connections.
    private func startRelay(_ next: @escaping (ReturnsRun) -> Void) {
        do {
            try self.relay.start()
        } catch {
            return self.fail("\(self.plan.program.path) cannot be started: \(error)")
        }
        self.since = .now()
        self.probe(next)
    }

    private func probe(_ next: @escaping (ReturnsRun) -> Void) {
        ClientBootstrap(group: self.eventLoop)
            .connect(host: "127.0.0.1", port: self.folder.port)
            .assumeIsolated()
            .whenComplete { [weak self] result in
                guard let self, self.stage != .over else { return }
                if case .success(let channel) = result {
                    channel.close(promise: nil)
                    self.report.start = self.elapsed
                    self.since = .now()
                    return next(self)
                }
                guard self.elapsed < Self.patience else { return self.fail("The relay does not listen.") }
                self.after(.milliseconds(1)) { [weak self] in
                    guard let self, self.stage != .over else { return }
                    self.probe(next)
                }
            }
    }

    func connectNext() {
        guard self.begun < self.clients.count else { return }
        self.begun += 1
        self.clients[self.begun - 1].connect()
    }

    /// Gives the rooms something to number, and those who are away something to miss.
    private func talk() {
        self.stage = .talking
        self.say(ReturnsPlan.messages.all)
        self.wait(for: "all to have everything", until: \.isQuiet) { run in
            for client in run.clients where run.plan.isAway(client.number) {
                client.drop()
                run.present -= 1
            }
            run.say(ReturnsPlan.messages.few)
            run.wait(for: "those who are there to have everything", until: \.isQuiet) { $0.restart() }
        }
    }

    private func say(_ count: Int) {
        for client in self.clients where self.plan.isSender(client.number) {
            for _ in 0..<count { client.say() }
        }
    }

    private func restart() {
        self.stage = .ending
        self.say(ReturnsPlan.messages.last)
        self.since = .now()
        if self.plan.kills { self.relay.kill() } else { self.relay.stop(within: Self.patience) }
    }

    private func relayEnded(_ ending: RelayProcess.Ending) {
        if case .wrong(let words) = ending {
            self.report.failure = "The relay has a fault: \(words). It said:\n\(self.relay.lastWords())"
            return self.stage == .over ? self.complete() : self.finish()
        }
        guard self.stage != .over else { return self.complete() }
        self.report.stop = self.elapsed
        self.report.logBytes = self.folder.bytes(of: RelayFolder.returnsLog)
        for client in self.clients { client.drop() }
        self.present = 0
        self.startRelay { $0.comeBack() }
    }

    private func comeBack() {
        self.stage = .returning
        self.processorTime = ProcessUsage.processorTime()
        for client in self.clients { client.connect() }
        self.after(ReturnsPlan.limit) { [weak self] in
            guard let self, self.stage == .returning, self.report.returnTime == nil else { return }
            self.fail("Not all could come back within \(Text.seconds(ReturnsPlan.limit)).")
        }
    }

    /// The last has joined; what they missed follows.
    func allReturned() {
        guard self.report.returnTime == nil else { return }
        self.report.returnTime = self.elapsed
        self.report.processorTime = ProcessUsage.processorTime() - self.processorTime
        self.wait(for: "all to have what they missed", until: \.isQuiet) { run in
            run.report.quiet = run.elapsed
            run.check.finish(lives: run.clients.flatMap(\.lives), latest: [:], members: [:])
            run.finish()
        }
    }

    private func wait(
        for what: String,
        until holds: @escaping (ReturnsRun) -> Bool,
        atMost limit: Duration = ReturnsRun.patience,
        then next: @escaping (ReturnsRun) -> Void
    ) {
        guard self.stage != .over else { return }
        if holds(self) { return next(self) }
        guard limit > .zero else { return self.fail("It took too long for \(what).") }
        self.after(Self.pollInterval) { [weak self] in
            self?.wait(for: what, until: holds, atMost: limit - Self.pollInterval, then: next)
        }
    }

    /// Whether all who are there have all that was sent.
    private var isQuiet: Bool {
        var last: [Int: (epoch: String, number: UInt64)] = [:]
        for client in self.clients where client.isPresent {
            guard let view = self.check.views[client.number] else { return false }
            let seen = self.check.rooms[client.room]?.highest[client.session.series] ?? 0
            guard seen == client.session.said else { return false }
            let first = last[client.room] ?? (view.epoch, view.last)
            guard first == (view.epoch, view.last) else { return false }
            last[client.room] = first
        }
        return true
    }

    func finish() {
        self.stage = .over
        for client in self.clients { client.drop() }
        guard self.relay.isRunning else { return self.complete() }
        if self.report.failure == nil { self.relay.stop(within: Self.patience) } else { self.relay.kill() }
    }

    private func complete() {
        self.report.opens = self.opens.percentiles
        self.report.returns = self.returns.percentiles
        self.report.returned = Int(self.returns.count)
        self.report.findings = self.check.findings
        self.report.complaints = self.relay.complaints()
        self.done.succeed(self.report)
        // They refer to the run, as it does to them.
        self.clients.removeAll()
    }
}
