extension Commands {
    package static let console = Command<ConsoleArguments, ConsoleOutcome>(
        "console",
        "Tries a line or a message on a copy of a room, or does it for real."
    )
    package static let shadow = StreamCommand<ShadowArguments, ShadowLine>(
        "shadow",
        "Lets a new version of rules see what a room's rules see, and tells where it differs."
    )
    package static let shadowPromote = Command<RoomArguments, ShadowPromotion>(
        "shadow-promote",
        "Has a room go on under the rules of its shadow."
    )
    package static let shadowDrop = Command<RoomArguments, Done>("shadow-drop", "Ends the shadow of a room.")
}

/// What an operator can try on a room before it counts.
package protocol TrialOperations: Sendable {
    /// - Returns: `nil` where there is no such room.
    func console(_ arguments: ConsoleArguments, by caller: CommandCaller) async throws -> ConsoleOutcome?

    /// Returns when the shadow is over.
    func shadow(
        _ arguments: ShadowArguments,
        send: @escaping @Sendable (ShadowLine) async throws -> Void
    ) async throws

    /// - Returns: `nil` where the room has no shadow.
    func promoteShadow(of room: String, by caller: CommandCaller) async throws -> ShadowPromotion?

    /// - Returns: `false` where the room has no shadow.
    func dropShadow(of room: String) async throws -> Bool
}

extension CommandRegistry {
    package mutating func add(_ trials: any TrialOperations) {
        self.add(Commands.console) { arguments, caller in
            guard let outcome = try await trials.console(arguments, by: caller) else {
                throw Self.noRoom(arguments.room)
            }
            return outcome
        }
        self.add(Commands.shadow) { arguments, send in try await trials.shadow(arguments, send: send) }
        self.add(Commands.shadowPromote) { arguments, caller in
            guard let promotion = try await trials.promoteShadow(of: arguments.room, by: caller) else {
                throw Self.noShadow(arguments.room)
            }
            return promotion
        }
        self.add(Commands.shadowDrop) { arguments in
            guard try await trials.dropShadow(of: arguments.room) else { throw Self.noShadow(arguments.room) }
            return Done("The shadow of \(arguments.room) is dropped.")
        }
    }

    private static func noShadow(_ room: String) -> CommandError {
        CommandError(.notFound, "The room \"\(room)\" has no shadow.")
    }
}
