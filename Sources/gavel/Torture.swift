import ArgumentParser
import GavelBench

/// `gavel torture`: ends a relay and its clients' connections in every way, and checks that nothing is lost.
struct Torture: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Kill a relay and its connections at random, and check that nothing is lost.",
        discussion: """
            Starts a relay of its own, with a log in a temporary folder, and clients that send numbered messages. It \
            kills, stops and pauses the relay and starts it again, and ends the clients' connections in every way; they \
            come back, resume their sessions and send again what was not taken. Everything that every client saw is \
            then held against the protocol: no number left out or twice, no number with two contents, every message \
            taken once and in its sender's order, nothing older after the latest. Exits with 1 where it is not so.

            strict   a log whose commits are synced: nothing may be lost, whatever happens
            relaxed  a log that follows: a kill may cost the last moments, and is then told
            memory   no log: sessions outlive connections, but not the relay
            """
    )

    @Option(help: "Decides what befalls whom; by default another each time.")
    var seed: UInt64?
    @Option(help: "For how long.")
    var seconds = 60.0
    @Option(help: "How many rooms.")
    var rooms = 4
    @Option(help: "Clients in each room.")
    var perRoom = 5
    @Option(help: "Messages of each client in a second.")
    var rate = 30.0
    @Option(help: "Seconds between two faults of a client, on average.")
    var faultEvery = 3.0
    @Option(help: "Seconds from a start of the relay to its end, on average.")
    var relayEvery = 3.0
    @Option(help: "strict, relaxed or memory.")
    var durability = TortureDurability.strict
    @OptionGroup
    var files: RelayFiles

    func validate() throws {
        guard (1...86_400).contains(self.seconds) else { throw ValidationError("--seconds takes 1 to 86400") }
        guard (0.01...86_400).contains(self.faultEvery) else {
            throw ValidationError("--fault-every takes 0.01 to 86400")
        }
        guard (0.01...86_400).contains(self.relayEvery) else {
            throw ValidationError("--relay-every takes 0.01 to 86400")
        }
        let mistakes = self.plan(seed: 0).mistakes
        guard mistakes.isEmpty else { throw ValidationError(mistakes.joined(separator: "\n")) }
    }

    func run() async throws {
        let plan = self.plan(seed: self.seed ?? UInt64.random(in: 0..<1 << 32))
        print("seed \(plan.seed), \(plan.durability.rawValue), \(plan.rooms * plan.clientsPerRoom) clients")
        let report = try await self.files.withFolder(for: "torture") { try await plan.run(in: $0) }
        print(report)
        guard report.isClean else { throw ExitCode.failure }
    }

    private func plan(seed: UInt64) -> TorturePlan {
        var plan = TorturePlan(program: RelayFiles.program)
        plan.seed = seed
        plan.duration = .seconds(self.seconds)
        plan.rooms = self.rooms
        plan.clientsPerRoom = self.perRoom
        plan.messagesPerSecond = self.rate
        plan.faultInterval = .seconds(self.faultEvery)
        plan.relayInterval = .seconds(self.relayEvery)
        plan.durability = self.durability
        return plan
    }
}

extension TortureDurability: ExpressibleByArgument {}
