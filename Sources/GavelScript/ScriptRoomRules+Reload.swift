internal import CGavelLua
package import GavelCore

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

extension ScriptRoomRules {
    package func reload(from version: String, context: HookContext) -> HookOutcome {
        let outcome = gl_reload(self.engine.pointer, version, gl_context(context))
        return self.outcome(of: outcome, client: 0, message: nil, context: context)
    }

    package var strandedTimers: [String] {
        let names = gl_stranded_timers(self.engine.pointer)
        let bytes = UnsafeBufferPointer(start: names.bytes, count: names.length)
        return Set(bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }).sorted()
    }

    package func copyRates() -> [UInt8] {
        var bytes: UnsafeMutablePointer<UInt8>?
        var length = 0
        // Without memory for it, clients begin anew.
        guard gl_copy_rates(self.engine.pointer, &bytes, &length) else { return [] }
        defer { free(bytes) }
        return Array(UnsafeBufferPointer(start: bytes, count: length))
    }

    package func restoreRates(_ bytes: [UInt8]) {
        gl_restore_rates(self.engine.pointer, bytes, bytes.count)
    }

    package func latestField(of type: UInt32) -> String? {
        var field: UnsafePointer<CChar>?
        guard gl_find_latest(self.engine.pointer, type, &field) else { return nil }
        return field.map { String(cString: $0) } ?? ""
    }

    package var identifierCount: UInt64 { gl_ids(self.engine.pointer) }

    package func skipIdentifiers(_ count: UInt64) { gl_skip_ids(self.engine.pointer, count) }
}
