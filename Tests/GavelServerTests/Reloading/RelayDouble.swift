import GavelConfig
import GavelCore
import Synchronization

@testable import GavelServer

/// A relay of so many rooms, which does as it is told.
final class RelayDouble: ReloadTarget {
    struct State {
        var rehearsals = 0
        var adoptions = 0
        /// What rehearsals say.
        var refusals: [ReloadReport.Refusal] = []
        /// Resumed when a rehearsal has begun, which then waits for the other.
        var held: (begun: CheckedContinuation<Void, Never>?, rest: CheckedContinuation<Void, Never>?) = (nil, nil)
        var holdsNext = false
        /// What rooms do with the settings.
        var tries: @Sendable (RelaySettings) -> Void = { _ in }
    }

    let state = Mutex(State())

    var counts: [Int] { self.state.withLock { [$0.rehearsals, $0.adoptions] } }

    func rehearse(_ settings: RelaySettings) async -> ReloadReport {
        let holds = self.state.withLock { state in
            state.rehearsals += 1
            defer { state.holdsNext = false }
            return state.holdsNext
        }
        if holds {
            await withCheckedContinuation { rest in
                self.state.withLock { state in
                    state.held.rest = rest
                    state.held.begun?.resume()
                }
            }
        }
        self.state.withLock { $0.tries }(settings)
        var report = ReloadReport()
        report.refusals = self.state.withLock { $0.refusals }
        report.refused = report.refusals.count
        return report
    }

    func adopt(_ settings: RelaySettings) async -> ReloadReport {
        self.state.withLock { $0.adoptions += 1 }
        self.state.withLock { $0.tries }(settings)
        var report = ReloadReport()
        report.changed = 1
        return report
    }

    /// Does something that leads to a rehearsal, and returns when that is under way.
    func hold(_ body: () -> Void) async {
        await withCheckedContinuation { begun in
            self.state.withLock { state in
                state.held.begun = begun
                state.holdsNext = true
            }
            body()
        }
    }

    /// Lets it go on.
    func release() {
        self.state.withLock { $0.held.rest }?.resume()
    }
}
