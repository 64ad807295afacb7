internal import CGavelLua
package import GavelCore

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

extension ScriptRoomRules {
    package func evaluate(_ source: [UInt8], context: HookContext) -> HookOutcome {
        self.wasUnheard = false
        let outcome = gl_evaluate(self.engine.pointer, source, source.count, gl_context(context))
        if outcome.log_count > 0 { self.engine.forwardLog(to: self.logger, key: self.key) }
        if outcome.verdict == GL_FAILED {
            let error = self.engine.lastError
            let lines = [error.description] + error.traceback.map { "  at \($0)" }
            return HookOutcome(.failed, payload: self.keepShown(Array(lines.joined(separator: "\n").utf8)))
        }
        return HookOutcome(
            .handled,
            hasReply: true,
            effectCount: Int(outcome.effect_count),
            payload: UnsafeRawBufferPointer(start: outcome.payload, count: outcome.payload_length)
        )
    }

    package func describeState(atMost bytes: Int) -> [UInt8] {
        var text: UnsafeMutablePointer<UInt8>?
        var length = 0
        guard gl_describe_state(self.engine.pointer, bytes, &text, &length) else { return [] }
        defer { free(text) }
        return Array(UnsafeBufferPointer(start: text, count: length))
    }

    /// How often each line ran that can, file by file; empty where ``ScriptConfiguration/countsLines`` is not set.
    package var lineCounts: [ScriptLineCount] {
        self.engine.files.enumerated().flatMap { index, file in
            let counted = gl_counted_lines(self.engine.pointer, index)
            return UnsafeBufferPointer(start: counted.counts, count: Int(counted.last_line)).enumerated()
                .filter { $0.element >= 0 }
                .map { ScriptLineCount(file: file, line: $0.offset + 1, count: Int($0.element)) }
        }
    }
}

/// How often a line of rules ran.
package struct ScriptLineCount: Hashable, Sendable {
    /// As errors name it.
    package var file: String
    /// Counted from 1.
    package var line: Int
    package var count: Int

    package init(file: String, line: Int, count: Int) {
        self.file = file
        self.line = line
        self.count = count
    }
}
