/// As ``RelayLoop`` does it, on the loop of the room.
extension RelayHub {
    package func beginning(of key: RoomKey) async -> RulesBeginning? {
        await self.host(of: key).perform { $0.beginning(of: key) } ?? nil
    }

    package func commit(_ input: ConsoleInput, to key: RoomKey) async -> Result<ConsoleResult, ConsoleRefusal>? {
        await self.host(of: key).perform { $0.commit(input, to: key) } ?? nil
    }
}
