internal import CGavelJSON
internal import CGavelLua
package import GavelCore
internal import Logging

/// The rules of one room, run by a script. Confined to the room's home loop.
package final class ScriptRoomRules: RoomRules {
    let engine: ScriptEngine
    let key: RoomKey
    let errors: ScriptErrorLog
    /// When errors that this room repeated are to be told.
    var repeatsOver = Int64.max
    /// The payload of the last failure that its sender is shown.
    var shown = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    /// `nil`: they are not counted.
    var strikes: Strikes?
    /// No hook is run any more.
    package internal(set) var isSwitchedOff = false
    /// Whether the last call ran nothing for that.
    var wasUnheard = false
    let onStrikes: ScriptConfiguration.OnStrikes
    let logger: Logger
    package internal(set) var failureCount = 0
    package internal(set) var lastFailure: RulesFailure?
    var recentFailures = RecentCount()
    private let showsErrors: Bool

    init(
        engine: ScriptEngine,
        key: RoomKey,
        errors: ScriptErrorLog,
        logger: Logger,
        configuration: ScriptConfiguration
    ) {
        self.engine = engine
        self.key = key
        self.errors = errors
        self.logger = logger
        self.showsErrors = configuration.showsErrors
        self.strikes = configuration.strikes.map(Strikes.init(most:))
        self.onStrikes = configuration.onStrikes
    }

    deinit {
        self.shown.deallocate()
    }

    package func create(context: HookContext) -> HookOutcome {
        self.outcome(of: gl_create(self.engine.pointer, gl_context(context)), client: 0, message: nil, context: context)
    }

    package func join(
        _ client: ClientID,
        name: UnsafeRawBufferPointer,
        message: MessageView,
        moved: UnsafeRawBufferPointer?,
        context: HookContext
    ) -> HookOutcome {
        if let off = self.answerWhenOff(self.verdictWhenOff, context) { return off }
        let outcome = withMessage(message) {
            gl_join(
                self.engine.pointer,
                client,
                name.assumingMemoryBound(to: UInt8.self).baseAddress,
                name.count,
                $0,
                moved?.assumingMemoryBound(to: UInt8.self).baseAddress,
                moved?.count ?? 0,
                gl_context(context)
            )
        }
        return self.outcome(of: outcome, client: client, message: message, context: context)
    }

    package func message(_ message: MessageView, from client: ClientID, context: HookContext) -> HookOutcome {
        if let off = self.answerWhenOff(self.verdictWhenOff, context) { return off }
        let outcome = withMessage(message) { gl_receive(self.engine.pointer, client, $0, gl_context(context)) }
        return self.outcome(of: outcome, client: client, message: message, context: context)
    }

    package func leave(_ client: ClientID, reason: LeaveReason, context: HookContext) -> HookOutcome {
        if let off = self.answerWhenOff(.handled, context) { return off }
        let outcome = reason.text.withUTF8Buffer {
            $0.withMemoryRebound(to: CChar.self) {
                gl_leave(self.engine.pointer, client, $0.baseAddress, gl_context(context))
            }
        }
        return self.outcome(of: outcome, client: client, message: nil, context: context)
    }

    package func drop(_ client: ClientID, context: HookContext) -> HookOutcome {
        if let off = self.answerWhenOff(.handled, context) { return off }
        let outcome = gl_disconnect(self.engine.pointer, client, gl_context(context))
        return self.outcome(of: outcome, client: client, message: nil, context: context)
    }

    package func resume(_ client: ClientID, recovered: Bool, context: HookContext) -> HookOutcome {
        if let off = self.answerWhenOff(.handled, context) { return off }
        let outcome = gl_resume(self.engine.pointer, client, recovered, gl_context(context))
        return self.outcome(of: outcome, client: client, message: nil, context: context)
    }

    package var nextTimer: Int64? {
        let next = gl_next_timer(self.engine.pointer)
        return next == .max || self.isSwitchedOff ? nil : next
    }

    package func timer(context: HookContext) -> HookOutcome {
        if let off = self.answerWhenOff(.handled, context) { return off }
        return self.outcome(
            of: gl_timer(self.engine.pointer, gl_context(context)),
            client: 0,
            message: nil,
            context: context
        )
    }

    package func signal(_ signal: Signal, context: HookContext) -> HookOutcome {
        if let off = self.answerWhenOff(.handled, context) { return off }
        let outcome = signal.withEngineView { gl_signal(self.engine.pointer, $0, gl_context(context)) }
        return self.outcome(of: outcome, client: 0, message: nil, context: context)
    }

    package func close(reason: UnsafeRawBufferPointer, context: HookContext) -> HookOutcome {
        if let off = self.answerWhenOff(.handled, context) { return off }
        let reason = String(decoding: reason, as: UTF8.self)
        let outcome = gl_close(self.engine.pointer, reason, gl_context(context))
        return self.outcome(of: outcome, client: 0, message: nil, context: context)
    }

    package func effect(at index: Int) -> RoomEffect {
        let effect = gl_effect_at(self.engine.pointer, UInt32(index))
        return RoomEffect(
            kind: RoomEffect.Kind(rawValue: UInt8(effect.kind))!,
            message: UnsafeRawBufferPointer(start: effect.message, count: effect.message_length),
            recipients: UnsafeBufferPointer(start: effect.recipients, count: effect.recipient_count),
            room: UnsafeRawBufferPointer(start: effect.room, count: effect.room_length),
            name: UnsafeRawBufferPointer(start: effect.name, count: effect.name_length)
        )
    }

    @inline(__always)
    func outcome(
        of outcome: gl_outcome,
        client: ClientID,
        message: MessageView?,
        context: HookContext
    ) -> HookOutcome {
        if outcome.log_count > 0 { self.engine.forwardLog(to: self.logger, key: self.key) }
        var payload = UnsafeRawBufferPointer(start: outcome.payload, count: outcome.payload_length)
        if outcome.verdict == GL_FAILED {
            self.report(.failure, client: client, message: message, context: context)
            if self.showsErrors { payload = self.show(self.engine.lastError) }
            self.countStrike(context)
        } else if outcome.snapshot_failed {
            self.report(.snapshot, client: client, message: message, context: context)
            self.countStrike(context)
        } else if outcome.reject_explained {
            self.report(.reject, client: client, message: message, context: context)
        }
        if context.uptimeMilliseconds >= self.repeatsOver { self.tellRepeats(context) }
        return HookOutcome(
            HookOutcome.Verdict(rawValue: UInt8(outcome.verdict))!,
            hasReply: outcome.has_reply,
            effectCount: Int(outcome.effect_count),
            payload: payload,
            retryAfterMilliseconds: outcome.retry_after_ms,
            latest: outcome.is_latest ? LatestKey(outcome) : nil
        )
    }
}

@available(*, unavailable)
extension ScriptRoomRules: Sendable {}

/// The engine's view of a message, for one call.
@inline(__always)
private func withMessage(_ message: MessageView, _ body: (UnsafePointer<gl_message>) -> gl_outcome) -> gl_outcome {
    withUnsafePointer(to: message.envelope) { envelope in
        var view = gl_message()
        view.text = message.text.assumingMemoryBound(to: UInt8.self).baseAddress
        view.length = message.text.count
        view.tape = message.tape.baseAddress
        view.envelope = envelope
        return body(&view)
    }
}

extension Signal {
    /// The engine's view of it, for one call.
    fileprivate func withEngineView(_ body: (UnsafePointer<gl_signal_text>) -> gl_outcome) -> gl_outcome {
        self.name.withUnsafeBufferPointer { name in
            self.data.withUnsafeBufferPointer { data in
                self.source.bytes.withUnsafeBufferPointer { source in
                    var text = gl_signal_text(
                        name: name.baseAddress,
                        name_length: name.count,
                        data: data.baseAddress,
                        data_length: data.count,
                        source: source.baseAddress,
                        source_length: source.count
                    )
                    return body(&text)
                }
            }
        }
    }
}

extension LatestKey {
    fileprivate init(_ outcome: gl_outcome) {
        self.init(
            type: outcome.type,
            value: outcome.latest_value.map {
                UnsafeRawBufferPointer(start: $0, count: outcome.latest_value_length)
            },
            echoes: outcome.echoes
        )
    }
}

extension gl_context {
    init(_ context: HookContext) {
        self.init(
            now_ms: context.wallMilliseconds,
            uptime_ms: context.uptimeMilliseconds,
            last_id: context.lastID
        )
    }
}
