extension RelayLoop {
    /// Does something to rooms here, between two messages; what it leads to is sent as ever.
    func administer<Result>(_ body: (inout Home, Moment) -> Result) -> Result {
        self.noteActivity()
        return body(&self.home, self.moment)
    }

    /// Bytes that wait for connections here; none for one that has moved on.
    func queuedBytes(at addresses: [ClientID: MemberAddress]) -> [ClientID: Int] {
        var bytes: [ClientID: Int] = [:]
        for (client, address) in addresses where Int(address.loop) == self.index {
            bytes[client] = self.connection(at: address)?.queuedBytes
        }
        return bytes
    }

    /// Lets an observer look on at a room whose home this is.
    package func observe(_ key: RoomKey, _ observer: any RulesObserver) {
        self.administer { $0.observe(key, observer, at: $1) }
    }

    package func unobserve(_ key: RoomKey, _ observer: any RulesObserver) {
        self.administer { home, _ in home.unobserve(key, observer) }
    }
}
