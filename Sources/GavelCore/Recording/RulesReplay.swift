/// Runs a recording through rules, and finds in what they differ from those that were recorded.
package struct RulesReplay {
    /// In what they differ, and where.
    package struct Finding: Sendable {
        /// Of the recording, counted from 0.
        package var segment: Int
        /// Of the segment, counted from 0; `nil`: it is about its beginning.
        package var input: Int?
        package var wallMilliseconds: Int64
        /// The number of the message; of another call the last that was given before.
        package var messageID: MessageID
        /// What was asked, for people.
        package var question: String
        package var difference: RulesDifference
    }

    package struct Report: Sendable {
        package var segments = 0
        package var inputs = 0
        /// Inputs that did not concern the rules: clients that they had not let in, timers that they had not set.
        package var passedOver = 0
        /// Inputs that the recorded rules did not hear, as they were switched off.
        package var unheard = 0
        /// The first ``most``.
        package var findings: [Finding] = []
        /// Of all kinds, also beyond those.
        package var counts: [RulesDifference.Kind: Int] = [:]
        /// Segments that the rules could not go on from, and why.
        package var refusals: [(segment: Int, text: String)] = []
        /// Segments of which a part was not kept.
        package var cut = 0

        package static let most = 1000

        package var isSame: Bool { self.counts.isEmpty && self.refusals.isEmpty }
    }

    private let provider: any RulesProvider
    private let patient: any RulesProvider
    private let before: (any RulesProvider)?
    package private(set) var report = Report()

    /// - Parameters:
    ///   - provider: Of the rules to be tried.
    ///   - patient: The same with time enough for each hook, for segments of their own version: where those were stopped
    ///     the recording says, and this machine may be slower. `nil`: they have it.
    ///   - before: Of the rules that were recorded, where they are at hand: then the state is compared after each call and
    ///     shown, else only as often as the recording says what it was.
    package init(
        _ provider: any RulesProvider,
        patient: (any RulesProvider)? = nil,
        before: (any RulesProvider)? = nil
    ) {
        self.provider = provider
        self.patient = patient ?? provider
        self.before = before
    }

    /// - Throws: ``RecordingError`` where the rules before are not those of the recording.
    package mutating func run(_ recording: Recording) throws(RecordingError) {
        for (index, segment) in recording.segments.enumerated() { try self.run(segment, index) }
    }

    private mutating func run(_ segment: Recording.Segment, _ index: Int) throws(RecordingError) {
        self.report.segments += 1
        if segment.isCut { self.report.cut += 1 }
        var walk = Walk(index, due: nil)
        walk.former = try self.former(of: segment.base)
        // Rules of the same version are stopped as those were; others show whether they are faster.
        walk.isStopped = segment.base.rules?.version == self.provider.version
        let provider = walk.isStopped ? self.patient : self.provider
        do throws(RulesRefusal) {
            walk.twin = try RulesTwin(segment.base.beginning(for: provider), of: provider)
        } catch {
            self.report.refusals.append((index, error.text))
            return
        }
        walk.due = segment.base.nextTimer
        // Of a room without rules there is no state to compare with.
        walk.isApart = segment.base.rules == nil
        for (place, input) in segment.inputs.enumerated() where !(walk.twin?.isClosed ?? true) {
            self.report.inputs += 1
            self.step(input, place, &walk)
        }
    }

    /// Where a replay is in a segment.
    private struct Walk {
        let segment: Int
        var twin: RulesTwin?
        var former: RulesTwin?
        var isStopped = false
        /// When the timer of the recorded rules is due.
        var due: Int64?
        /// What they keep differs already.
        var isApart = false

        init(_ segment: Int, due: Int64?) {
            self.segment = segment
            self.due = due
        }
    }

    private func former(of base: RecordedBase) throws(RecordingError) -> RulesTwin? {
        guard let before = self.before else { return nil }
        guard base.rules?.version == before.version else {
            let version = base.rules?.version ?? "none"
            throw RecordingError("a segment was recorded of version \(version), and --before is \(before.version).")
        }
        do throws(RulesRefusal) {
            return try RulesTwin(base.beginning(for: before), of: before)
        } catch {
            throw RecordingError("the rules of --before do not go on from the recording: \(error.text)")
        }
    }

    private mutating func step(_ input: RecordedInput, _ place: Int, _ walk: inout Walk) {
        guard let twin = walk.twin else { return }
        defer { walk.due = input.answer.nextTimer }
        if input.isSwitchedOff {
            self.report.unheard += 1
            return
        }
        _ = walk.former?.follow(input, due: walk.due, isStopped: true)
        guard let step = twin.follow(input, due: walk.due, isStopped: walk.isStopped) else {
            self.report.passedOver += 1
            return
        }
        for answer in step.ownTimers {
            self.note(RulesDifference(.ownTimer, before: "nothing", now: answer.told), input, place, walk)
        }
        if let answer = step.answer {
            for difference in input.answer.differences(to: answer) { self.note(difference, input, place, walk) }
        } else if input.kind == .timer {
            self.note(RulesDifference(.missingTimer, before: input.answer.told, now: "nothing"), input, place, walk)
        } else {
            self.report.passedOver += 1
        }
        for departure in step.departures {
            let now = "client \(departure.client) leaves: \(departure.answer.told)"
            self.note(RulesDifference(.effects, before: "nothing", now: now), input, place, walk)
        }
        self.compareStates(input, place, &walk)
    }

    /// Only the first difference says something.
    private mutating func compareStates(_ input: RecordedInput, _ place: Int, _ walk: inout Walk) {
        guard !walk.isApart, let twin = walk.twin else { return }
        let shown = 64 << 10
        if let former = walk.former {
            let (before, now) = (former.rules.describeState(atMost: shown), twin.rules.describeState(atMost: shown))
            guard before != now else { return }
            let difference = RulesDifference(
                .state,
                before: String(decoding: before, as: UTF8.self),
                now: String(decoding: now, as: UTF8.self)
            )
            self.note(difference, input, place, walk)
        } else {
            guard let sum = input.stateSum, sum != RoomRecorder.sum(of: twin.rules) else { return }
            let now = String(decoding: twin.rules.describeState(atMost: shown), as: UTF8.self)
            self.note(RulesDifference(.state, before: "something else", now: now), input, place, walk)
        }
        walk.isApart = true
    }

    private mutating func note(_ difference: RulesDifference, _ input: RecordedInput, _ place: Int, _ walk: Walk) {
        self.report.counts[difference.kind, default: 0] += 1
        guard self.report.findings.count < Report.most else { return }
        let lastID = input.context.lastID
        self.report.findings.append(
            Finding(
                segment: walk.segment,
                input: place,
                wallMilliseconds: input.context.wallMilliseconds,
                messageID: input.answer.messageID(of: input.kind, after: lastID) ?? lastID,
                question: input.question,
                difference: difference
            )
        )
    }
}

extension RulesAnswer {
    /// The answer and its effects, for people.
    fileprivate var told: String {
        ([self.description] + self.effects.map(\.description)).joined(separator: "; ")
    }
}

extension RecordedBase {
    /// As the beginning of rules of a provider: those of the same version and params are the same.
    package func beginning(for provider: any RulesProvider) -> RulesBeginning {
        let isSame = self.rules?.version == provider.version && self.rules?.params == provider.params
        let rules = self.rules.map {
            RecordedRules(
                name: $0.name,
                version: $0.version,
                identity: isSame ? provider.identity : "recorded \($0.identity)",
                params: $0.params
            )
        }
        return RulesBeginning(
            self.cause,
            self.key,
            of: rules,
            copy: self.copy,
            rates: self.rates,
            clients: self.clients,
            nextTimer: self.nextTimer,
            context: HookContext(self)
        )
    }
}

/// Rules that are not at hand.
private struct RecordedRules: RulesProvider {
    var name: String
    var version: String
    var identity: String
    var params: [UInt8]

    func makeRules(for key: RoomKey) throws -> any RoomRules {
        throw RecordingError("the rules \(self.name) of version \(self.version) are not in the recording.")
    }
}
