import Foundation
import GavelAdmin
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
            #expect(reply.done == "uid \(getuid())")
        }
    }

    @Test("is unknown where nobody says")
    func unknown() {
        #expect("\(CommandCaller.unknown)" == "unknown")
    }

    private static var isKnown: Bool {
        #if os(Linux)
            true
        #else
            false
        #endif
    }
}
