/// It was done, and there is nothing to tell.
package struct Done: CommandReply, Hashable {
    package var done: String

    /// - Parameter done: What was done, for people.
    package init(_ done: String) {
        self.done = done
    }
}

/// Some rooms of a relay.
package struct RoomList: CommandReply, Hashable {
    package var rooms: [RoomOverview]
    /// Rooms that were asked for, those that are not listed among them.
    package var matched: Int
    /// Rooms of the relay.
    package var total: Int

    /// - Parameter all: Every room of the relay.
    package init(_ all: [RoomOverview], _ arguments: RoomsArguments) {
        var rooms = all
        if let search = arguments.search?.lowercased(), !search.isEmpty {
            rooms.removeAll { room in
                !room.room.lowercased().contains(search) && room.rules?.lowercased().contains(search) != true
            }
        }
        self.total = all.count
        self.matched = rooms.count
        // By name where they are equal otherwise, so that a list does not jump from one look to the next.
        rooms.sort { left, right in
            let (less, more) = (Self.rank(left, arguments.sort), Self.rank(right, arguments.sort))
            return less == more ? left.room < right.room : less > more
        }
        self.rooms = Array(rooms.prefix(arguments.limit ?? RoomsArguments.standardLimit))
    }

    private static func rank(_ room: RoomOverview, _ sort: RoomsArguments.Sort?) -> Int {
        switch sort {
        case nil, .name: 0
        case .clients: room.clients
        case .messages: room.lastMessage
        case .memory: room.historyBytes + room.backlogBytes
        }
    }
}

package struct NoticeOutcome: CommandReply, Hashable {
    /// How many were told.
    package var rooms: Int

    package init(rooms: Int) {
        self.rooms = rooms
    }
}

package struct ReloadOutcomes: CommandReply, Hashable {
    package var files: [FileOutcome]

    package init(_ files: [FileOutcome]) {
        self.files = files
    }

    package var isRefusal: Bool { self.files.contains { $0.result == .refused } }
}

package struct RulesHistories: CommandReply, Hashable {
    package var files: [RulesHistory]

    package init(_ files: [RulesHistory]) {
        self.files = files
    }
}

package struct LogLevelOutcome: CommandReply, Hashable {
    package var level: String
    /// `nil`: it was not set.
    package var former: String?

    package init(level: String, former: String? = nil) {
        self.level = level
        self.former = former
    }
}

/// What a relay can be asked for.
package struct CommandList: CommandReply, Hashable {
    package struct Entry: Codable, Hashable, Sendable {
        package var name: String
        package var summary: String
        /// Whether it answers line by line.
        package var isStream: Bool
        package var effect: CommandEffect
        package var arguments: [CommandField]
    }

    package var commands: [Entry]
}
