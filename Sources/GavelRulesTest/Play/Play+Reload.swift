internal import GavelConfig
internal import GavelCore
internal import GavelScript
internal import GavelSimulation
internal import Synchronization

/// New versions of the rules, in the middle of a test.
extension Play {
    /// Has the test's room go on under another version of its rules, as a save does on the relay.
    /// - Returns: Why it stays on the version that it has; `nil`: it goes on.
    func reload(_ call: PlayCall) throws(TestFailure) -> String? {
        guard self.scriptRules(of: self.rooms.key) != nil else {
            throw call.failure("there is no room yet whose rules could be exchanged. Somebody joins first.")
        }
        do throws(ScriptError) {
            try self.rooms.exchange(call[0]?.string)
        } catch {
            return error.description
        }
        let rooms = self.rooms
        let settings = RelaySettings(
            limits: self.shelf.configuration.limits,
            outbound: self.shelf.configuration.outbound,
            directory: { rooms.policy(of: $0) }
        )
        let answer = Answer()
        self.relay.loops[0].adopt(settings) { report in answer.report.withLock { $0 = report } }
        try self.settle(call)
        let report = answer.report.withLock { $0 }
        guard let report, report.changed == 0 else { return nil }
        rooms.takeBack()
        return report.refusals.first?.text ?? "the room keeps the rules it has."
    }

    private final class Answer: Sendable {
        let report = Mutex<ReloadReport?>(nil)
    }
}
