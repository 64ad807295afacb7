internal import Foundation
internal import GavelAdmin
internal import GavelCore
internal import GavelScript
internal import Logging
internal import Synchronization

/// What operators try on the rooms of a relay before it counts: consoles and shadows.
final class RoomTrials: Sendable {
    /// A shadow that follows its room.
    struct Running: Sendable {
        let feed: ShadowFeed
        /// Of the new version.
        let provider: ScriptRulesProvider
        /// The file that the room's rules are of; `nil`: the shadow's is another.
        let ownFile: String?
    }

    let hub: RelayHub
    let supervisor: Supervisor
    let logger: Logger
    /// By the names of their rooms.
    let running = Mutex<[String: Running]>([:])

    init(hub: RelayHub, supervisor: Supervisor, logger: Logger) {
        self.hub = hub
        self.supervisor = supervisor
        self.logger = logger
    }
}

extension RoomTrials: TrialOperations {
    func console(_ arguments: ConsoleArguments, by caller: CommandCaller) async throws -> ConsoleOutcome? {
        let key = RoomKey(arguments.room)
        guard let beginning = await self.hub.beginning(of: key) else { return nil }
        let client = try arguments.client.map { try Self.client($0, in: beginning) }
        let text = Array(arguments.text.utf8)
        let input = client.map { ConsoleInput.message(text, from: $0) } ?? .evaluate(text)
        let isCommitted = arguments.commit ?? false
        let log = TrialLog()
        let attempt =
            isCommitted ? await self.hub.commit(input, to: key) : self.attempt(input, on: beginning, log)
        let result: ConsoleResult
        switch attempt {
        case nil: return nil
        case .success(let success)?: result = success
        case .failure(let refusal)?: throw CommandError(.refused, refusal.text)
        }
        let outcome = ConsoleOutcome(result, client: client, isCommitted: isCommitted, logs: log.take())
        if isCommitted { self.note(outcome, arguments, by: caller) }
        return outcome
    }

    private func attempt(
        _ input: ConsoleInput,
        on beginning: RulesBeginning,
        _ log: TrialLog
    ) -> Result<ConsoleResult, ConsoleRefusal> {
        guard let rules = beginning.provider as? ScriptRulesProvider else {
            return .failure(ConsoleRefusal("The room has no rules."))
        }
        return Result { () throws(ConsoleRefusal) in
            try ConsoleTrial.run(
                input,
                on: beginning,
                by: rules.logging(to: log.logger),
                depth: self.hub.settings.limits.jsonDepth
            )
        }
    }

    /// What counts is in the log: who typed what, and what came of it.
    private func note(_ outcome: ConsoleOutcome, _ arguments: ConsoleArguments, by caller: CommandCaller) {
        var metadata: Logger.Metadata = [
            "room": "\(arguments.room)", "by": "\(caller)", "text": "\(Self.shown(arguments.text))",
            "result": "\(Self.shown(outcome.result))",
        ]
        metadata["client_id"] = outcome.client.map { "\($0)" }
        let changes = outcome.changes.prefix(20).map { Logger.MetadataValue.string(Self.shown($0.text)) }
        if !changes.isEmpty { metadata["changes"] = .array(changes) }
        self.logger.notice("somebody typed into a room", metadata: metadata)
    }

    private static func shown(_ text: String) -> String {
        String(text.prefix(500).map { $0.isNewline ? " " : $0 })
    }

    private static func client(_ number: Int, in beginning: RulesBeginning) throws(CommandError) -> ClientID {
        if number > 0 { return ClientID(clamping: number) }
        guard let first = beginning.clients.first(where: { $0.isConnected }) ?? beginning.clients.first else {
            throw CommandError(.notFound, "There is no client in the room.")
        }
        return first.id
    }
}

extension ConsoleOutcome {
    fileprivate init(_ result: ConsoleResult, client: ClientID?, isCommitted: Bool, logs: [String]) {
        let answer = result.answer
        let payload = String(decoding: answer.payload, as: UTF8.self)
        self.init(
            isCommitted: isCommitted,
            client: client.map { Int(clamping: $0) },
            result: client == nil ? payload : answer.description,
            isFailure: answer.verdict == .failed,
            message: result.messageID.map { Int(clamping: $0) },
            effects: answer.effects.map(\.description),
            logs: logs,
            changes: result.changes.map { ChangeView($0) }
        )
        for departure in result.departures {
            self.effects.append("client \(departure.client) leaves")
            self.effects += departure.answer.effects.map { "  \($0)" }
        }
    }
}

extension ChangeView {
    init(_ change: StateChange) {
        self.init(change.path, before: change.before, now: change.now)
    }
}
