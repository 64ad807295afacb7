/// What somebody does with one room whose home this is.
extension RelayLoop {
    /// From where a room's rules are now others can go on, on any thread.
    /// - Returns: `nil` where there is no such room.
    package func beginning(of key: RoomKey) -> RulesBeginning? {
        self.administer { $0.beginning(of: key, at: $1) }
    }

    /// Does what somebody typed, between two messages of the room.
    /// - Returns: `nil` where there is no such room.
    package func commit(_ input: ConsoleInput, to key: RoomKey) -> Result<ConsoleResult, ConsoleRefusal>? {
        self.administer { $0.commit(input, to: key, at: $1) }
    }
}
