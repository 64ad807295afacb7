internal import Dispatch
internal import GavelCore
internal import Logging

/// The one thread that writes: takes all calls that wait, commits them in one transaction, and answers.
///
/// From ``run()`` on it belongs to that thread.
final class LogWriter: @unchecked Sendable {
    let file: LogFile
    let durability: LogDurability
    let clock: RelayClock
    let logger: Logger
    private let waiting: WaitingCalls
    private let recordings: WaitingRecordings
    private let checkpoints: LogCheckpoints
    private var retention: Retention

    /// Lives that may go on.
    var lives: [UInt64: LiveRoom] = [:]
    var lifeOfKey: [RoomKey: UInt64] = [:]
    let scratch = ByteScratch()
    private var isFailing = false

    /// How long the last commit took, in milliseconds.
    private var commitMilliseconds = 0

    init(
        file: LogFile,
        configuration: StorageConfiguration,
        waiting: WaitingCalls,
        recordings: WaitingRecordings,
        checkpoints: LogCheckpoints,
        clock: RelayClock,
        logger: Logger
    ) {
        self.file = file
        self.durability = configuration.durability
        self.waiting = waiting
        self.recordings = recordings
        self.checkpoints = checkpoints
        self.clock = clock
        self.logger = logger
        self.retention = Retention(configuration)
    }

    /// Works until no call can come any more, then closes the file.
    func run() {
        while true {
            let idle = self.retention.hasWork ? DispatchTimeInterval.milliseconds(5) : .seconds(10)
            let (calls, isOpen) = self.waiting.take(linger: .milliseconds(self.lingerMilliseconds), idle: idle)
            self.file.access {
                if !calls.isEmpty {
                    let start = DispatchTime.now().uptimeNanoseconds
                    self.commit(calls)
                    self.commitMilliseconds = Int((DispatchTime.now().uptimeNanoseconds - start) / 1_000_000)
                }
                self.writeRecordings()
                if isOpen { self.keepHouse() }
            }
            if !isOpen { break }
        }
        self.checkpoints.stop()
        do throws(MessageLogError) {
            try self.file.close()
        } catch {
            self.logger.error("the log was not closed in good order", metadata: ["error": "\(error.text)"])
        }
    }

    /// How long others may join the first entry of a commit: under `relaxed` 20 ms, more where commits are long, so that
    /// they are fewer, but for the promise of 50 ms.
    private var lingerMilliseconds: Int {
        guard self.durability == .relaxed else { return 0 }
        return min(max(20, self.commitMilliseconds * 10), max(20, 50 - self.commitMilliseconds * 2))
    }

    /// Takes calls into a transaction, commits it and answers them.
    private func commit(_ calls: [WaitingCalls.Call]) {
        let hasOpen = calls.contains { if case .open = $0 { true } else { false } }
        var transaction = LogTransaction(now: self.clock.wallMilliseconds())
        do throws(MessageLogError) {
            try self.file.begin(synced: self.durability == .strict || hasOpen)
            for call in calls {
                switch call {
                case .open(let key, let life, let history, _):
                    try self.open(key, life: life, history: history, in: &transaction)
                case .append(let entries, _):
                    try self.append(entries, in: &transaction)
                }
            }
            for room in transaction.dirty where room.isDirty { try self.write(room, in: &transaction) }
            try self.file.commit()
        } catch {
            self.file.rollBack()
            self.noteFailure(error)
            self.fail(calls, transaction, error)
            return
        }
        if self.isFailing {
            self.isFailing = false
            self.logger.notice("the log can be written again")
        }
        self.retention.note(transaction)
        transaction.answer(calls)
    }

    /// All that was in the transaction is lost, and with it the lives of its rooms.
    private func fail(_ calls: [WaitingCalls.Call], _ transaction: LogTransaction, _ error: MessageLogError) {
        var refused = transaction.refused[...]
        var ended: Set<UInt64> = transaction.lives
        var outcomes: [LogTransaction.Outcome] = []
        for call in calls {
            switch call {
            case .open(let key, let life, _, _):
                ended.insert(life)
                // The call ends the life before it even where it fails.
                if let earlier = self.lifeOfKey[key] { ended.insert(earlier) }
                outcomes.append(.opened(.failure(error)))
            case .append(let entries, _):
                // Those refused already hear why; where the transaction did not come so far, the error is everyone's.
                var failed = refused.popFirst() ?? [:]
                for entry in entries where failed[entry.life] == nil {
                    let isKnown = transaction.lives.contains(entry.life) || self.lives[entry.life] != nil
                    failed[entry.life] = isKnown || ended.contains(entry.life) ? error : LogTransaction.stale
                    ended.insert(entry.life)
                }
                outcomes.append(.appended(failed))
            }
        }
        for life in ended { self.endLife(life) }
        LogTransaction.answer(calls, outcomes)
    }

    func endLife(_ life: UInt64) {
        guard let room = self.lives.removeValue(forKey: life) else { return }
        let key = RoomKey(bytes: room.record.key)
        if self.lifeOfKey[key] == life { self.lifeOfKey[key] = nil }
    }

    private func noteFailure(_ error: MessageLogError) {
        guard !self.isFailing else { return }
        self.isFailing = true
        self.logger.error(
            "the log cannot be written",
            metadata: ["error": "\(error.text)", "code": "\(error.code.rawValue)"]
        )
    }

    /// In a transaction of their own, so that no room waits for it or is lost with it.
    private func writeRecordings() {
        guard !self.recordings.isEmpty else { return }
        let (parts, readings) = self.recordings.take()
        if !parts.isEmpty {
            do throws(MessageLogError) {
                try self.file.begin(synced: false)
                for part in parts { try self.file.record(part) }
                try self.file.deleteOldRecordings(now: self.clock.wallMilliseconds())
                try self.file.commit()
            } catch {
                self.file.rollBack()
                self.recordings.noteDropped(parts.count)
                self.logger.debug("recordings could not be written", metadata: ["error": "\(error.text)"])
            }
        }
        for reading in readings { reading(self.file) }
    }

    /// What need not be in the transaction of anyone.
    private func keepHouse() {
        do throws(MessageLogError) {
            try self.retention.step(self.file, lives: self.lives, now: self.clock.wallMilliseconds())
        } catch {
            self.file.rollBack()
            self.logger.debug("nothing could be deleted from the log", metadata: ["error": "\(error.text)"])
        }
        self.checkpoints.committed(self.file)
    }
}
