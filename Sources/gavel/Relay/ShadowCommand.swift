import ArgumentParser
import Foundation
import GavelAdmin
import Synchronization

/// `gavel shadow`: a new version of rules beside the one that people play.
struct ShadowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shadow",
        abstract: "Let a new version of rules see what a room sees, and show where it differs.",
        discussion: """
            The version goes on from a copy of what the room keeps, and nobody hears what it does. It is dropped with \
            Ctrl-C, or when the room ends; at a terminal, the lines promote and drop end it too. Promoting has the room \
            go on under it, on probation: that room alone, or all with these rules where the file is theirs.
            """
    )

    @OptionGroup var relay: RunningRelay

    @Argument(help: "The room's name.")
    var room: String

    @Argument(help: "The rules to try, a file anywhere; modules are those of the relay's scripts folder.")
    var file: String?

    @Flag(help: "Have the room go on under the rules of its shadow.")
    var promote = false

    @Flag(help: "End the room's shadow.")
    var drop = false

    func validate() throws {
        if [self.file != nil, self.promote, self.drop].count(where: { $0 }) != 1 {
            throw ValidationError("Give a file, --promote or --drop.")
        }
    }

    func run() async throws {
        guard let file else { return try await self.end(asPromoted: self.promote) }
        let path = URL(filePath: file).standardizedFileURL.path(percentEncoded: false)
        let arguments = ShadowArguments(room: self.room, file: path)
        if isatty(STDIN_FILENO) == 1, self.relay.format == .text {
            let command = self
            // Ends with the process.
            Thread.detachNewThread { command.readKeys() }
        }
        let figures = ShadowFiguresLine(isTerminal: Terminal.output.width != nil)
        try await self.relay.listen(Commands.shadow, arguments) { figures.text(of: $0) }
    }

    private func end(asPromoted: Bool) async throws {
        let arguments = RoomArguments(room: self.room)
        if asPromoted {
            try await self.relay.ask(Commands.shadowPromote, arguments)
        } else {
            try await self.relay.ask(Commands.shadowDrop, arguments)
        }
    }

    private func readKeys() {
        while let line = readLine() {
            switch line.trimmingCharacters(in: .whitespaces) {
            case "p", "promote": Task { try await self.end(asPromoted: true) }
            case "d", "drop": Task { try await self.end(asPromoted: false) }
            default: print("promote or drop, each with Enter; Ctrl-C drops it too.")
            }
        }
    }
}

/// Shows how much a shadow has seen: at a terminal on one line that stays the last, else at the end.
private final class ShadowFiguresLine: Sendable {
    private struct State {
        var figures: ShadowFigures?
        /// Whether the last line on the terminal is that of the figures.
        var isShown = false
    }

    private let isTerminal: Bool
    private let state = Mutex(State())

    init(isTerminal: Bool) {
        self.isTerminal = isTerminal
    }

    func text(of line: ShadowLine) -> String? {
        self.state.withLock { state in
            guard let figures = line.figures else {
                if line.ended != nil, !self.isTerminal, let figures = state.figures {
                    return "\(figures.text)\n\(line.text)"
                }
                state.isShown = false
                return line.text
            }
            state.figures = figures
            guard self.isTerminal else { return nil }
            defer { state.isShown = true }
            return (state.isShown ? "\u{1B}[1A\u{1B}[2K" : "") + line.text
        }
    }
}
