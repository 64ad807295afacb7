/// Rooms that somebody looks on at.
extension Home {
    /// Lets an observer look on at a room: at once where it is there, and when it begins.
    mutating func observe(_ key: RoomKey, _ observer: any RulesObserver, at moment: Moment) {
        self.observers[key, default: []].append(observer)
        guard let place = self.places[key], !self.rooms[place].isOpening, !self.rooms[place].isOver else { return }
        self.begin(moment)
        self.setObservers(of: place)
        self.markDirty(place)
        observer.began(self.rooms[place].beginning(.observed, context: self.moment.context))
    }

    mutating func unobserve(_ key: RoomKey, _ observer: any RulesObserver) {
        self.observers[key]?.removeAll { $0 === observer }
        if self.observers[key]?.isEmpty ?? false { self.observers[key] = nil }
        // One that is closing goes on being seen, to its end.
        if let place = self.places[key], !self.rooms[place].isOpening { self.setObservers(of: place) }
    }

    /// Puts the observers of a room around its rules, or takes them away.
    mutating func setObservers(of place: Int) {
        let inner = self.rooms[place].rules.map { ($0 as? ObservedRules)?.inner ?? $0 }
        let recorder = self.rooms[place].recorder
        self.rooms[place].setRules(self.observed(inner, of: self.rooms[place].key, by: recorder))
    }

    /// Rules with those around them who look on at their room; themselves where nobody does.
    func observed(_ rules: (any RoomRules)?, of key: RoomKey, by recorder: RoomRecorder?) -> (any RoomRules)? {
        var observers = self.observers.isEmpty ? [] : self.observers[key] ?? []
        if let recorder { observers.append(recorder) }
        if observers.isEmpty { return rules is PlainRules ? nil : rules }
        return ObservedRules(rules ?? PlainRules(), observers: observers, now: self.environment.clock.monotonic)
    }

    /// Tells those who look on what new rules did as they took over.
    func noteReload(_ successor: Successor, by rules: (any RoomRules)?) {
        guard let rules = rules as? ObservedRules, let from = successor.from else { return }
        var call = RulesCall(.reload, context: successor.context)
        call.nanoseconds = successor.nanoseconds
        Array(from.utf8).withUnsafeBytes {
            call.text = $0
            rules.tell(call, successor.outcome)
        }
    }

    /// Tells those who look on that a room goes on under other rules.
    mutating func noteBeginning(of place: Int, _ cause: RulesBeginning.Cause) {
        guard let rules = self.rooms[place].rules as? ObservedRules else { return }
        self.markDirty(place)
        rules.tell(self.rooms[place].beginning(cause, context: self.moment.context))
    }

    /// Tells those who look on that a life of a room is over.
    mutating func noteEnd(of place: Int) {
        guard let rules = self.rooms[place].rules as? ObservedRules else { return }
        self.rooms[place].setRules(rules.inner)
        for observer in rules.observers { observer.ended(self.rooms[place].key) }
    }
}

extension Room {
    /// All that its rules keep; `nil`: there is no memory for it, or there are no rules.
    mutating func copyRules(at context: HookContext) -> [UInt8]? {
        // What the log is to hear of changes would be forgotten by the copy.
        self.noteChangesOfRules()
        return self.rules?.copy(at: context.uptimeMilliseconds)
    }

    /// As of now.
    mutating func beginning(_ cause: RulesBeginning.Cause, context: HookContext) -> RulesBeginning {
        let context = self.complete(context)
        self.noteChangesOfRules()
        return RulesBeginning(
            cause,
            self.key,
            of: self.policy.rules,
            self.rules ?? PlainRules(),
            clients: self.clientsOfRules,
            context: context
        )
    }
}
