import ArgumentParser
import GavelBench

/// `gavel saves`: saves rules while clients play, and checks that nobody suffers from it.
struct Saves: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Save rules while clients play, and check that nobody suffers from it.",
        discussion: """
            Starts a relay of its own, in a temporary folder, and clients that send at a rate. Rules are saved again \
            and again, as different editors do it; every second version has something wrong with it: some of it shows \
            before any room has the rules, some of it only in use, and then the rooms go back. The rules count \
            messages in all that they keep, and every client checks their counts and its room's order. Exits with 1 \
            where a message or a step of the state is lost or comes twice, where a save is not told once with the \
            outcome that it has to have, or where messages come more than 20 ms later, at the 99.9th percentile, than \
            those of the same clients without saves.
            """
    )

    @Option(help: "Decides what is wrong with which save; by default another each time.")
    var seed: UInt64?
    @Option(help: "How many saves.")
    var saves = 100
    @Option(help: "Into how many parts the saves are divided; a run without saves comes before each.")
    var rounds = 4
    @Option(help: "How many rooms.")
    var rooms = 100
    @Option(help: "Clients in each room.")
    var perRoom = 8
    @Option(help: "Messages in a second, of all clients together.")
    var rate = 4_000.0
    @Option(help: "How many milliseconds later messages may come, at the 99.9th percentile, than without saves.")
    var mostDelay = 20.0
    @Option(help: "How many milliseconds may pass from a save to the first message under it, for any client.")
    var mostEffect = 500.0
    @OptionGroup
    var files: RelayFiles

    func validate() throws {
        guard (0...60_000).contains(self.mostDelay) else { throw ValidationError("--most-delay takes 0 to 60000") }
        guard (0...60_000).contains(self.mostEffect) else { throw ValidationError("--most-effect takes 0 to 60000") }
        let mistakes = self.plan(seed: 0).mistakes
        guard mistakes.isEmpty else { throw ValidationError(mistakes.joined(separator: "\n")) }
    }

    func run() async throws {
        let plan = self.plan(seed: self.seed ?? UInt64.random(in: 0..<1 << 32))
        print("seed \(plan.seed), \(plan.saves) saves, \(plan.rooms * plan.clientsPerRoom) clients")
        let report = try await self.files.withFolder(for: "saves") { try await plan.run(in: $0) }
        print(report)
        guard report.isClean else { throw ExitCode.failure }
    }

    private func plan(seed: UInt64) -> SavesPlan {
        var plan = SavesPlan(program: RelayFiles.program)
        plan.seed = seed
        plan.saves = self.saves
        plan.rounds = self.rounds
        plan.rooms = self.rooms
        plan.clientsPerRoom = self.perRoom
        plan.rate = self.rate
        plan.mostExcess = .milliseconds(self.mostDelay)
        plan.mostEffect = .milliseconds(self.mostEffect)
        return plan
    }
}
