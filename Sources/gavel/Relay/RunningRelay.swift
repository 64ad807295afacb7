import ArgumentParser
import Foundation
import GavelAdmin
import GavelConfig

/// How a command that speaks to a running relay finds it, and how it answers.
struct RunningRelay: ParsableArguments {
    @OptionGroup var file: ConfigurationFile

    @Option(help: "text for people, json for programs.")
    var format = OutputFormat.text

    /// Has the relay do a command, and prints what it answers.
    /// - Throws: The exit code: 1 where it would not, 2 where it was asked wrongly, 3 where there is no relay.
    func ask<Arguments, Reply>(_ command: Command<Arguments, Reply>, _ arguments: Arguments) async throws {
        let reply = try await self.reach { try await $0.call(command, arguments) }
        print(self.format == .json ? try Self.json(reply) : reply.text)
        if reply.isRefusal { throw ExitCode.failure }
    }

    /// Has the relay tell something line by line, and prints that, until it ends.
    /// - Parameter text: Of a line, for people; `nil`: they need not see it.
    /// - Throws: As ``ask(_:_:)``.
    func listen<Arguments, Line>(
        _ command: StreamCommand<Arguments, Line>,
        _ arguments: Arguments,
        text: @escaping @Sendable (Line) -> String?
    ) async throws {
        let format = self.format
        try await self.reach { client in
            try await client.listen(command, arguments) { line in
                switch format {
                case .json: Terminal.output.write(String(decoding: try AdminJSON.encode(line), as: UTF8.self) + "\n")
                case .text: if let text = text(line) { Terminal.output.write(text + "\n") }
                }
            }
        }
    }

    /// Connects to the relay for the length of `body`.
    /// - Parameter read: Called instead where no relay runs, or it takes no commands; `nil`: that is an error.
    /// - Throws: As ``ask(_:_:)``; also 1 where `read` throws, and 2 where the configuration does not say what to read.
    func reach<Result: Sendable>(
        _ body: @Sendable (ControlClient) async throws -> Result,
        orStored read: ((GavelConfiguration) throws -> Result)? = nil
    ) async throws -> Result {
        let report = self.file.read(flags: [])
        let path = try self.socket(report)
        do {
            guard let path else {
                guard let read else { throw self.takesNoCommands }
                return try Self.stored(report, read)
            }
            do {
                return try await ControlClient.with(path, body)
            } catch let error as NoRelay where error.hasEnded {
                guard let read else { throw error }
                return try Self.stored(report, read)
            }
        } catch let code as ExitCode {
            throw code
        } catch let error as CommandError {
            if self.format == .json { print(try Self.json(["error": error])) } else { Console.complain(error.text) }
            switch error.code {
            case .badArgument: throw ExitCode.wrongUsage
            case .stopping: throw ExitCode.noRelay
            default: throw ExitCode.failure
            }
        } catch let error as NoRelay {
            Console.complain("gavel: \(error).\n\(self.advice)")
            throw ExitCode.noRelay
        } catch {
            Console.complain("gavel: \(error)")
            throw ExitCode.noRelay
        }
    }

    private static func stored<Result>(
        _ report: ConfigurationReport,
        _ read: (GavelConfiguration) throws -> Result
    ) throws(CommandError) -> Result {
        do {
            return try read(report.get())
        } catch let error as CommandError {
            throw error
        } catch let error as ConfigurationError {
            throw CommandError(.badArgument, error.description)
        } catch {
            throw CommandError(.failed, "\(error)")
        }
    }

    private var advice: String {
        """
        Start one with gavel serve --config \(self.file.path); where it runs with another file, name that with \
        --config, and where GAVEL_CONTROL_SOCKET was set for it, set it here too.
        """
    }

    static func json(_ value: some Encodable) throws -> String {
        String(decoding: try AdminJSON.encode(value, forPeople: true), as: UTF8.self)
    }

    /// Where the relay takes commands; `nil`: it takes none. Other mistakes of the configuration are no matter: the relay
    /// may run with what the file said before.
    private func socket(_ report: ConfigurationReport) throws -> String? {
        guard FileManager.default.fileExists(atPath: self.file.path) else {
            for problem in report.problems { Console.complain(problem.description) }
            throw ExitCode.wrongUsage
        }
        return report.configuration.controlSocket
    }

    private var takesNoCommands: ExitCode {
        Console.complain("gavel: this relay takes no commands, for \(self.file.path) says control.socket = \"off\".")
        return .noRelay
    }
}

extension ExitCode {
    static let wrongUsage = ExitCode(2)
    /// There is no relay to speak to.
    static let noRelay = ExitCode(3)
}
