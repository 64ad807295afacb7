import Foundation
import GavelAdmin
import NIOCore
import ServiceLifecycle
import Testing

@Suite("Asking a relay", .timeLimit(.minutes(10)))
struct ControlClientTests {
    @Test("where there is none, says so, and what was there")
    func noRelay() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "gavel-client-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = ControlledRelay.path(in: folder)
        func error() async -> NoRelay? {
            await #expect(throws: NoRelay.self) {
                try await ControlClient.with(path) { _ = try await $0.call(Commands.status, NoArguments()) }
            }
        }
        #expect(await error()?.description == "no relay is running with this configuration: there is no \(path)")
        PlainSocket.abandon(path)
        #expect(await error()?.description == "no relay is running: the one that had \(path) has ended")
    }

    @Test("typed commands come back as they were sent")
    func calls() async throws {
        var content = RelayDouble.Content()
        content.rooms = [RoomOverview("a"), RoomOverview("b")]
        var view = RoomView(RoomOverview("a"))
        view.clients = [ClientView(1, name: "Ada"), ClientView(2, name: "", isConnected: false, queuedBytes: nil)]
        view.lastFailure = .init(hook: "filters.say", text: "chat.lua:3: no")
        content.views = ["a": view]
        let relay = RelayDouble(content)
        try await ControlledRelay.run(ControlledRelay.registry(relay)) { running in
            try await ControlClient.with(running.path) { client in
                #expect(try await client.call(Commands.status, NoArguments()) == (try await relay.status()))
                #expect(try await client.call(Commands.rooms, RoomsArguments(search: "b")).rooms == [RoomOverview("b")])
                #expect(try await client.call(Commands.room, RoomArguments(room: "a")) == view)
                let level = try await client.call(Commands.logLevel, LogLevelArguments(level: "debug"))
                #expect(level == LogLevelOutcome(level: "debug", former: "info"))
            }
        }
    }

    @Test("a command that is being done when the relay ends is answered")
    func endsInTheMiddle() async throws {
        let (begun, hasBegun) = AsyncStream.makeStream(of: Void.self)
        let (go, goOn) = AsyncStream.makeStream(of: Void.self)
        let relay = RelayDouble(reloading: {
            hasBegun.yield()
            _ = await go.first { true }
        })
        try await ControlledRelay.run(ControlledRelay.registry(relay)) { running in
            async let reply = ControlClient.with(running.path) { try await $0.call(Commands.reload, NoArguments()) }
            _ = await begun.first { true }
            await running.server.triggerGracefulShutdown()
            goOn.yield()
            let outcomes = try await reply
            #expect(outcomes == ReloadOutcomes([]))
        }
        #expect(relay.done == ["reload"])
    }

    @Test("a command goes on though whoever asked has gone")
    func clientGone() async throws {
        let (begun, hasBegun) = AsyncStream.makeStream(of: Void.self)
        let (done, isDone) = AsyncStream.makeStream(of: Bool.self)
        let (go, goOn) = AsyncStream.makeStream(of: Void.self)
        let relay = RelayDouble(reloading: {
            hasBegun.yield()
            _ = await go.first { true }
            isDone.yield(Task.isCancelled)
        })
        try await ControlledRelay.run(ControlledRelay.registry(relay)) { running in
            do {
                let client = try PlainSocket(running.path)
                client.send("{\"command\":\"reload\"}\n")
                _ = await begun.first { true }
            }
            let other = try PlainSocket(running.path)
            other.send("{\"command\":\"log-level\"}\n")
            #expect(await other.line() != nil)
            goOn.yield()
            #expect(await done.first { _ in true } == false)
        }
    }

    @Test("a relay that ends without an answer is told")
    func noAnswer() async throws {
        let (begun, hasBegun) = AsyncStream.makeStream(of: Void.self)
        let (told, isTold) = AsyncStream.makeStream(of: Void.self)
        let relay = RelayDouble(reloading: {
            hasBegun.yield()
            for await _ in told {}
        })
        try await ControlledRelay.run(ControlledRelay.registry(relay), adjust: { $0.drain = .zero }) { running in
            defer { isTold.finish() }
            let asking = Task {
                try await ControlClient.with(running.path) { try await $0.call(Commands.reload, NoArguments()) }
            }
            _ = await begun.first { true }
            await running.server.triggerGracefulShutdown()
            await #expect(throws: RelayWentAway.self) { _ = try await asking.value }
        }
    }
}
