/// One call of a recording: what the rules were asked, and what they answered.
///
///     input    byte: kind, as in kinds  number: flags  number: client
///              signed, each by how much it is more than that of the input before in the block, or of the base:
///              milliseconds since 1970, uptime in ms, the last msg_id
///              [text: message] [text: name] [text: what was sent along] [byte: why it left]
///              [text: the source's key  text: name  text: data, of a signal] [text]: as the kind has them
///              answer  [stop]  [8 bytes: Checksum of ``RoomRules/describeState(atMost:)`` after the call]
///     answer   byte: verdict  text: payload  number: milliseconds until it may be sent again
///              [number: type  [text: value]]  [signed: by how much the next timer is behind the uptime]
///              number: how many effects  of each: byte: kind  text: message  number: how many recipients; these
///                                                 text: room  text: name
///     stop     byte: budget  text: hook  text: file  number: line + 1, or 0  text  number: how many lines of the
///              traceback; these  number: identifiers  number: snapshots + 1, or 0
package struct RecordedInput: Sendable {
    package var kind: RulesCall.Kind
    package var client: ClientID = 0
    package var message: [UInt8] = []
    package var name: [UInt8] = []
    package var moved: [UInt8]?
    package var reason: LeaveReason?
    package var isRecovered = false
    package var signal: Signal?
    package var text: [UInt8] = []
    package var context: HookContext
    package var answer: RulesAnswer
    /// How the call was stopped; `nil`: it was not.
    package var stop: HookStop?
    /// Whether the rules were switched off: they did not run.
    package var isSwitchedOff = false
    /// Of what the rules kept after the call; `nil`: it was not taken.
    package var stateSum: Int64?

    static let kinds: [RulesCall.Kind] = [
        .create, .join, .message, .leave, .drop, .resume, .timer, .signal, .reload, .close, .evaluate,
    ]

    struct Flags: OptionSet {
        var rawValue: UInt64

        static let isSwitchedOff = Self(rawValue: 1)
        static let hasStop = Self(rawValue: 2)
        static let hasSum = Self(rawValue: 4)
        static let hasTimer = Self(rawValue: 8)
        static let hasReply = Self(rawValue: 16)
        static let isLatest = Self(rawValue: 32)
        static let hasValue = Self(rawValue: 64)
        static let echoes = Self(rawValue: 128)
        static let isMoved = Self(rawValue: 256)
        static let isRecovered = Self(rawValue: 512)
    }
}

// MARK: Writing

extension RecordingWriter {
    /// - Parameters:
    ///   - last: Of the input before in the block.
    ///   - timer: ``RoomRules/nextTimer`` after the call.
    ///   - effect: The effect at a place.
    mutating func input(
        _ call: RulesCall,
        _ outcome: HookOutcome,
        timer: Int64?,
        stop: HookStop?,
        isSwitchedOff: Bool,
        stateSum: Int64?,
        after last: inout HookContext,
        effect: (Int) -> RoomEffect
    ) {
        var flags: RecordedInput.Flags = []
        func set(_ flag: RecordedInput.Flags, _ isSet: Bool) { if isSet { flags.insert(flag) } }
        set(.isSwitchedOff, isSwitchedOff)
        set(.hasStop, stop != nil)
        set(.hasSum, stateSum != nil)
        set(.hasTimer, timer != nil)
        set(.hasReply, outcome.hasReply)
        set(.isLatest, outcome.latest != nil)
        set(.hasValue, outcome.latest?.value != nil)
        set(.echoes, outcome.latest?.echoes ?? false)
        set(.isMoved, call.moved != nil)
        set(.isRecovered, call.isRecovered)
        self.byte(UInt8(RecordedInput.kinds.firstIndex(of: call.kind)!))
        self.number(flags.rawValue)
        self.number(call.client)
        let context = call.context
        self.signed(context.wallMilliseconds - last.wallMilliseconds)
        self.signed(context.uptimeMilliseconds - last.uptimeMilliseconds)
        self.signed(Int64(bitPattern: context.lastID &- last.lastID))
        last = context
        self.question(call)
        self.answer(outcome, effect: effect)
        if let timer { self.signed(timer - context.uptimeMilliseconds) }
        if let stop { self.stop(stop) }
        if let stateSum { self.fixed(stateSum) }
    }

    private mutating func question(_ call: RulesCall) {
        switch call.kind {
        case .join:
            self.text(call.message?.text ?? .empty)
            self.text(call.name)
            if let moved = call.moved { self.text(moved) }
        case .message: self.text(call.message?.text ?? .empty)
        case .leave: self.byte(call.reason?.rawValue ?? 0)
        case .signal:
            self.text(call.signal?.source.bytes ?? [])
            self.text(call.signal?.name ?? [])
            self.text(call.signal?.data ?? [])
        case .close, .reload, .evaluate: self.text(call.text)
        case .create, .drop, .resume, .timer: break
        }
    }

    private mutating func answer(_ outcome: HookOutcome, effect: (Int) -> RoomEffect) {
        self.byte(outcome.verdict.rawValue)
        self.text(outcome.payload)
        self.number(outcome.retryAfterMilliseconds)
        if let latest = outcome.latest {
            self.number(UInt64(latest.type))
            if let value = latest.value { self.text(value) }
        }
        self.number(UInt64(outcome.effectCount))
        for index in 0..<outcome.effectCount {
            let effect = effect(index)
            self.byte(effect.kind.rawValue)
            self.text(effect.message)
            self.number(UInt64(effect.recipients.count))
            for client in effect.recipients { self.number(client) }
            self.text(effect.room)
            self.text(effect.name)
        }
    }

    private mutating func stop(_ stop: HookStop) {
        self.byte(stop.budget.rawValue)
        self.text(stop.hook)
        self.text(stop.file)
        self.number(stop.line.map { UInt64($0) + 1 } ?? 0)
        self.text(stop.text)
        self.number(UInt64(stop.traceback.count))
        for line in stop.traceback { self.text(line) }
        self.number(stop.identifiers)
        self.number(stop.snapshots.map { UInt64($0) + 1 } ?? 0)
    }
}

// MARK: Reading

extension RecordedInput {
    init(_ reader: inout RecordingReader, _ last: inout HookContext) throws(RecordingError) {
        let kind = Int(try reader.byte())
        guard Self.kinds.indices.contains(kind) else { throw RecordingError("there is no such call.") }
        self.kind = Self.kinds[kind]
        let flags = Flags(rawValue: try reader.number())
        self.client = try reader.number()
        last.wallMilliseconds &+= try reader.signed()
        last.uptimeMilliseconds &+= try reader.signed()
        last.lastID &+= UInt64(bitPattern: try reader.signed())
        self.context = last
        self.answer = RulesAnswer(.relay)
        try self.readQuestion(&reader, flags)
        try self.readAnswer(&reader, flags)
        self.isRecovered = flags.contains(.isRecovered)
        self.isSwitchedOff = flags.contains(.isSwitchedOff)
        if flags.contains(.hasTimer) { self.answer.nextTimer = last.uptimeMilliseconds &+ (try reader.signed()) }
        if flags.contains(.hasStop) { self.stop = try HookStop(&reader) }
        if flags.contains(.hasSum) { self.stateSum = try reader.fixed(Int64.self) }
    }

    private mutating func readQuestion(_ reader: inout RecordingReader, _ flags: Flags) throws(RecordingError) {
        switch self.kind {
        case .join:
            self.message = try reader.text()
            self.name = try reader.text()
            if flags.contains(.isMoved) { self.moved = try reader.text() }
        case .message: self.message = try reader.text()
        case .leave:
            guard let reason = LeaveReason(rawValue: try reader.byte()) else {
                throw RecordingError("a client left for no known reason.")
            }
            self.reason = reason
        case .signal:
            let source = RoomKey(bytes: try reader.text())
            let name = try reader.text()
            self.signal = Signal(key: RoomKey(bytes: []), source: source, name: name, data: try reader.text())
        case .close, .reload, .evaluate: self.text = try reader.text()
        case .create, .drop, .resume, .timer: break
        }
    }

    private mutating func readAnswer(_ reader: inout RecordingReader, _ flags: Flags) throws(RecordingError) {
        guard let verdict = HookOutcome.Verdict(rawValue: try reader.byte()) else {
            throw RecordingError("there is no such answer.")
        }
        self.answer.verdict = verdict
        self.answer.hasReply = flags.contains(.hasReply)
        self.answer.payload = try reader.text()
        self.answer.retryAfterMilliseconds = try reader.number()
        if flags.contains(.isLatest) {
            let type = UInt32(truncatingIfNeeded: try reader.number())
            let value = flags.contains(.hasValue) ? try reader.text() : nil
            self.answer.latest = RulesAnswer.Latest(type: type, value: value, echoes: flags.contains(.echoes))
        }
        for _ in 0..<(try reader.count()) {
            guard let kind = RoomEffect.Kind(rawValue: try reader.byte()) else {
                throw RecordingError("there is no such effect.")
            }
            var effect = RulesAnswer.Effect(kind, try reader.text())
            for _ in 0..<(try reader.count()) { effect.recipients.append(try reader.number()) }
            effect.room = try reader.text()
            effect.name = try reader.text()
            self.answer.effects.append(effect)
        }
    }
}

extension HookStop {
    fileprivate init(_ reader: inout RecordingReader) throws(RecordingError) {
        guard let budget = Budget(rawValue: try reader.byte()) else { throw RecordingError("there is no such budget.") }
        let (hook, file) = (try reader.string(), try reader.string())
        let line = Int(truncatingIfNeeded: try reader.number())
        self.init(budget: budget, hook: hook, file: file, line: line == 0 ? nil : line &- 1, text: try reader.string())
        for _ in 0..<(try reader.count()) { self.traceback.append(try reader.string()) }
        self.identifiers = try reader.number()
        let snapshots = Int(truncatingIfNeeded: try reader.number())
        self.snapshots = snapshots == 0 ? nil : snapshots &- 1
    }
}
