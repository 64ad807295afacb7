/// Waits until files that are being saved are at rest.
///
/// A save is more than one change: an editor writes a second file, renames the first, and renames the second in its
/// place. Where the system tells of changes, files are at rest when it has told nothing for a while; where they are
/// only looked at, when two looks show the same. A value; the time is told to it.
struct SettlingChanges {
    typealias Instant = ContinuousClock.Instant

    enum Action: Equatable {
        case none
        /// Look at the files at this time, and no other that was asked for.
        case look(at: Instant)
        /// They are at rest.
        case tell(SavedFiles)
    }

    private enum State {
        case idle
        /// - Parameters:
        ///   - isTold: Whether the system told of it, which it does only behind a whole write.
        case settling(found: FileChanges, since: Instant, until: Instant, isTold: Bool)
    }

    private let quiet: Duration
    private let most: Duration
    private var state = State.idle

    /// - Parameters:
    ///   - quiet: How long nothing may change before files are at rest.
    ///   - most: How long they may go on changing before they are looked at all the same.
    init(quiet: Duration = .milliseconds(100), most: Duration = .milliseconds(300)) {
        self.quiet = quiet
        self.most = most
    }

    /// The system told of a change.
    mutating func told(at now: Instant) -> Action {
        var (found, since) = (FileChanges(), now)
        if case .settling(let changes, let first, _, _) = self.state { (found, since) = (changes, first) }
        let until = min(now + self.quiet, since + self.most)
        self.state = .settling(found: found, since: since, until: until, isTold: true)
        return .look(at: until)
    }

    /// The files were looked at.
    /// - Parameter changes: What differs from the last look.
    mutating func looked(_ changes: FileChanges, at now: Instant) -> Action {
        guard case .settling(var found, let since, let until, let isTold) = self.state else {
            guard !changes.isEmpty else { return .none }
            let until = now + self.quiet
            self.state = .settling(found: changes, since: now, until: until, isTold: false)
            return .look(at: until)
        }
        found.merge(changes)
        if now < until {
            self.state = .settling(found: found, since: since, until: until, isTold: isTold)
            return .none
        }
        if isTold || changes.isEmpty || now >= since + self.most {
            self.state = .idle
            return found.isEmpty ? .none : .tell(SavedFiles(changes: found, since: since))
        }
        let next = now + self.quiet
        self.state = .settling(found: found, since: since, until: next, isTold: false)
        return .look(at: next)
    }
}
