internal import Dispatch
internal import GavelConfig
internal import Logging

/// Tells of saves in the scripts folder, and of the configuration file.
///
/// What was saved is found by looking at the files, each second by default, which works on every file system and
/// through links; events of the system only say when to look sooner. Its state is touched only on its queue.
final class FileWatch: @unchecked Sendable {
    /// Saves, in their order; ends with ``stop()``.
    let saves: AsyncStream<SavedFiles>

    private let queue = DispatchQueue(label: "gavel.files")
    private let files: WatchedFiles
    private let logger: Logger
    private let makeEvents: EventsFactory
    private let continuation: AsyncStream<SavedFiles>.Continuation
    private var lastScan: FolderScan
    /// What was seen when a save was told last.
    private var toldScan: FolderScan
    private var settling = SettlingChanges()
    private var settings = ReloadConfiguration()
    private var events: FolderEvents?
    private var polls: (any DispatchSourceTimer)?
    private var isStarted = false
    /// Whether the last look showed nothing, for the system refused it.
    private var isBlind = false
    private var nextLook: DispatchWorkItem?

    /// Begins to hear the system, which calls on the queue.
    typealias EventsFactory =
        @Sendable (DispatchQueue, @escaping @Sendable () -> Void) throws(SystemError) -> FolderEvents

    /// Takes a first look, against which saves show; what is loaded from the files is to be loaded later.
    init(
        _ files: WatchedFiles,
        logger: Logger,
        events: @escaping EventsFactory = { queue, changed throws(SystemError) in
            try FolderEvents(queue: queue, changed: changed)
        }
    ) {
        self.files = files
        self.logger = logger
        self.makeEvents = events
        // Where they cannot be seen yet, all of them are told at the first look at which they can.
        self.lastScan = (try? FolderScan(files)) ?? FolderScan()
        self.toldScan = self.lastScan
        (self.saves, self.continuation) = AsyncStream.makeStream()
    }

    /// Begins to watch, or goes on in another way; what was saved between is told.
    func watch(as settings: ReloadConfiguration) {
        self.queue.async {
            guard !self.isStarted || settings != self.settings else { return }
            (self.settings, self.isStarted) = (settings, true)
            self.polls?.cancel()
            self.polls = nil
            if settings.watch != .events { self.events = nil }
            guard settings.watch != .off else {
                self.nextLook?.cancel()
                self.nextLook = nil
                return
            }
            if settings.watch == .events, self.events == nil { self.openEvents() }
            self.poll(every: settings.poll)
            self.look()
        }
    }

    /// Tells nothing any more.
    func stop() {
        self.continuation.finish()
        self.queue.async {
            self.polls?.cancel()
            self.nextLook?.cancel()
            (self.polls, self.nextLook, self.events) = (nil, nil, nil)
        }
    }

    private func openEvents() {
        do throws(SystemError) {
            self.events = try self.makeEvents(self.queue) { [weak self] in
                guard let self else { return }
                self.act(on: self.settling.told(at: .now))
            }
        } catch {
            self.goOnWithoutEvents(error)
        }
    }

    private func goOnWithoutEvents(_ error: SystemError) {
        self.events = nil
        self.logger.warning(
            "the system does not tell of changed files; they are looked at instead",
            metadata: ["error": "\(error)", "every": "\(self.settings.poll)"]
        )
    }

    private func poll(every interval: Duration) {
        let (seconds, attoseconds) = interval.components
        let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
        let timer = DispatchSource.makeTimerSource(queue: self.queue)
        timer.schedule(
            deadline: .now() + .nanoseconds(nanoseconds),
            repeating: .nanoseconds(nanoseconds),
            leeway: .nanoseconds(nanoseconds / 10)
        )
        timer.setEventHandler { [weak self] in self?.look() }
        timer.activate()
        self.polls = timer
    }

    private func look() {
        guard let scan = self.scan() else { return }
        let changes = scan.changes(since: self.lastScan)
        self.lastScan = scan
        self.act(on: self.settling.looked(changes, at: .now))
    }

    /// - Returns: `nil` where the files cannot be seen for now, which is told once; the next look may.
    private func scan() -> FolderScan? {
        do throws(SystemError) {
            var scan = try FolderScan(self.files)
            // What was put into a folder before it was watched shows at another look.
            if self.watches(scan.folders) { scan = try FolderScan(self.files) }
            self.isBlind = false
            return scan
        } catch {
            if !self.isBlind {
                self.logger.warning("the files cannot be looked at for now", metadata: ["error": "\(error)"])
            }
            self.isBlind = true
            return nil
        }
    }

    /// Has the system tell of folders.
    /// - Returns: Whether there was one of which it did not.
    private func watches(_ folders: [FolderScan.FolderID: String]) -> Bool {
        do throws(SystemError) {
            return try self.events?.watch(folders) ?? false
        } catch {
            self.goOnWithoutEvents(error)
            return false
        }
    }

    /// A file that came and went meanwhile was only a means to save another.
    private func tell(_ saved: SavedFiles) {
        var saved = saved
        saved.changes.scripts = saved.changes.scripts.filter { name in
            self.lastScan.scripts[name] != nil || self.toldScan.scripts[name] != nil
        }
        self.toldScan = self.lastScan
        if !saved.changes.isEmpty { self.continuation.yield(saved) }
    }

    private func act(on action: SettlingChanges.Action) {
        switch action {
        case .none:
            break
        case .tell(let saved):
            self.tell(saved)
        case .look(let instant):
            self.nextLook?.cancel()
            let look = DispatchWorkItem { [weak self] in self?.look() }
            self.nextLook = look
            let delay = max(.zero, ContinuousClock.now.duration(to: instant))
            self.queue.asyncAfter(deadline: .now() + .nanoseconds(Int(delay / .nanoseconds(1))), execute: look)
        }
    }
}
