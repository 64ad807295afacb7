import Foundation
import GavelAdmin
import Logging
import Synchronization
import Testing

@Suite("Who asks for a command", .timeLimit(.minutes(10)))
struct CommandCallerTests {
    private static let whoami = Command<NoArguments, Done>("whoami", "Tells who asks.")

    @Test("is known by the system, over the control socket", .enabled(if: Self.isKnown))
    func user() async throws {
        var registry = ControlledRelay.registry()
        registry.add(Self.whoami) { _, caller in Done("\(caller)") }
        try await ControlledRelay.run(registry) { relay in
            let reply = try await ControlClient.with(relay.path) { try await $0.call(Self.whoami, NoArguments()) }
            #expect(reply.done == "socket uid \(getuid())")
        }
    }

    @Test("is known by the address, over HTTP")
    func address() async throws {
        var registry = ControlledRelay.registry()
        registry.add(Self.whoami) { _, caller in Done("\(caller)") }
        try await ServedRelay.run(registry) { served async throws in
            let answer = try await served.client.ask("POST", "/api/v1/whoami", body: "{}")
            #expect(answer.text == #"{"done":"http 127.0.0.1"}"#)
        }
    }

    @Test("is told in the log with each command that acts, what it was and what came of it")
    func logged() async throws {
        let entries = Mutex<[(message: String, metadata: Logger.Metadata)]>([])
        let logger = Logger(label: "test") { _ in
            NotingHandler { message, metadata in entries.withLock { $0.append((message, metadata)) } }
        }
        let relay = RelayDouble(.init(views: ["lobby": RoomView(RoomOverview("lobby"))]))
        let registry = ControlledRelay.registry(relay, logger: logger)
        func perform(_ name: String, _ arguments: [String: JSONValue] = [:]) async throws {
            _ = try await registry.perform(name, arguments, by: .http(address: "10.0.0.7")) { _ in }
        }
        let room = JSONValue.text("lobby")
        try await perform("close", ["room": room, "reason": .text(String(repeating: "x", count: 600))])
        try await perform("rooms")
        await #expect(throws: CommandError.self) { try await perform("kick", ["room": room, "client": .integer(7)]) }
        await #expect(throws: CommandError.self) { try await perform("kick", ["room": room]) }
        let found = entries.withLock { $0 }
        try #require(found.map(\.message) == ["a command was done", "a command was not done"])
        #expect(found.allSatisfy { $0.metadata["by"] == "http 10.0.0.7" })
        #expect(found.map { $0.metadata["command"] } == ["close", "kick"])
        #expect(found[0].metadata["result"] == "The room lobby is closed.")
        #expect(found[1].metadata["result"] == "There is no client 7 in a room \"lobby\".")
        #expect(found[0].metadata["arguments"].map { "\($0)".count } == 500)
        #expect(found[1].metadata["arguments"] == #"{"client":7,"room":"lobby"}"#)
    }

    private struct NotingHandler: LogHandler {
        let note: @Sendable (String, Logger.Metadata) -> Void
        var logLevel = Logger.Level.info
        var metadata: Logger.Metadata = [:]

        init(note: @escaping @Sendable (String, Logger.Metadata) -> Void) { self.note = note }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) { self.note("\(event.message)", event.metadata ?? [:]) }
    }

    private static var isKnown: Bool {
        #if os(Linux)
            true
        #else
            false
        #endif
    }
}
