/// What a relay answered to a resume.
enum ResumeOutcome: Hashable, Sendable {
    /// Everything missed follows.
    case recovered
    /// The client is who it was, and has missed something: `epoch`, `history` or `future`.
    case missed(String)
    /// The session is over, the client a new one.
    case over

    /// - Returns: `nil` where `joined` says none of it.
    init?(recovered: Bool?, reason: String?) {
        switch (recovered, reason) {
        case (true?, nil): self = .recovered
        case (false?, "session"?): self = .over
        case (false?, let reason?) where ["epoch", "history", "future"].contains(reason): self = .missed(reason)
        default: return nil
        }
    }

    var words: String {
        switch self {
        case .recovered: "recovered"
        case .missed(let reason): "not recovered: \(reason)"
        case .over: "not recovered: session"
        }
    }
}
