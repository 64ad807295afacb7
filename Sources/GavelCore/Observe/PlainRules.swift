/// What a room without rules does, said as rules: everybody is admitted, everything relayed.
final class PlainRules: RoomRules {
    var nextTimer: Int64? { nil }
    var failureCount: Int { 0 }
    var lastFailure: RulesFailure? { nil }
    var strandedTimers: [String] { [] }

    func create(context: HookContext) -> HookOutcome { HookOutcome(.relay) }

    func join(
        _ client: ClientID,
        name: UnsafeRawBufferPointer,
        message: MessageView,
        moved: UnsafeRawBufferPointer?,
        context: HookContext
    ) -> HookOutcome { HookOutcome(.relay) }

    func message(_ message: MessageView, from client: ClientID, context: HookContext) -> HookOutcome {
        HookOutcome(.relay)
    }

    func leave(_ client: ClientID, reason: LeaveReason, context: HookContext) -> HookOutcome { HookOutcome(.relay) }
    func drop(_ client: ClientID, context: HookContext) -> HookOutcome { HookOutcome(.relay) }
    func resume(_ client: ClientID, recovered: Bool, context: HookContext) -> HookOutcome { HookOutcome(.relay) }
    func timer(context: HookContext) -> HookOutcome { HookOutcome(.relay) }
    func signal(_ signal: Signal, context: HookContext) -> HookOutcome { HookOutcome(.relay) }
    func close(reason: UnsafeRawBufferPointer, context: HookContext) -> HookOutcome { HookOutcome(.relay) }
    func reload(from version: String, context: HookContext) -> HookOutcome { HookOutcome(.relay) }
    func recordChanges() {}
    func takeChanges() -> UnsafeRawBufferPointer? { .empty }
    func copy(at uptimeMilliseconds: Int64?) -> [UInt8]? { [] }
    func copyRates() -> [UInt8] { [] }
    func restoreRates(_ bytes: [UInt8]) {}
    func latestField(of type: UInt32) -> String? { nil }
    var identifierCount: UInt64 { 0 }
    func skipIdentifiers(_ count: UInt64) {}
    var lastHook: RulesHook? { nil }
    var timers: [RulesTimer] { [] }
    var lastStop: HookStop? { nil }
    func failuresOfLastMinute(at uptimeMilliseconds: Int64) -> Int { 0 }
    func stopNext(_ stop: HookStop) {}
    func describeState(atMost bytes: Int) -> [UInt8] { Array(#"{"state":{},"clients":{}}"#.utf8) }

    func evaluate(_ source: [UInt8], context: HookContext) -> HookOutcome {
        let text: StaticString = "the room has no rules, and nothing that could be evaluated."
        let payload = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        return HookOutcome(.failed, payload: payload)
    }

    func restore(
        _ clients: [RestoredClient],
        copy: UnsafeRawBufferPointer?,
        changes: [UnsafeRawBufferPointer],
        context: HookContext
    ) {}

    func effect(at index: Int) -> RoomEffect { preconditionFailure("a room without rules does nothing by itself") }
}
@available(*, unavailable)
extension PlainRules: Sendable {}
