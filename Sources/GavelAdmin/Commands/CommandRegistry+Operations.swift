extension CommandRegistry {
    package mutating func add(_ relay: any RelayOperations) {
        self.add(Commands.status) { _, caller in
            var status = try await relay.status()
            // The token in it is for the owner of the relay's socket alone.
            if case .http = caller { status.page = nil }
            return status
        }
        self.add(Commands.drain) { _ in
            try await relay.drain()
            return Done("The relay tells its clients that it is going away, and ends.")
        }
    }

    package mutating func add(_ rooms: any RoomOperations) {
        self.add(Commands.rooms) { arguments in RoomList(try await rooms.rooms(), arguments) }
        self.add(Commands.room) { arguments in
            guard let room = try await rooms.room(arguments.room) else { throw Self.noRoom(arguments.room) }
            return room
        }
        self.add(Commands.kick) { arguments in
            let (client, room) = (arguments.client, arguments.room)
            guard try await rooms.kick(client, from: room, reason: arguments.reason ?? "") else {
                throw CommandError(.notFound, "There is no client \(client) in a room \"\(room)\".")
            }
            return Done("Client \(client) is out of \(room).")
        }
        self.add(Commands.close) { arguments in
            guard try await rooms.close(arguments.room, reason: arguments.reason ?? "") else {
                throw Self.noRoom(arguments.room)
            }
            return Done("The room \(arguments.room) is closed.")
        }
        self.add(Commands.notice) { arguments in
            let count = try await rooms.notify(arguments.text, room: arguments.room)
            if let room = arguments.room, count == 0 { throw Self.noRoom(room) }
            return NoticeOutcome(rooms: count)
        }
    }

    package mutating func add(_ rules: any RulesOperations) {
        self.add(Commands.reload) { _ in ReloadOutcomes(try await rules.reload()) }
        self.add(Commands.versions) { _ in RulesHistories(try await rules.versions()) }
        self.add(Commands.rollback) { arguments in
            ReloadOutcomes([try await rules.rollBack(arguments.file, to: arguments.version)])
        }
    }

    package mutating func add(_ log: any LogOperations) {
        self.add(Commands.logLevel) { arguments in
            let former = try await log.logLevel()
            guard let level = arguments.level else { return LogLevelOutcome(level: former) }
            try await log.setLogLevel(level)
            return LogLevelOutcome(level: level, former: former)
        }
    }

    static func noRoom(_ room: String) -> CommandError {
        CommandError(.notFound, "There is no room \"\(room)\" at the moment.")
    }
}
