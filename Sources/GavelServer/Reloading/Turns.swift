/// Has callers of an actor take turns, in the order in which they came, though each of them waits for others in its
/// own. A value that the actor owns.
struct Turns {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// - Returns: Whether it is the caller's turn; otherwise it is to ``wait(_:)``.
    mutating func take() -> Bool {
        defer { self.isTaken = true }
        return !self.isTaken
    }

    /// - Parameter caller: Resumed when it is its turn.
    mutating func wait(_ caller: CheckedContinuation<Void, Never>) {
        self.waiting.append(caller)
    }

    /// The turn is over: it is the next one's, if somebody waits.
    mutating func end() {
        guard !self.waiting.isEmpty else {
            self.isTaken = false
            return
        }
        self.waiting.removeFirst().resume()
    }
}
