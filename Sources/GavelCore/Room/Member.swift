/// A client in a room.
struct Member: Sendable {
    let client: ClientID
    /// Of an away client: where it was.
    var address: MemberAddress
    /// UTF-8; empty where the client gave none.
    let name: [UInt8]
    /// Whether more waits for it than ``OutboundLimits/softBytes``.
    var isSlow = false
    /// Whether it has a connection.
    var isPresent = true
    /// Whether its place is kept until it comes back.
    var isAway = false
}

/// The clients of a room in the order in which they joined, which is that of their ids.
struct MemberList: Sendable {
    private(set) var members: ContiguousArray<Member> = []
    /// How many of them live on each loop.
    private(set) var countPerLoop: [Int]
    private(set) var slowCount = 0
    private(set) var presentCount = 0

    init(loops: Int) {
        self.countPerLoop = Array(repeating: 0, count: loops)
    }

    var count: Int { self.members.count }

    /// `client` must be above every other.
    mutating func append(_ member: Member) {
        self.members.append(member)
        self.countPerLoop[Int(member.address.loop)] += 1
        self.presentCount += 1
    }

    subscript(client: ClientID) -> Member? {
        self.index(of: client).map { self.members[$0] }
    }

    /// Complexity: O(log n).
    func index(of client: ClientID) -> Int? {
        var low = 0
        var high = self.members.count
        while low < high {
            let middle = (low + high) / 2
            if self.members[middle].client < client { low = middle + 1 } else { high = middle }
        }
        return low < self.members.count && self.members[low].client == client ? low : nil
    }

    /// Complexity: O(n).
    mutating func remove(_ client: ClientID) -> Member? {
        guard let index = self.index(of: client) else { return nil }
        let member = self.members.remove(at: index)
        if !member.isAway { self.countPerLoop[Int(member.address.loop)] -= 1 }
        if member.isSlow { self.slowCount -= 1 }
        if member.isPresent { self.presentCount -= 1 }
        return member
    }

    /// The member's connection is gone; it is neither present nor slow any more.
    mutating func setAbsent(_ client: ClientID) {
        guard let index = self.index(of: client), self.members[index].isPresent else { return }
        self.setSlow(client, false)
        self.members[index].isPresent = false
        self.presentCount -= 1
    }

    /// The member has no connection, and its place is kept.
    mutating func setAway(_ client: ClientID) {
        self.setAbsent(client)
        guard let index = self.index(of: client), !self.members[index].isAway else { return }
        self.members[index].isAway = true
        self.countPerLoop[Int(self.members[index].address.loop)] -= 1
    }

    /// The member has another connection.
    mutating func setBack(_ client: ClientID, at address: MemberAddress) {
        self.setAway(client)
        guard let index = self.index(of: client) else { return }
        self.members[index].isAway = false
        self.members[index].isPresent = true
        self.members[index].address = address
        self.countPerLoop[Int(address.loop)] += 1
        self.presentCount += 1
    }

    /// As ``append(_:)``, of a member that is away.
    mutating func append(away member: Member) {
        self.members.append(member)
        self.members[self.members.count - 1].isAway = true
        self.members[self.members.count - 1].isPresent = false
    }

    mutating func setSlow(_ client: ClientID, _ isSlow: Bool) {
        guard let index = self.index(of: client), self.members[index].isPresent,
            self.members[index].isSlow != isSlow
        else { return }
        self.members[index].isSlow = isSlow
        self.slowCount += isSlow ? 1 : -1
    }
}
