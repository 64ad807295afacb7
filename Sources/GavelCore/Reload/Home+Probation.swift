internal import NIOCore

/// Rooms whose new rules are on trial.
extension Home {
    mutating func setProbation(_ probation: Probation?, of place: Int) {
        self.rooms[place].probation = probation
        if probation == nil { self.probationPlaces.remove(place) } else { self.probationPlaces.insert(place) }
    }

    /// After hooks of a room on trial: ends it, or has the room go back.
    mutating func judge(_ place: Int, isMessage: Bool) {
        guard let probation = self.rooms[place].probation, let rules = self.rooms[place].rules else { return }
        if probation.isOver(at: self.moment.now) { return self.setProbation(nil, of: place) }
        if isMessage { probation.countMessage() }
        if rules.failureCount >= probation.mostFailures {
            self.rollBack(place, probation)
        } else if probation.hasTakenAll {
            self.setProbation(nil, of: place)
        }
    }

    /// Ends trials whose time is over, so that nothing is kept for them.
    mutating func endProbations(at now: NIODeadline) {
        for place in self.probationPlaces where self.rooms[place].probation?.isOver(at: now) ?? true {
            self.setProbation(nil, of: place)
        }
    }

    /// Has a room go back to the rules it had, with what it keeps; or, where those cannot go on with that, with what it
    /// kept when they were replaced.
    private mutating func rollBack(_ place: Int, _ probation: Probation) {
        self.setProbation(nil, of: place)
        // A room that its rules have closed needs none.
        guard self.rooms[place].closeReason == nil, let current = self.rooms[place].policy.rules else { return }
        var event = Rollback(
            key: self.rooms[place].key,
            from: current.version,
            to: probation.previous.version,
            failure: self.rooms[place].rules?.lastFailure,
            way: .state,
            lastID: (before: probation.lastID, now: self.rooms[place].lastID)
        )
        do {
            let copy = try self.copyRules(of: place)
            let clients = self.rooms[place].clientsOfRules
            let former = try self.makeRules(
                probation.previous,
                of: place,
                clients: clients,
                copy: copy,
                from: current.version
            )
            self.replaceRules(of: place, by: former, of: probation.previous)
        } catch {
            event.stateText = error.text
            self.returnToSnapshot(place, probation, &event)
        }
        if event.way != .none {
            self.counts.rollbacks += 1
            self.rooms[place].refusedIdentity = current.identity
            self.notePromotion(of: place, leaving: current, probation)
            self.noteBeginning(of: place, .rolledBack)
        }
        self.environment.tell(.rolledBack(event))
        self.settle(place)
    }

    /// Clients that came since have no data; those that went since leave now, as their rules hear it.
    private mutating func returnToSnapshot(_ place: Int, _ probation: Probation, _ event: inout Rollback) {
        let present = self.rooms[place].clientsOfRules
        let ids = Set(present.map(\.id))
        let gone = probation.clients.filter { !ids.contains($0.id) }
        do {
            let former = try self.makeRules(
                probation.previous,
                of: place,
                clients: (present + gone).sorted { $0.id < $1.id },
                copy: probation.copy,
                from: nil
            )
            self.replaceRules(of: place, by: former, of: probation.previous)
            for client in gone { self.rooms[place].noteDeparture(of: client) }
            let known = Set(probation.clients.map(\.id))
            event.way = .snapshot
            event.newcomers = present.map(\.id).filter { !known.contains($0) }
        } catch {
            event.way = .none
            event.snapshotText = error.text
        }
    }
}
