import NIOCore

/// What befalls the relay.
extension TortureRun {
    /// Longer than its `drain`, for a machine that has much else to do.
    static let stopLimit = Duration.seconds(8)

    /// Ends the relay some time after its start, and so on.
    func tortureRelay() {
        // Now and then it has hardly started.
        let life =
            self.random.chance(0.15)
            ? self.random.around(.milliseconds(150)) : self.random.around(self.plan.relayInterval)
        let start = self.relay.starts
        self.after(life) { [weak self] in
            guard let self, self.isRaging, self.relay.isRunning, self.relay.starts == start else { return }
            switch Int.random(in: 0..<10, using: &self.random) {
            case 0..<5: self.relay.kill()
            case 5..<8: self.relay.stop(within: Self.stopLimit)
            default:
                self.relay.pause(for: self.random.around(.milliseconds(500)))
                self.tortureRelay()
            }
        }
    }

    func relayEnded(_ ending: RelayProcess.Ending) {
        if case .wrong(let words) = ending {
            // One that ends by itself does so again.
            guard self.isOver || words.hasPrefix("told") else {
                return self.fail("The relay has a fault: \(words). It said:\n\(self.relay.lastWords())")
            }
            self.check.findings.note(.relay, "\(words); it said:\n\(self.relay.lastWords())")
        }
        guard !self.isOver else { return self.complete() }
        let pause = self.random.chance(0.5) ? Duration.zero : self.random.around(.milliseconds(500))
        self.after(pause) { [weak self] in
            guard let self, !self.isOver, !self.relay.isRunning else { return }
            do {
                try self.relay.start()
            } catch {
                return self.fail("the relay cannot be started again: \(error)")
            }
            if self.isRaging { self.tortureRelay() }
        }
    }
}
