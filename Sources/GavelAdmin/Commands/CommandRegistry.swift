package import Logging

/// Commands by their names, for whatever way they come: the control socket, or HTTP.
package struct CommandRegistry: Sendable {
    /// Takes one line of a stream, as JSON; returns when more can be taken.
    package typealias LineSink = @Sendable (_ line: [UInt8]) async throws -> Void

    private enum Action: Sendable {
        case list
        case reply(@Sendable (_ arguments: [UInt8], _ caller: CommandCaller) async throws -> any CommandReply)
        case stream(@Sendable (_ arguments: [UInt8], _ send: @escaping LineSink) async throws -> Void)
    }

    private var actions: [String: Action] = [:]
    /// In the order in which they were added, after the one that lists them.
    package private(set) var list = CommandList(commands: [])
    /// What commands answer, or the lines of streams, by the commands' names.
    private(set) var replies: [String: any CommandReply.Type] = [:]
    /// Commands that act and do not log that they did.
    private var loggedNames: Set<String> = []
    private let nearest: @Sendable (_ name: String, _ names: [String]) -> String?
    private let logger: Logger

    /// - Parameters:
    ///   - logger: Is told of each command that acts: what it was, who asked and what came of it.
    ///   - nearest: Finds the name that a misspelt one was meant to be.
    package init(logger: Logger, nearest: @escaping @Sendable (_ name: String, _ names: [String]) -> String?) {
        self.logger = logger
        self.nearest = nearest
        self.note(Commands.commands)
        self.actions[Commands.commands.name] = .list
    }

    /// - Parameter body: Does the command; throws ``CommandError`` where it cannot. It runs to its end even where whoever
    ///   asked has gone.
    package mutating func add<Arguments, Reply>(
        _ command: Command<Arguments, Reply>,
        _ body: @escaping @Sendable (Arguments) async throws -> Reply
    ) {
        self.add(command) { arguments, _ in try await body(arguments) }
        if command.effect == .acts { self.loggedNames.insert(command.name) }
    }

    /// As without the caller, of a command that logs by itself what it did and who asked for it.
    package mutating func add<Arguments, Reply>(
        _ command: Command<Arguments, Reply>,
        _ body: @escaping @Sendable (Arguments, CommandCaller) async throws -> Reply
    ) {
        self.note(command)
        self.actions[command.name] = .reply { arguments, caller in
            let arguments = try AdminJSON.decode(Arguments.self, from: arguments)
            return try await Task { try await body(arguments, caller) }.value
        }
    }

    /// - Parameter body: Sends lines until there are no more, or until its task is cancelled, which it is when whoever
    ///   asked has gone. `send` returns when the next line can be taken: what cannot wait must be left out by `body`.
    package mutating func add<Arguments, Line>(
        _ command: StreamCommand<Arguments, Line>,
        _ body:
            @escaping @Sendable (Arguments, _ send: @escaping @Sendable (Line) async throws -> Void) async throws ->
            Void
    ) {
        self.note(Command<Arguments, Line>(command.name, command.summary, .looks), isStream: true)
        self.actions[command.name] = .stream { arguments, send in
            try await body(try AdminJSON.decode(Arguments.self, from: arguments)) { line in
                try Task.checkCancellation()
                try await send(try AdminJSON.encode(line))
            }
        }
    }

    private mutating func note<Arguments, Reply>(_ command: Command<Arguments, Reply>, isStream: Bool = false) {
        precondition(self.actions[command.name] == nil, "there are two commands called \(command.name)")
        self.replies[command.name] = Reply.self
        self.list.commands.append(
            CommandList.Entry(
                name: command.name,
                summary: command.summary,
                isStream: isStream,
                effect: command.effect,
                arguments: Arguments.fields
            )
        )
    }

    /// Looks whether a command could be done with these arguments.
    package func check(_ name: String, _ arguments: [String: JSONValue]) throws(CommandError) {
        guard let entry = self.list.commands.first(where: { $0.name == name }) else {
            throw CommandError(.unknownCommand, "There is no command \"\(name.prefix(64))\". \(self.advice(for: name))")
        }
        try entry.check(arguments, nearest: self.nearest)
    }

    /// Does a command.
    /// - Parameter send: Takes the lines of a stream.
    /// - Returns: The reply, as JSON; `nil`: it was a stream, and that has ended.
    package func perform(
        _ name: String,
        _ arguments: [String: JSONValue],
        by caller: CommandCaller = .program,
        send: @escaping LineSink
    ) async throws(CommandError) -> [UInt8]? {
        try self.check(name, arguments)
        guard let action = self.actions[name] else { return nil }
        do {
            let bytes = try AdminJSON.encode(arguments)
            switch action {
            case .list:
                return try AdminJSON.encode(self.list)
            case .reply(let body):
                if self.loggedNames.contains(name) { return try await self.perform(name, bytes, by: caller, body) }
                return try AdminJSON.encode(try await body(bytes, caller))
            case .stream(let body):
                try await body(bytes, send)
                return nil
            }
        } catch let error as CommandError {
            throw error
        } catch is CancellationError {
            throw CommandError(.stopping, "The relay is going away.")
        } catch {
            throw CommandError(.failed, "It failed: \(error).")
        }
    }

    /// Does a command that acts, and logs what came of it.
    private func perform(
        _ name: String,
        _ arguments: [UInt8],
        by caller: CommandCaller,
        _ body: (_ arguments: [UInt8], _ caller: CommandCaller) async throws -> any CommandReply
    ) async throws -> [UInt8] {
        var metadata: Logger.Metadata = ["command": "\(name)", "by": "\(caller)"]
        metadata["arguments"] = "\(Self.shown(String(decoding: arguments, as: UTF8.self)))"
        let reply: any CommandReply
        do {
            reply = try await body(arguments, caller)
        } catch {
            metadata["result"] = "\(Self.shown((error as? CommandError)?.text ?? "\(error)"))"
            self.logger.notice("a command was not done", metadata: metadata)
            throw error
        }
        metadata["result"] = "\(Self.shown(reply.text))"
        let message: Logger.Message = reply.isRefusal ? "a command was not done" : "a command was done"
        self.logger.notice(message, metadata: metadata)
        return try AdminJSON.encode(reply)
    }

    private static func shown(_ text: String) -> String {
        String(text.prefix(500).map { $0.isNewline ? " " : $0 })
    }

    private func advice(for name: String) -> String {
        let names = self.list.commands.map(\.name)
        return self.nearest(name, names).map { "Did you mean \($0)?" } ?? "There are \(names.joined(separator: ", "))."
    }
}
