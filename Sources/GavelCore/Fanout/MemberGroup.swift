/// The members of one room on one loop.
struct MemberGroup {
    private(set) var members: ContiguousArray<Connection> = []
    /// Whether the room asked not to read its senders.
    private(set) var isPaused = false

    mutating func add(_ connection: Connection) {
        connection.groupIndex = self.members.count
        self.members.append(connection)
        if self.isPaused { connection.hold(.room) }
    }

    mutating func remove(_ connection: Connection) {
        let index = connection.groupIndex
        guard index >= 0, index < self.members.count, self.members[index] === connection else { return }
        let last = self.members.removeLast()
        if last !== connection {
            self.members[index] = last
            last.groupIndex = index
        }
        connection.groupIndex = -1
        connection.unhold(.room)
        if self.members.isEmpty { self.isPaused = false }
    }

    mutating func setPaused(_ isPaused: Bool) {
        guard isPaused != self.isPaused, !self.members.isEmpty else { return }
        self.isPaused = isPaused
        for member in self.members {
            if isPaused { member.hold(.room) } else { member.unhold(.room) }
        }
    }
}
@available(*, unavailable)
extension MemberGroup: Sendable {}
