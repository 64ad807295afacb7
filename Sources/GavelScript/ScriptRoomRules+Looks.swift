internal import CGavelLua
package import GavelCore

/// What people see of rules that run.
extension ScriptRoomRules {
    package var lastHook: RulesHook? {
        var file: UnsafePointer<CChar>?
        var line: Int32 = 0
        guard !self.wasUnheard, gl_last_place(self.engine.pointer, &file, &line), let file else { return nil }
        return RulesHook(name: self.engine.lastHook, place: "\(String(cString: file)):\(line)")
    }

    package var timers: [RulesTimer] {
        // More are never set.
        let most = 1_000
        let views = [gl_timer_view](unsafeUninitializedCapacity: most) { views, count in
            count = gl_read_timers(self.engine.pointer, views.baseAddress, most)
        }
        return views.map { view in
            RulesTimer(
                name: Self.text(view.name, view.name_length),
                key: view.key.map { Self.text($0, view.key_length) },
                dueAt: view.at_ms == .max || self.isSwitchedOff ? nil : view.at_ms,
                periodMilliseconds: view.period_ms == 0 ? nil : view.period_ms
            )
        }
    }

    private static func text(_ bytes: UnsafePointer<CChar>, _ length: Int) -> String {
        String(decoding: UnsafeRawBufferPointer(start: bytes, count: length), as: UTF8.self)
    }

    package func failuresOfLastMinute(at uptimeMilliseconds: Int64) -> Int {
        self.recentFailures.total(at: uptimeMilliseconds)
    }
}
