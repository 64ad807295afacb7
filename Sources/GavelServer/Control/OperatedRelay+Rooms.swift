internal import GavelAdmin
internal import GavelCore

extension OperatedRelay: RoomOperations {
    func rooms() async -> [RoomOverview] {
        await self.hub.rooms(most: .max).map { RoomOverview($0) }
    }

    func room(_ key: String) async -> RoomView? {
        await self.hub.room(RoomKey(key)).map { RoomView($0) }
    }

    func kick(_ client: Int, from room: String, reason: String) async -> Bool {
        guard let client = ClientID(exactly: client) else { return false }
        return await self.hub.kick(client, from: RoomKey(room), reason: reason)
    }

    func close(_ room: String, reason: String) async -> Bool {
        await self.hub.closeRoom(RoomKey(room), reason: reason)
    }

    func notify(_ text: String, room: String?) async throws -> Int {
        let message = try AdminJSON.encode(["type": "notice", "text": text])
        do throws(MessageError) {
            return try await self.hub.broadcast(message, to: room.map { RoomKey($0) })
        } catch {
            throw CommandError(.refused, "\(error.message)")
        }
    }
}

extension RoomOverview {
    fileprivate init(_ summary: RoomSummary) {
        self.init(summary.key.description)
        self.clients = summary.members
        self.away = summary.away
        self.lastMessage = Int(clamping: summary.lastID)
        self.epoch = String(decoding: summary.epoch, as: UTF8.self)
        self.rules = summary.rules?.name
        self.version = summary.rules?.version
        self.isOnProbation = summary.isOnProbation
        self.isLocked = summary.isLocked
        self.isOpening = summary.isOpening
        self.isObserved = summary.isObserved
        self.historyBytes = summary.historyBytes
        self.backlogBytes = summary.backlogBytes
    }
}

extension RoomView {
    fileprivate init(_ details: RoomDetails) {
        self.init(RoomOverview(details.summary))
        self.clients = details.clients.map { client in
            ClientView(
                Int(clamping: client.id),
                name: String(decoding: client.name, as: UTF8.self),
                isConnected: client.isConnected,
                isSlow: client.isSlow,
                queuedBytes: client.queuedBytes
            )
        }
        self.failures = details.failures
        self.lastFailure = details.lastFailure.map { Failure(hook: $0.hook, text: $0.text) }
        self.failuresOfLastMinute = details.failuresOfLastMinute
        self.probation = details.probation.map { Probation(mostFailures: $0.mostFailures, previous: $0.previous) }
        self.state = details.state.isEmpty ? nil : String(decoding: details.state, as: UTF8.self)
        self.timers = details.timers.map { timer in
            Timer(
                timer.name,
                key: timer.key,
                inMilliseconds: timer.millisecondsLeft.map { Int($0) },
                everyMilliseconds: timer.periodMilliseconds.map { Int($0) }
            )
        }
        self.nextTimerMilliseconds = details.nextTimerMilliseconds.map { Int($0) }
    }
}
