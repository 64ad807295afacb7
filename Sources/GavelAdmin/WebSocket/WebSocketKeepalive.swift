/// Finds clients that are gone without a word. A value, driven by sweeps; whatever arrives counts as life.
struct WebSocketKeepalive {
    /// Sweeps in the longest silence.
    static let sweeps: Int64 = 3

    enum Action {
        case none
        case ping
        /// The client has not answered.
        case giveUp
    }

    private var hasHeard = true
    private var hasAsked = false

    mutating func heard() {
        self.hasHeard = true
    }

    mutating func sweep() -> Action {
        guard !self.hasHeard else {
            (self.hasHeard, self.hasAsked) = (false, false)
            return .none
        }
        guard !self.hasAsked else { return .giveUp }
        self.hasAsked = true
        return .ping
    }
}
