internal import GavelAdmin
internal import GavelCore

extension OperatedRelay: WatchOperations {
    func watch(
        _ arguments: WatchArguments,
        _ send: @escaping @Sendable (WatchLine) async throws -> Void
    ) async throws {
        let key = RoomKey(arguments.room)
        let watch = RoomWatch(arguments)
        // At once, so that whoever watches a room that is not there knows that it is watched.
        try await send(WatchLine(.idle, time: RoomWatch.now))
        await self.hub.observe(key, watch)
        let result: Result<Void, any Error>
        do {
            result = .success(try await watch.tell(send))
        } catch {
            result = .failure(error)
        }
        await self.hub.unobserve(key, watch)
        try result.get()
    }
}
