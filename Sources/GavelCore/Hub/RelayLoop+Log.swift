internal import DequeModule

/// What the rooms of a loop have with the log.
extension RelayLoop {
    /// Between the loop and the log.
    struct LogQueue {
        /// What the log was given and has not answered, in order.
        var appends = Deque<Home.Append>()
        /// The last that it has answered.
        var answered: UInt64 = 0
        /// What rooms said that is to wait for a commit, in order.
        var held = Deque<Home.Outgoing>()
        /// Rooms that it was asked for and has not answered.
        var openings = 0
        /// Called when all is answered.
        var whenIdle: (@Sendable () -> Void)?
    }

    /// Gives the log what the tick has for it, then asks it for rooms.
    func tellLog() {
        guard let log = self.environment.log else { return }
        self.giveUp(self.home.takeUnsound())
        // Keeping it alive is the caller's: the answer comes before the loop ends, or is of no use.
        let host = self.host
        if let append = self.home.takeAppend() {
            self.logQueue.appends.append(append)
            let serial = append.serial
            log.append(append.entries) { failures in
                host.execute { $0.logAnswered(serial, failures) }
            }
        }
        for opening in self.home.takeOpenings() {
            self.logQueue.openings += 1
            log.open(opening.key, life: opening.life, history: opening.history) { result in
                host.execute { $0.logOpened(opening, result) }
            }
        }
    }

    private func logOpened(_ opening: Home.Opening, _ result: Result<StoredRoom?, MessageLogError>) {
        self.noteActivity()
        self.logQueue.openings -= 1
        self.home.opened(opening, result, at: self.moment)
        if self.home.isAsleep {
            self.home.sleep()
            self.tellLog()
        }
        self.noteIdle()
    }

    private func noteIdle() {
        if self.logQueue.appends.isEmpty, self.logQueue.openings == 0 { self.logQueue.whenIdle.take()?() }
    }

    private func logAnswered(_ serial: UInt64, _ failures: [UInt64: MessageLogError]) {
        self.noteActivity()
        guard let index = self.logQueue.appends.firstIndex(where: { $0.serial == serial }) else { return }
        // A log that was closed refuses at once what comes then.
        if index == 0 { self.logQueue.answered = serial }
        let append = self.logQueue.appends.remove(at: index)
        let failed = self.home.answered(append, failures)
        self.giveUp(failed.map { Home.Abandoned(place: $0.place, life: $0.life, addresses: []) })
        self.noteIdle()
    }

    /// Drops what rooms said that is not committed, and closes everybody who waits for it.
    private func giveUp(_ rooms: [Home.Abandoned]) {
        guard !rooms.isEmpty else { return }
        var addresses: [UInt64: [MemberAddress]] = [:]
        for room in rooms { addresses[room.life] = room.addresses }
        self.logQueue.held.removeAll { outgoing in
            guard addresses[outgoing.life] != nil else { return false }
            addresses[outgoing.life]! += outgoing.tick.patches.patches.map(\.address)
            return true
        }
        for room in rooms where self.home.rooms[room.place].logging.life == room.life {
            var outgoing = self.home.giveUp(room.place, closing: addresses[room.life] ?? [])
            self.distribute(&outgoing)
        }
        self.noteActivity()
    }

    /// Sends what a tick brought, but for what is to wait for a commit.
    func send(_ outgoing: inout ContiguousArray<Home.Outgoing>) {
        for index in outgoing.indices {
            if self.mustWait(outgoing[index]) {
                self.hold(outgoing[index])
            } else {
                self.distribute(&outgoing[index])
                self.signals.append(contentsOf: outgoing[index].signals)
            }
        }
    }

    private func mustWait(_ outgoing: Home.Outgoing) -> Bool {
        guard outgoing.append > 0, let place = outgoing.place else { return false }
        return outgoing.append > self.logQueue.answered || self.home.isHeld(place)
    }

    private func hold(_ outgoing: Home.Outgoing) {
        var outgoing = outgoing
        outgoing.append = max(outgoing.append, self.logQueue.held.last?.append ?? 0)
        self.logQueue.held.append(outgoing)
        if var notice = self.home.noteHeld(outgoing) { self.distribute(&notice) }
    }

    /// Sends what waited for what the log has committed since.
    func sendCommitted() {
        while let first = self.logQueue.held.first, first.append <= self.logQueue.answered {
            var outgoing = self.logQueue.held.removeFirst()
            self.home.noteReleased(&outgoing)
            self.distribute(&outgoing)
            self.signals.append(contentsOf: outgoing.signals)
        }
    }

    // MARK: The end

    /// Takes no join any more.
    package func beginDrain() {
        self.isDraining = true
    }

    /// Ends all rooms for now, as far as a log keeps them: what comes from here on is not taken.
    /// - Parameter done: Called, on the loop, once what they are is committed, or could not be.
    package func sleep(then done: @escaping @Sendable () -> Void) {
        self.noteActivity()
        self.work()
        self.home.sleep()
        self.endReloads()
        self.tellLog()
        self.logQueue.whenIdle = done
        self.noteIdle()
    }

    /// Tells clients that the relay is going away, `most` of them, and has their connections closed with 1001 behind
    /// what is already on its way to them.
    /// - Returns: `false` when all have been told.
    @discardableResult
    package func sayFarewell(to most: Int = .max) -> Bool {
        self.isDraining = true
        self.noteActivity()
        self.work()
        // Of those who are told first, some are gone before the last are told.
        let everyone = self.farewells ?? self.connectionCount * self.count
        self.farewells = everyone
        var told = 0
        while self.nextFarewell < self.connections.count, told < most {
            defer { self.nextFarewell += 1 }
            guard let connection = self.connections[self.nextFarewell], connection.stage != .ended else { continue }
            told += 1
            if !connection.isEcho {
                let delay = self.environment.reconnectDelay(among: everyone)
                connection.reply { $0.writeClosing(reconnectInMilliseconds: delay) }
            }
            connection.close(.goingAway, "the relay is going away")
        }
        return self.nextFarewell < self.connections.count
    }
}
