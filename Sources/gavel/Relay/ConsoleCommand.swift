import ArgumentParser
import Foundation
import GavelAdmin

/// `gavel console`: a word with the rules of a room.
struct ConsoleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "console",
        abstract: "Try Lua and messages on a copy of a room of the running relay, or do them for real.",
        discussion: """
            Each line is tried on a copy of the room as it is at that moment, and the room hears nothing of it. What \
            counts is done between two messages of the room, and is in the relay's log. The line help tells what can be \
            typed. Exits with 1 where a line failed, or was not taken.
            """
    )

    @OptionGroup var relay: RunningRelay

    @Argument(help: "The room's name.")
    var room: String

    @Option(name: .shortAndLong, help: ArgumentHelp("Only this line.", valueName: "line"))
    var evaluate: String?

    @Flag(help: "Do every line for real.")
    var commit = false

    func run() async throws {
        if let line = self.evaluate {
            guard case .send(let input) = ConsoleLine(line, client: 0) else {
                throw ValidationError("-e takes Lua or a message.")
            }
            return try await self.relay.ask(Commands.console, self.arguments(input))
        }
        let hasFailed = try await self.relay.reach { try await self.converse(with: $0) }
        if hasFailed { throw ExitCode.failure }
    }

    private func arguments(_ input: ConsoleLine.Input) -> ConsoleArguments {
        ConsoleArguments(
            room: self.room,
            text: input.text,
            client: input.client,
            commit: self.commit || input.isCommitted
        )
    }

    /// - Returns: Whether a line failed.
    private func converse(with client: ControlClient) async throws -> Bool {
        let isTerminal = isatty(STDIN_FILENO) == 1
        if isTerminal {
            print(
                self.commit
                    ? "Every line is done for real in \(self.room)."
                    : "Lines are tried on a copy of \(self.room); commit does the last one for real. help tells more."
            )
        }
        var (hasFailed, sender) = (false, 0)
        var last: ConsoleLine.Input?
        while true {
            if isTerminal { Terminal.output.write("\(self.room)> ") }
            guard let line = readLine() else { break }
            switch ConsoleLine(line, client: sender) {
            case .empty: break
            case .help: print(ConsoleLine.helpText)
            case .quit: return hasFailed
            case .client(let number): sender = number
            case .commit:
                guard var input = last else {
                    print("There is no line before.")
                    break
                }
                input.isCommitted = true
                hasFailed = try await self.send(input, to: client) || hasFailed
            case .send(let input):
                last = input
                hasFailed = try await self.send(input, to: client) || hasFailed
            }
        }
        return hasFailed
    }

    /// - Returns: Whether it failed.
    private func send(_ input: ConsoleLine.Input, to client: ControlClient) async throws -> Bool {
        do {
            let outcome = try await client.call(Commands.console, self.arguments(input))
            switch self.relay.format {
            case .text: print(outcome.text)
            case .json: print(String(decoding: try AdminJSON.encode(outcome), as: UTF8.self))
            }
            return outcome.isFailure
        } catch let error as CommandError {
            if error.code == .stopping { throw error }
            Console.complain(error.text)
            return true
        }
    }
}
