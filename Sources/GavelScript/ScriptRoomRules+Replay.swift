internal import CGavelLua
package import GavelCore

extension ScriptRoomRules {
    package var lastStop: HookStop? {
        var point = gl_stop_point()
        guard !self.wasUnheard, gl_last_stop(self.engine.pointer, &point) else { return nil }
        let error = self.engine.lastError
        return HookStop(
            budget: HookStop.Budget(rawValue: UInt8(point.kind))!,
            hook: self.engine.lastHook,
            file: error.file,
            line: error.line,
            text: error.text,
            traceback: error.traceback,
            identifiers: point.ids,
            snapshots: point.is_snapshot ? Int(point.snapshots) : nil
        )
    }

    package func stopNext(_ stop: HookStop) {
        self.engine.told = stop
        var point = gl_stop_point()
        point.kind = Int32(stop.budget.rawValue)
        point.ids = stop.identifiers
        point.is_snapshot = stop.snapshots != nil
        point.snapshots = UInt32(clamping: stop.snapshots ?? 0)
        gl_stop_next(self.engine.pointer, point)
    }
}

extension ScriptError {
    init(_ stop: HookStop) {
        let kind: Kind =
            switch stop.budget {
            case .steps, .time: .budget
            case .memory: .memory
            case .effects: .effects
            }
        self.init(kind: kind, file: stop.file, line: stop.line, text: stop.text, traceback: stop.traceback)
    }
}
