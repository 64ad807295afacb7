import NIOCore

/// What a player does while it plays.
extension TorturePlayer {
    /// Goes on sending until the run says that it is enough.
    func play() {
        guard self.run.isRaging else { return }
        self.run.after(self.random.around(.seconds(1 / self.run.plan.messagesPerSecond))) { [weak self] in
            guard let self, self.run.isRaging else { return }
            let count = self.random.chance(0.02) ? 20 : 1
            for _ in 0..<count { self.sendSomething() }
            self.play()
        }
    }

    /// Goes on suffering until the run says that it is enough.
    func suffer() {
        guard self.run.isRaging else { return }
        self.run.after(self.random.around(self.run.plan.faultInterval)) { [weak self] in
            guard let self, self.run.isRaging else { return }
            if self.isSettled, let link = self.link, let fault = Fault.allCases.randomElement(using: &self.random) {
                self.run.tally.faults[fault, default: 0] += 1
                self.suffer(fault, on: link)
            }
            self.suffer()
        }
    }

    /// What everybody does at the end: says something, and is somewhere.
    func sayFarewell() {
        guard self.phase == .playing else { return }
        self.send(self.session.note(padding: 0))
        self.send(self.session.tell(padding: 10))
        for key in self.session.ownKeys + [PlayerSession.sharedKey] {
            for _ in 0..<3 { self.send(self.session.move(key)) }
        }
    }

    /// Loses the connection, and comes back later.
    func beReset(for delay: Duration) {
        self.link?.reset()
        self.lose(for: delay)
    }

    private func sendSomething() {
        // While two connections live, the player knows of one only, and sends there.
        guard self.phase == .playing || self.older != nil && self.session.secret != nil else { return }
        let padding = self.random.chance(0.02) ? 4_000 : Int.random(in: 0...200, using: &self.random)
        switch Int.random(in: 0..<100, using: &self.random) {
        case 0..<30: self.send(self.session.note(padding: padding))
        case 30..<60: self.send(self.session.tell(padding: padding))
        case 60..<90:
            let keys = self.session.ownKeys + [PlayerSession.sharedKey]
            self.send(self.session.move(keys.randomElement(using: &self.random) ?? keys[0]))
        case 90..<96: self.send(self.session.blunder(Int.random(in: 0..<3, using: &self.random)))
        default: self.send(self.session.ping())
        }
        self.run.tally.sent += 1
    }

    private func send(_ text: [UInt8]) {
        if self.phase == .playing {
            if let older = self.older, self.echoes > 0 {
                self.echoes -= 1
                older.send(text)
            }
            self.link?.send(text)
        } else {
            self.older?.send(text)
        }
    }

    private func suffer(_ fault: Fault, on link: PlayerLink) {
        let pause = self.random.around(.milliseconds(150))
        // So that some are on their way when it happens.
        if self.random.chance(0.5) { for _ in 0..<10 { self.sendSomething() } }
        switch fault {
        case .goAway:
            link.close(1001)
            self.lose(for: pause)
        case .end:
            link.close(1000)
            self.endSession()
            self.lose(for: pause)
        case .leave:
            self.phase = .leaving
            link.send(Array(#"{"type":"leave"}"#.utf8))
        case .drop:
            link.drop()
            self.lose(for: pause)
        case .reset: self.beReset(for: self.random.chance(0.5) ? .zero : pause)
        case .tear:
            link.tear(self.session.note(padding: 20))
            self.lose(for: pause)
        case .stall:
            link.setReading(false)
            self.run.after(self.random.around(.milliseconds(1_500))) { link.setReading(true) }
        case .abandon: self.openAnother(readingTheFirst: false)
        case .second: self.openAnother(readingTheFirst: true)
        }
    }
}
