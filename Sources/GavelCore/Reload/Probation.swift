internal import NIOCore

/// New rules of a room on trial.
///
/// Confined to the room's home loop.
final class Probation {
    /// Makes the rules that the room had.
    let previous: any RulesProvider
    /// What those kept when the new ones took over, and of whom.
    let copy: [UInt8]
    let clients: [RestoredClient]
    let lastID: MessageID
    /// Whether those were the room's own, which it gave up to follow its kind.
    let endedPromotion: Bool
    /// Failures at which the room goes back.
    let mostFailures: Int
    private var messagesLeft: Int
    private let deadline: NIODeadline

    /// - Returns: `nil` where rules are not put on trial.
    init?(
        _ limits: ProbationLimits,
        previous: any RulesProvider,
        copy: [UInt8],
        clients: [RestoredClient],
        lastID: MessageID,
        endedPromotion: Bool,
        at now: NIODeadline
    ) {
        guard limits.time > .zero, limits.errors > 0 else { return nil }
        self.previous = previous
        self.copy = copy
        self.clients = clients
        self.lastID = lastID
        self.endedPromotion = endedPromotion
        self.mostFailures = limits.errors
        self.messagesLeft = limits.messages ?? .max
        self.deadline = now + TimeAmount(limits.time)
    }

    func isOver(at now: NIODeadline) -> Bool { now >= self.deadline }

    func countMessage() { self.messagesLeft -= 1 }

    var hasTakenAll: Bool { self.messagesLeft <= 0 }
}
@available(*, unavailable)
extension Probation: Sendable {}
