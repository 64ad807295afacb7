extension RelayLoop {
    /// Has one room, and no other, go on under rules of its own, on probation as after any reload: until it ends, or
    /// the rules of its kind change the next time.
    /// - Returns: What became of it; `nil` where there is no such room, or it has no rules.
    package func promote(_ key: RoomKey, to provider: any RulesProvider) -> ReloadReport? {
        self.administer { $0.promote(key, to: provider, at: $1) }
    }
}

extension RelayHub {
    /// As ``RelayLoop`` does it, on the loop of the room.
    package func promote(_ key: RoomKey, to provider: any RulesProvider) async -> ReloadReport? {
        await self.host(of: key).perform { $0.promote(key, to: provider) } ?? nil
    }
}
