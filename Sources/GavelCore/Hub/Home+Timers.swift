internal import HeapModule
internal import NIOCore

extension Home {
    struct TimerEntry: Comparable {
        var at: Int64
        var place: Int

        static func < (a: Self, b: Self) -> Bool { (a.at, a.place) < (b.at, b.place) }
    }

    /// The rules of a room may have set its next timer anew.
    mutating func noteTimer(of place: Int) {
        let isClosing = self.rooms[place].closeReason != nil
        let next = isClosing ? .max : self.rooms[place].rules?.nextTimer ?? .max
        guard next != self.rooms[place].timerAt else { return }
        self.rooms[place].timerAt = next
        self.arm(place)
    }

    /// Has the room's timer looked after in time. A timer that is set later again and again costs one entry.
    private mutating func arm(_ place: Int) {
        let at = self.rooms[place].timerAt
        guard at < self.rooms[place].armedAt else { return }
        self.rooms[place].armedAt = at
        self.timers.insert(TimerEntry(at: at, place: place))
    }

    /// Runs the timers of a room that are due, as far as its share goes.
    mutating func runTimers(of place: Int) {
        while self.rooms[place].timerAt <= self.moment.context.uptimeMilliseconds, self.mayRun(place) {
            self.markDirty(place)
            self.rooms[place].timerAt = .max
            self.rooms[place].runTimer(context: self.moment.context)
            self.settle(place, .timer)
        }
    }

    /// Runs the timers that are due.
    mutating func runTimers(at moment: Moment) {
        guard let first = self.timers.min, first.at <= moment.context.uptimeMilliseconds else { return }
        self.begin(moment)
        while let next = self.timers.min, next.at <= moment.context.uptimeMilliseconds {
            self.timers.removeMin()
            if self.rooms[next.place].armedAt == next.at { self.rooms[next.place].armedAt = .max }
            guard self.rooms[next.place].timerAt <= moment.context.uptimeMilliseconds else {
                self.arm(next.place)
                continue
            }
            if self.rooms[next.place].hasBacklog { continue }
            self.moment.now = self.environment.clock.monotonic()
            self.runTimers(of: next.place)
        }
    }

    /// When a timer is due next; `nil`: none is set, or rooms sleep, and their timers with them.
    var nextTimer: NIODeadline? {
        self.isAsleep ? nil : self.timers.min.map { NIODeadline.uptimeNanoseconds(UInt64($0.at) * 1_000_000) }
    }
}
