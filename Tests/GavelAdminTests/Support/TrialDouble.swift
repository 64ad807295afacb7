import GavelAdmin

/// What operators have beside rooms, rules and the log. Its answers lack nothing that such answers can have.
struct TrialDouble: TrialOperations, FailureOperations, RecordingOperations, WatchOperations {
    private static let change = ChangeView("state.turn", before: "1", now: "2")

    func failures() -> [FailedHook] {
        [
            FailedHook(
                time: 1,
                hook: "on_join",
                text: "chat.lua:3: no",
                version: "5d41402abc",
                room: "a",
                client: 3,
                message: "{}",
                traceback: ["chat.lua:3: in on_join"]
            )
        ]
    }

    func recordedRooms() -> [String] { ["a"] }

    func recording(of room: String) -> [UInt8]? { [1, 2, 3] }

    func watch(
        _ arguments: WatchArguments,
        _ send: @escaping @Sendable (WatchLine) async throws -> Void
    ) async throws {
        try await send(WatchLine(.idle, time: 1))
        var line = WatchLine(.message, time: 1)
        (line.client, line.name, line.type, line.verdict, line.code) = (3, "Ada", "say", .refused, "rejected")
        (line.reason, line.detail, line.hook, line.place) = ("late", "It is too late.", "filters.say", "chat.lua:3")
        (line.microseconds, line.msgId, line.recipients, line.bytes) = (7.5, 12, 2, 14)
        (line.message, line.answer, line.effects, line.skipped) = ("{}", "{}", ["broadcast {}"], 7)
        try await send(line)
    }

    func console(_ arguments: ConsoleArguments, by caller: CommandCaller) -> ConsoleOutcome? {
        ConsoleOutcome(
            isCommitted: false,
            client: 3,
            result: "relayed",
            message: 12,
            effects: ["broadcast {}"],
            logs: ["here"],
            changes: [Self.change]
        )
    }

    func shadow(
        _ arguments: ShadowArguments,
        send: @escaping @Sendable (ShadowLine) async throws -> Void
    ) async throws {
        var start = ShadowStart(
            rules: "chat.lua",
            version: "5d41402abc",
            shadow: "new.lua",
            shadowVersion: "7d793037a0",
            lastMessage: 12,
            isAgain: false
        )
        (start.effects, start.changes) = (["broadcast {}"], [Self.change])
        try await send(ShadowLine(began: start))
        var finding = ShadowFinding("message", client: 3, sent: "{}", message: 12, lastMessage: 11)
        finding.differences = [ShadowFinding.Difference("refused", room: "relayed", shadow: "refused")]
        (finding.changes, finding.departures, finding.failure) = ([Self.change], [3], "new.lua:3: no")
        try await send(ShadowLine(difference: finding))
        try await send(ShadowLine(log: "here"))
        try await send(ShadowLine(omitted: 7))
        let figures = ShadowFigures(
            calls: 2,
            messages: 1,
            different: 1,
            kinds: ["refused": 1],
            failures: 1,
            statePlaces: 1
        )
        try await send(ShadowLine(figures: figures))
        throw CommandError(.refused, "new.lua:3: no")
    }

    func promoteShadow(of room: String, by caller: CommandCaller) -> ShadowPromotion? {
        ShadowPromotion(room: room, file: "chat.lua", version: "7d793037a0", isForAll: true, refusals: ["no"])
    }

    func dropShadow(of room: String) -> Bool { true }
}
