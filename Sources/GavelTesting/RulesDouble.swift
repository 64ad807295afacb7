package import GavelCore

/// Rules made of a Swift closure, for tests of the core.
package final class RulesDouble: RoomRules {
    /// What a hook did.
    package struct Answer {
        package var verdict: HookOutcome.Verdict
        package var hasReply = false
        package var payload = ""
        package var effects: [Effect] = []
        package var retryAfterMilliseconds: UInt64
        package var latest: Latest?

        package init(
            _ verdict: HookOutcome.Verdict,
            hasReply: Bool = false,
            payload: String = "",
            effects: [Effect] = [],
            retryAfterMilliseconds: UInt64 = 0,
            latest: Latest? = nil
        ) {
            self.verdict = verdict
            self.hasReply = hasReply
            self.payload = payload
            self.effects = effects
            self.retryAfterMilliseconds = retryAfterMilliseconds
            self.latest = latest
        }
    }

    /// That a message is of class `latest`, of the rules' first type.
    package struct Latest {
        /// The value that decides; `nil`: the sender does.
        package var value: String?
        package var echoes: Bool

        package init(value: String? = nil, echoes: Bool = true) {
            self.value = value
            self.echoes = echoes
        }
    }

    package enum Effect {
        case broadcast(String)
        case send([ClientID], String)
        case kick(ClientID, String)
        case snapshot(ClientID, String)
        case lock
        case unlock
        case close(String)
        case move(ClientID, to: String, data: String)
        case signal(String, to: String, data: String)
    }

    /// Which hook is asked.
    package enum Hook {
        case create
        case join(ClientID, name: String, moved: String?)
        case message(ClientID, type: String, text: String)
        case leave(ClientID, LeaveReason)
        case drop(ClientID)
        case resume(ClientID, recovered: Bool)
        case timer
        case signal(String, data: String, from: String)
        case close(String)
        case reload(from: String)
    }

    /// The clients in the room, in the order of their joins.
    package private(set) var clients: [ClientID] = []
    /// When its timer is due; to be set by the closure.
    package var nextTimer: Int64?
    /// What it keeps beyond a restart; to be set by the closure.
    package var kept = "" {
        didSet { self.isChanged = true }
    }
    /// How often that was copied.
    package private(set) var copyCount = 0
    /// Of ``clients``, those whose connection is there.
    package private(set) var connected: Set<ClientID> = []
    /// What counts how much clients sent; to be set by the closure.
    package var rates: [UInt8] = []
    /// Not part of what it keeps; to be set by the closure.
    package var identifierCount: UInt64 = 0
    /// To be set by the closure or the test.
    package var strandedTimers: [String] = []
    package private(set) var failureCount = 0
    package private(set) var lastFailure: RulesFailure?
    /// To be set by the closure or the test.
    package var isSwitchedOff = false
    /// To be set by the closure or the test.
    package var lastHook: RulesHook?
    /// To be set by the closure or the test.
    package var timers: [RulesTimer] = []
    /// To be set by the closure or the test.
    package var lastStop: HookStop?
    /// Of its one type of class latest; `nil`: there is none. To be set by the closure.
    package var latestField: String? = ""
    /// What is answered to what somebody types.
    package var console: (String) -> Answer = { Answer(.handled, payload: $0) }
    private var told: HookStop?
    private var isChanged = false
    private let answer: (RulesDouble, Hook, HookContext) -> Answer
    private var texts: [UnsafeMutableRawBufferPointer] = []
    private var effects: [RoomEffect] = []
    private var recipients: [UnsafeMutableBufferPointer<ClientID>] = []

    package init(_ answer: @escaping (RulesDouble, Hook, HookContext) -> Answer) {
        self.answer = answer
    }

    deinit {
        self.forgetEffects()
    }

    package func create(context: HookContext) -> HookOutcome { self.run(.create, context) }

    package func timer(context: HookContext) -> HookOutcome {
        self.nextTimer = nil
        return self.run(.timer, context)
    }

    package func join(
        _ client: ClientID,
        name: UnsafeRawBufferPointer,
        message: MessageView,
        moved: UnsafeRawBufferPointer?,
        context: HookContext
    ) -> HookOutcome {
        self.clients.append(client)
        self.connected.insert(client)
        let moved = moved.map { String(decoding: $0, as: UTF8.self) }
        let outcome = self.run(.join(client, name: String(decoding: name, as: UTF8.self), moved: moved), context)
        if [.rejected, .failed, .invalid, .switchedOff].contains(outcome.verdict) {
            self.clients.removeLast()
            self.connected.remove(client)
        }
        return outcome
    }

    package func message(_ message: MessageView, from client: ClientID, context: HookContext) -> HookOutcome {
        let text = Array(message.text)
        let type = ReceivedMessage(text: text)?.type ?? ""
        return self.run(.message(client, type: type, text: String(decoding: text, as: UTF8.self)), context)
    }

    package func leave(_ client: ClientID, reason: LeaveReason, context: HookContext) -> HookOutcome {
        self.clients.removeAll { $0 == client }
        self.connected.remove(client)
        return self.run(.leave(client, reason), context)
    }

    package func drop(_ client: ClientID, context: HookContext) -> HookOutcome {
        self.connected.remove(client)
        return self.run(.drop(client), context)
    }

    package func resume(_ client: ClientID, recovered: Bool, context: HookContext) -> HookOutcome {
        self.connected.insert(client)
        return self.run(.resume(client, recovered: recovered), context)
    }

    package func recordChanges() {}

    package func takeChanges() -> UnsafeRawBufferPointer? {
        defer { self.isChanged = false }
        self.forgetEffects()
        return self.isChanged ? self.keep(self.kept) : UnsafeRawBufferPointer(start: nil, count: 0)
    }

    package func copy(at uptimeMilliseconds: Int64?) -> [UInt8]? {
        self.isChanged = false
        self.copyCount += 1
        return Array(self.kept.utf8)
    }

    package func restore(
        _ clients: [RestoredClient],
        copy: UnsafeRawBufferPointer?,
        changes: [UnsafeRawBufferPointer],
        context: HookContext
    ) {
        self.clients = clients.map(\.id)
        self.connected = Set(clients.filter(\.isConnected).map(\.id))
        self.kept = (changes.last ?? copy).map { String(decoding: $0, as: UTF8.self) } ?? ""
        self.isChanged = false
    }

    package func copyRates() -> [UInt8] { self.rates }

    package func restoreRates(_ bytes: [UInt8]) { self.rates = bytes }

    package func skipIdentifiers(_ count: UInt64) { self.identifierCount = max(self.identifierCount, count) }

    package func reload(from version: String, context: HookContext) -> HookOutcome {
        self.run(.reload(from: version), context)
    }

    /// All there were.
    package func failuresOfLastMinute(at uptimeMilliseconds: Int64) -> Int { self.failureCount }

    package func stopNext(_ stop: HookStop) { self.told = stop }

    package func evaluate(_ source: [UInt8], context: HookContext) -> HookOutcome {
        self.outcome(of: self.console(String(decoding: source, as: UTF8.self)))
    }

    /// ``kept`` as the state, a text without quotes, and no clients' data.
    package func describeState(atMost bytes: Int) -> [UInt8] {
        let clients = self.clients.map { #""\#($0)":{}"# }.joined(separator: ",")
        return Array(#"{"state":"\#(self.kept)","clients":{\#(clients)}}"#.utf8)
    }

    package func signal(_ signal: Signal, context: HookContext) -> HookOutcome {
        let name = String(decoding: signal.name, as: UTF8.self)
        let data = String(decoding: signal.data, as: UTF8.self)
        return self.run(.signal(name, data: data, from: "\(signal.source)"), context)
    }

    package func close(reason: UnsafeRawBufferPointer, context: HookContext) -> HookOutcome {
        self.run(.close(String(decoding: reason, as: UTF8.self)), context)
    }

    package func latestField(of type: UInt32) -> String? { type == 0 ? self.latestField : nil }

    package func effect(at index: Int) -> RoomEffect { self.effects[index] }

    private func run(_ hook: Hook, _ context: HookContext) -> HookOutcome {
        let told = self.told
        self.told = nil
        let answer = told.map { Answer(.failed, payload: $0.text) } ?? self.answer(self, hook, context)
        self.lastStop = told ?? self.lastStop
        if answer.verdict == .failed {
            self.failureCount += 1
            self.lastFailure = RulesFailure(hook: "\(hook)", text: answer.payload)
        }
        return self.outcome(of: answer)
    }

    private func outcome(of answer: Answer) -> HookOutcome {
        self.forgetEffects()
        for effect in answer.effects { self.record(effect) }
        let payload = self.keep(answer.payload)
        let value = answer.latest?.value.map { self.keep($0) }
        return HookOutcome(
            answer.verdict,
            hasReply: answer.hasReply,
            effectCount: answer.effects.count,
            payload: payload,
            retryAfterMilliseconds: answer.retryAfterMilliseconds,
            latest: answer.latest.map { LatestKey(type: 0, value: value, echoes: $0.echoes) }
        )
    }

    /// A copy that is freed with the effects of the next call.
    private func keep(_ text: String) -> UnsafeRawBufferPointer {
        let kept = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 1)
        kept.copyBytes(from: text.utf8)
        self.texts.append(kept)
        return UnsafeRawBufferPointer(kept)
    }

    private func record(_ effect: Effect) {
        let (kind, text, clients, room, name): (RoomEffect.Kind, String, [ClientID], String, String) =
            switch effect {
            case .broadcast(let text): (.broadcast, text, [], "", "")
            case .send(let clients, let text): (.send, text, clients, "", "")
            case .kick(let client, let reason): (.kick, reason, [client], "", "")
            case .snapshot(let client, let members): (.snapshot, members, [client], "", "")
            case .lock: (.lock, "", [], "", "")
            case .unlock: (.unlock, "", [], "", "")
            case .close(let reason): (.close, reason, [], "", "")
            case .move(let client, let room, let data): (.move, data, [client], room, "")
            case .signal(let name, let room, let data): (.signal, data, [], room, name)
            }
        let recipients = UnsafeMutableBufferPointer<ClientID>.allocate(capacity: clients.count)
        _ = recipients.initialize(from: clients)
        self.recipients.append(recipients)
        self.effects.append(
            RoomEffect(
                kind: kind,
                message: self.keep(text),
                recipients: UnsafeBufferPointer(recipients),
                room: self.keep(room),
                name: self.keep(name)
            )
        )
    }

    private func forgetEffects() {
        self.effects.removeAll()
        for list in self.recipients { list.deallocate() }
        self.recipients.removeAll()
        for text in self.texts { text.deallocate() }
        self.texts.removeAll()
    }
}
@available(*, unavailable)
extension RulesDouble: Sendable {}

/// Makes ``RulesDouble`` for each room.
package struct RulesDoubleProvider: RulesProvider {
    private let answer: @Sendable (RulesDouble, RulesDouble.Hook, HookContext) -> RulesDouble.Answer

    package let name: String
    package let version: String
    package var identity: String { "\(self.name) \(self.version)" }

    package init(
        name: String = "double",
        version: String = "1",
        _ answer: @escaping @Sendable (RulesDouble, RulesDouble.Hook, HookContext) -> RulesDouble.Answer
    ) {
        self.name = name
        self.version = version
        self.answer = answer
    }

    package func makeRules(for key: RoomKey) throws -> any RoomRules {
        RulesDouble(self.answer)
    }
}
