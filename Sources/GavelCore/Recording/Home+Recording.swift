/// Rooms whose rules are recorded.
extension Home {
    /// - Returns: `nil`: such a room is not recorded.
    func makeRecorder(_ key: RoomKey, _ limits: RecordingLimits?) -> RoomRecorder? {
        guard let limits, let store = self.environment.recordings else { return nil }
        let environment = self.environment
        return RoomRecorder(key, limits, store: store, tell: environment.tell) { environment.nextSegment() }
    }

    /// Begins a recording of a room whose policy asks for one by now, or ends it.
    mutating func followRecording(_ place: Int) {
        let limits = self.rooms[place].policy.recording
        guard limits != self.rooms[place].recorder?.limits, !self.rooms[place].isOpening, !self.rooms[place].isOver
        else { return }
        self.rooms[place].recorder?.flush()
        self.rooms[place].recorder = self.makeRecorder(self.rooms[place].key, limits)
        self.setObservers(of: place)
        guard let recorder = self.rooms[place].recorder else { return }
        recorder.began(self.rooms[place].beginning(.observed, context: self.moment.context))
        // All that the room keeps was copied.
        self.moment.now = self.environment.clock.monotonic()
    }

    /// At the end of a tick: begins a segment where one is due.
    mutating func continueRecording(_ place: Int) {
        let context = self.moment.context
        guard let recorder = self.rooms[place].recorder, recorder.needsBase(at: context),
            !self.rooms[place].isOpening, self.rooms[place].closeReason == nil
        else { return }
        recorder.began(self.rooms[place].beginning(.continued, context: context))
    }

    /// Gives to the store what was written down.
    func flushRecorders() {
        guard self.environment.recordings != nil else { return }
        for place in self.places.values { self.rooms[place].recorder?.flush() }
    }
}

extension RelayHub {
    /// Gives all that was written down to the store; when it returns, the store has it.
    package func flushRecordings() async {
        for host in self.hosts {
            _ = await host.perform { loop in loop.administer { home, _ in home.flushRecorders() } }
        }
    }
}
