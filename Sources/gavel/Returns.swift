import ArgumentParser
import GavelBench

/// `gavel returns`: restarts a relay, and measures how fast its clients come back.
struct Returns: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Restart a relay full of clients, and measure how fast they come back.",
        discussion: """
            Starts a relay of its own, with a log in a temporary folder and plain relay rooms. Clients join, some of \
            them send, some lose their connection and miss something. Then the relay is stopped and started again, and \
            all clients return to their sessions at once, which is the worst case: real clients wait for as long as \
            the relay asked them to. Every client checks that it misses nothing. Exits with 1 where one does, where a \
            session is not recovered that has to be, or where a client cannot come back within a minute.

            strict   a log whose commits are synced: nothing may be lost, by --kill neither
            relaxed  a log that follows: --kill may cost the last moments, and is then told
            """
    )

    @Option(help: "How many clients.")
    var clients = 10_000
    @Option(help: "How many rooms.")
    var rooms = 1_250
    @Option(help: "strict or relaxed.")
    var durability = TortureDurability.strict
    @Flag(help: "End the relay with kill -9 instead of SIGTERM.")
    var kill = false
    @OptionGroup
    var files: RelayFiles

    func validate() throws {
        let mistakes = self.plan.mistakes
        guard mistakes.isEmpty else { throw ValidationError(mistakes.joined(separator: "\n")) }
    }

    func run() async throws {
        let plan = self.plan
        print("\(plan.clients) clients in \(plan.rooms) rooms, \(plan.durability.rawValue)")
        let report = try await self.files.withFolder(for: "returns") { try await plan.run(in: $0) }
        print(report)
        guard report.isClean else { throw ExitCode.failure }
    }

    private var plan: ReturnsPlan {
        var plan = ReturnsPlan(program: RelayFiles.program)
        plan.clients = self.clients
        plan.rooms = self.rooms
        plan.durability = self.durability
        plan.kills = self.kill
        return plan
    }
}
