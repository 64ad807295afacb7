internal import CGavelJSON
internal import CGavelLua
package import GavelCore
internal import Logging

/// The rules of one room, run by a script. Confined to the room's home loop.
package final class ScriptRoomRules: RoomRules {
    private let engine: ScriptEngine
    private let key: RoomKey
    private let logger: Logger

    init(engine: ScriptEngine, key: RoomKey, logger: Logger) {
        self.engine = engine
        self.key = key
        self.logger = logger
    }

    package func create(context: HookContext) -> HookOutcome {
        self.outcome(of: gl_create(self.engine.pointer, gl_context(context)), client: 0, message: nil)
    }

    package func join(
        _ client: ClientID,
        name: UnsafeRawBufferPointer,
        message: MessageView,
        context: HookContext
    ) -> HookOutcome {
        let outcome = withMessage(message) {
            gl_join(
                self.engine.pointer,
                client,
                name.assumingMemoryBound(to: UInt8.self).baseAddress,
                name.count,
                $0,
                gl_context(context)
            )
        }
        return self.outcome(of: outcome, client: client, message: message)
    }

    package func message(_ message: MessageView, from client: ClientID, context: HookContext) -> HookOutcome {
        let outcome = withMessage(message) { gl_receive(self.engine.pointer, client, $0, gl_context(context)) }
        return self.outcome(of: outcome, client: client, message: message)
    }

    package func leave(_ client: ClientID, reason: LeaveReason, context: HookContext) -> HookOutcome {
        let outcome = reason.text.withUTF8Buffer {
            $0.withMemoryRebound(to: CChar.self) {
                gl_leave(self.engine.pointer, client, $0.baseAddress, gl_context(context))
            }
        }
        return self.outcome(of: outcome, client: client, message: nil)
    }

    package var nextTimer: Int64? {
        let next = gl_next_timer(self.engine.pointer)
        return next == .max ? nil : next
    }

    package func timer(context: HookContext) -> HookOutcome {
        self.outcome(of: gl_timer(self.engine.pointer, gl_context(context)), client: 0, message: nil)
    }

    package func close(context: HookContext) -> HookOutcome {
        self.outcome(of: gl_close(self.engine.pointer, "closed", gl_context(context)), client: 0, message: nil)
    }

    package func effect(at index: Int) -> RoomEffect {
        let effect = gl_effect_at(self.engine.pointer, UInt32(index))
        return RoomEffect(
            kind: RoomEffect.Kind(rawValue: UInt8(effect.kind))!,
            message: UnsafeRawBufferPointer(start: effect.message, count: effect.message_length),
            recipients: UnsafeBufferPointer(start: effect.recipients, count: effect.recipient_count)
        )
    }

    @inline(__always)
    private func outcome(of outcome: gl_outcome, client: ClientID, message: MessageView?) -> HookOutcome {
        if outcome.log_count > 0 { self.engine.forwardLog(to: self.logger, key: self.key) }
        if outcome.verdict == GL_FAILED || outcome.snapshot_failed { self.report(client: client, message: message) }
        return HookOutcome(
            HookOutcome.Verdict(rawValue: UInt8(outcome.verdict))!,
            hasReply: outcome.has_reply,
            effectCount: Int(outcome.effect_count),
            payload: UnsafeRawBufferPointer(start: outcome.payload, count: outcome.payload_length),
            retryAfterMilliseconds: outcome.retry_after_ms,
            latest: outcome.is_latest ? LatestKey(outcome) : nil
        )
    }

    /// Tells the designer what broke; the sender is told nothing of the script.
    private func report(client: ClientID, message: MessageView?) {
        let error = self.engine.lastError
        var metadata: Logger.Metadata = [
            "error": "\(error.description.onOneLine)",
            "hook": "\(self.engine.lastHook)",
            "room": "\(self.key)",
        ]
        if client != 0 { metadata["client_id"] = "\(client)" }
        if let message {
            metadata["message"] = "\(String(decoding: message.text.prefix(200), as: UTF8.self).onOneLine)"
        }
        if !error.traceback.isEmpty {
            metadata["traceback"] = .array(error.traceback.map { "\($0)" })
        }
        self.logger.error("a hook of the rules failed and was undone", metadata: metadata)
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
        view.tape_count = message.tape.count
        view.envelope = envelope
        return body(&view)
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
    fileprivate init(_ context: HookContext) {
        self.init(
            now_ms: context.wallMilliseconds,
            uptime_ms: context.uptimeMilliseconds,
            last_id: context.lastID
        )
    }
}
