internal import NIOCore

/// Rules with observers around them; put in a room's place only while somebody looks.
final class ObservedRules: RoomRules {
    let inner: any RoomRules
    let observers: [any RulesObserver]
    private let now: @Sendable () -> NIODeadline

    init(_ inner: any RoomRules, observers: [any RulesObserver], now: @escaping @Sendable () -> NIODeadline) {
        self.inner = inner
        self.observers = observers
        self.now = now
    }

    private func ask(_ call: RulesCall, _ body: (any RoomRules) -> HookOutcome) -> HookOutcome {
        var call = call
        let start = self.now()
        let outcome = body(self.inner)
        call.nanoseconds = UInt64(max(0, (self.now() - start).nanoseconds))
        self.tell(call, outcome)
        return outcome
    }

    func tell(_ call: RulesCall, _ outcome: HookOutcome) {
        for observer in self.observers { observer.observe(call, outcome, by: self.inner) }
    }

    func tell(_ beginning: RulesBeginning) {
        for observer in self.observers { observer.began(beginning) }
    }

    func create(context: HookContext) -> HookOutcome {
        self.ask(RulesCall(.create, context: context)) { $0.create(context: context) }
    }

    func join(
        _ client: ClientID,
        name: UnsafeRawBufferPointer,
        message: MessageView,
        moved: UnsafeRawBufferPointer?,
        context: HookContext
    ) -> HookOutcome {
        var call = RulesCall(.join, client: client, context: context)
        call.name = name
        call.message = message
        call.moved = moved
        return self.ask(call) { $0.join(client, name: name, message: message, moved: moved, context: context) }
    }

    func message(_ message: MessageView, from client: ClientID, context: HookContext) -> HookOutcome {
        var call = RulesCall(.message, client: client, context: context)
        call.message = message
        return self.ask(call) { $0.message(message, from: client, context: context) }
    }

    func leave(_ client: ClientID, reason: LeaveReason, context: HookContext) -> HookOutcome {
        var call = RulesCall(.leave, client: client, context: context)
        call.reason = reason
        return self.ask(call) { $0.leave(client, reason: reason, context: context) }
    }

    func drop(_ client: ClientID, context: HookContext) -> HookOutcome {
        self.ask(RulesCall(.drop, client: client, context: context)) { $0.drop(client, context: context) }
    }

    func resume(_ client: ClientID, recovered: Bool, context: HookContext) -> HookOutcome {
        var call = RulesCall(.resume, client: client, context: context)
        call.isRecovered = recovered
        return self.ask(call) { $0.resume(client, recovered: recovered, context: context) }
    }

    func timer(context: HookContext) -> HookOutcome {
        self.ask(RulesCall(.timer, context: context)) { $0.timer(context: context) }
    }

    func signal(_ signal: Signal, context: HookContext) -> HookOutcome {
        var call = RulesCall(.signal, context: context)
        call.signal = signal
        return self.ask(call) { $0.signal(signal, context: context) }
    }

    func close(reason: UnsafeRawBufferPointer, context: HookContext) -> HookOutcome {
        var call = RulesCall(.close, context: context)
        call.text = reason
        return self.ask(call) { $0.close(reason: reason, context: context) }
    }

    func reload(from version: String, context: HookContext) -> HookOutcome {
        self.inner.reload(from: version, context: context)
    }

    func restore(
        _ clients: [RestoredClient],
        copy: UnsafeRawBufferPointer?,
        changes: [UnsafeRawBufferPointer],
        context: HookContext
    ) throws {
        try self.inner.restore(clients, copy: copy, changes: changes, context: context)
    }

    var nextTimer: Int64? { self.inner.nextTimer }
    var failureCount: Int { self.inner.failureCount }
    var lastFailure: RulesFailure? { self.inner.lastFailure }
    var strandedTimers: [String] { self.inner.strandedTimers }
    func effect(at index: Int) -> RoomEffect { self.inner.effect(at: index) }
    func recordChanges() { self.inner.recordChanges() }
    func takeChanges() -> UnsafeRawBufferPointer? { self.inner.takeChanges() }
    func copy(at uptimeMilliseconds: Int64?) -> [UInt8]? { self.inner.copy(at: uptimeMilliseconds) }
    func copyRates() -> [UInt8] { self.inner.copyRates() }
    func restoreRates(_ bytes: [UInt8]) { self.inner.restoreRates(bytes) }
    func latestField(of type: UInt32) -> String? { self.inner.latestField(of: type) }
    var identifierCount: UInt64 { self.inner.identifierCount }
    func skipIdentifiers(_ count: UInt64) { self.inner.skipIdentifiers(count) }
    var isSwitchedOff: Bool { self.inner.isSwitchedOff }
    var lastHook: RulesHook? { self.inner.lastHook }
    var timers: [RulesTimer] { self.inner.timers }
    var lastStop: HookStop? { self.inner.lastStop }
    func failuresOfLastMinute(at uptimeMilliseconds: Int64) -> Int {
        self.inner.failuresOfLastMinute(at: uptimeMilliseconds)
    }
    func stopNext(_ stop: HookStop) { self.inner.stopNext(stop) }
    func describeState(atMost bytes: Int) -> [UInt8] { self.inner.describeState(atMost: bytes) }

    func evaluate(_ source: [UInt8], context: HookContext) -> HookOutcome {
        source.withUnsafeBytes { text in
            var call = RulesCall(.evaluate, context: context)
            call.text = text
            return self.ask(call) { $0.evaluate(source, context: context) }
        }
    }
}
@available(*, unavailable)
extension ObservedRules: Sendable {}
