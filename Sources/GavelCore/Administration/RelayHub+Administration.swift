/// What an operator asks of a running relay. Each call is done on the loop of the room, between two messages.
extension RelayHub {
    func host(of key: RoomKey) -> EventLoopHost {
        self.hosts[self.environment.home(of: key, loops: self.hosts.count)]
    }

    /// The rooms of the relay by their keys; on each loop `most` of them.
    package func rooms(most: Int = 10_000) async -> [RoomSummary] {
        var all: [RoomSummary] = []
        for host in self.hosts {
            all += await host.perform { loop in loop.administer { home, _ in home.summaries(most: most) } } ?? []
        }
        return all.sorted { $0.key.bytes.lexicographicallyPrecedes($1.key.bytes) }
    }

    /// - Returns: `nil`: the room is not there.
    package func room(_ key: RoomKey) async -> RoomDetails? {
        let found = await self.host(of: key).perform { loop in loop.administer { $0.details(of: key, at: $1) } }
        guard let found, let (summary, addresses) = found else { return nil }
        var details = summary
        for (index, host) in self.hosts.enumerated() {
            let here = addresses.filter { Int($0.value.loop) == index }
            guard !here.isEmpty, let bytes = await host.perform({ $0.queuedBytes(at: here) }) else { continue }
            for place in details.clients.indices {
                if let bytes = bytes[details.clients[place].id] { details.clients[place].queuedBytes = bytes }
            }
        }
        return details
    }

    /// Takes a client out of its room and closes its connection with 4502, as rules do.
    /// - Returns: `false` where there is no such client.
    package func kick(_ client: ClientID, from key: RoomKey, reason: String = "") async -> Bool {
        let reason = Array(reason.utf8)
        return await self.host(of: key).perform { loop in
            loop.administer { $0.kick(client, from: key, reason: reason, at: $1) }
        } ?? false
    }

    /// Ends a room with all that are in it, as rules do.
    /// - Returns: `false` where there is no such room.
    package func closeRoom(_ key: RoomKey, reason: String = "") async -> Bool {
        let reason = Array(reason.utf8)
        return await self.host(of: key).perform { loop in
            loop.administer { $0.close(key, reason: reason, at: $1) }
        } ?? false
    }

    /// Sends a message of `client_id` 0, numbered and in the history as any.
    /// - Parameters:
    ///   - message: A JSON object with a `type` that is not the relay's own.
    ///   - key: `nil`: to every room.
    /// - Returns: To how many rooms.
    /// - Throws: What is wrong with the message.
    package func broadcast(_ message: [UInt8], to key: RoomKey?) async throws(MessageError) -> Int {
        let object = try NoticeText.check(message, depth: self.settings.limits.jsonDepth)
        guard let key else {
            var count = 0
            for host in self.hosts {
                count += await host.perform { loop in loop.administer { $0.broadcastToAll(object, at: $1) } } ?? 0
            }
            return count
        }
        let isSent = await self.host(of: key).perform { loop in
            loop.administer { $0.broadcast(object, to: key, at: $1) }
        }
        return isSent ?? false ? 1 : 0
    }

    /// Lets an observer look on at a room: at once where it is there, and whenever one of that name begins.
    package func observe(_ key: RoomKey, _ observer: any RulesObserver) async {
        _ = await self.host(of: key).perform { $0.observe(key, observer) }
    }

    /// Ends that; when it returns, nothing more is told.
    package func unobserve(_ key: RoomKey, _ observer: any RulesObserver) async {
        _ = await self.host(of: key).perform { $0.unobserve(key, observer) }
    }
}
