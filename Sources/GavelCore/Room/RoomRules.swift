/// The rules of one room: the seam behind which a script, or a test's double, decides what is legal.
///
/// Confined to the room's home loop. A call runs at most one hook, inside its budget, and never suspends. What it
/// returns points into memory of the rules and is valid until the next call. The implementation keeps its own list
/// of the room's clients from ``join(_:name:message:moved:context:)`` and ``leave(_:reason:context:)``.
package protocol RoomRules: AnyObject {
    /// The room begins, before its first join. `.failed`: the join that made the room is refused, `unavailable`.
    func create(context: HookContext) -> HookOutcome

    /// A client enters. `.handled` admits it (payload: extra members of `joined`, perhaps none); `.rejected`,
    /// `.failed`, `.invalid` and `.switchedOff` do not, and it must then be forgotten. `.relay` admits it where there is no
    /// `join` command.
    /// - Parameters:
    ///   - name: The name the client asked for, UTF-8, escapes resolved; empty where it gave none.
    ///   - moved: What another room's rules sent along with the client, a JSON object; `nil`: it came by itself.
    func join(
        _ client: ClientID,
        name: UnsafeRawBufferPointer,
        message: MessageView,
        moved: UnsafeRawBufferPointer?,
        context: HookContext
    ) -> HookOutcome

    /// A message of a client that is in the room.
    func message(_ message: MessageView, from client: ClientID, context: HookContext) -> HookOutcome

    /// A client is gone, whatever the outcome; only the outcome's effects count.
    func leave(_ client: ClientID, reason: LeaveReason, context: HookContext) -> HookOutcome

    /// A client's connection is gone, and it may come back; only the outcome's effects count. Of one whose connection
    /// is gone it is not called again.
    func drop(_ client: ClientID, context: HookContext) -> HookOutcome

    /// A client that was dropped is back; only the outcome's effects count. What it is shown of the room is the first.
    /// - Parameter recovered: Whether it gets every numbered message that it missed.
    func resume(_ client: ClientID, recovered: Bool, context: HookContext) -> HookOutcome

    /// When the next timer is due, in ``HookContext/uptimeMilliseconds``; `nil`: none is set. Known after each call.
    var nextTimer: Int64? { get }

    /// Runs the timer that is due, if one is; only the outcome's effects count. One that failed is not due again.
    func timer(context: HookContext) -> HookOutcome

    /// Another room's rules sent a signal; only the outcome's effects count.
    func signal(_ signal: Signal, context: HookContext) -> HookOutcome

    /// The room ends; the outcome's effects do not happen, there is nobody left.
    /// - Parameter reason: UTF-8.
    func close(reason: UnsafeRawBufferPointer, context: HookContext) -> HookOutcome

    /// From now on ``takeChanges()`` tells what the rules change of what they keep: state, data of clients, timers,
    /// chance. Called once at most, right after the rules were made.
    func recordChanges()

    /// What calls changed since this or ``copy()`` was last called, in bytes of the rules' own; empty: nothing. `nil`:
    /// there was no memory for it, and only a copy helps.
    func takeChanges() -> UnsafeRawBufferPointer?

    /// All that the rules keep; `nil`: there is no memory for it.
    /// - Parameter uptimeMilliseconds: When it is taken, of the clock of ``HookContext``: how long timers have left counts
    ///   from then. `nil`: at the last call.
    func copy(at uptimeMilliseconds: Int64?) -> [UInt8]?

    /// How much of its rates each client has used, by the types' names; beside the copy it is what decides on messages.
    func copyRates() -> [UInt8]

    /// Goes on with what ``copyRates()`` gave, perhaps of another version: called after the rules were restored. Types
    /// without a rate here, clients that are not in the room and bytes that are something else are passed over.
    func restoreRates(_ bytes: [UInt8])

    /// How many identifiers were made of the secret that copies hold.
    var identifierCount: UInt64 { get }

    /// Goes on behind so many identifiers, if fewer were made by the copy: called after the rules were restored, for
    /// what a room has given out is never given out again.
    func skipIdentifiers(_ count: UInt64)

    /// Called instead of ``create(context:)``, on rules just made, to go on with what others kept, perhaps of another
    /// version. Timers go on as if no time had passed since the last of the copy and the changes.
    /// - Parameters:
    ///   - clients: All clients of the room by then, upward.
    ///   - copy: What ``copy()`` gave; `nil`: the changes are all there ever were.
    ///   - changes: What ``takeChanges()`` gave since, in order.
    /// - Throws: What is wrong with them, or that there is no memory; the rules are then of no use.
    func restore(
        _ clients: [RestoredClient],
        copy: UnsafeRawBufferPointer?,
        changes: [UnsafeRawBufferPointer],
        context: HookContext
    ) throws

    /// After ``restore(_:copy:changes:context:)``: the names, sorted, of the timers that were running and for which these
    /// rules have no function. They wait.
    var strandedTimers: [String] { get }

    /// Called on rules that were restored to go on in a running room: brings what they keep to their own shape.
    /// Timers that waited, and for which they have a function, run again. `.failed`: these rules are of no use.
    /// - Parameter version: ``RulesProvider/version`` of the rules that were there before.
    func reload(from version: String, context: HookContext) -> HookOutcome

    /// Hooks that failed since the rules were made, timers and snapshots among them.
    var failureCount: Int { get }

    /// The last of them, for people.
    var lastFailure: RulesFailure? { get }

    /// Whether they were switched off, and run no hook any more.
    var isSwitchedOff: Bool { get }

    /// Hooks that failed in the minute or so before this, of ``HookContext/uptimeMilliseconds``.
    func failuresOfLastMinute(at uptimeMilliseconds: Int64) -> Int

    /// What the last call ran; `nil`: nothing.
    var lastHook: RulesHook? { get }

    /// All timers that are set, in no order.
    var timers: [RulesTimer] { get }

    /// How the last call ended, if a budget was spent in it; `nil`: none was.
    var lastStop: HookStop? { get }

    /// The next call ends so, as a recording says, without running what was stopped; all else is as where that
    /// happens by itself.
    func stopNext(_ stop: HookStop)

    /// Runs what somebody typed, an expression or statements, as a hook of its own. `.handled`: its effects count, and
    /// the payload is the value as text for people; `.failed`: it is undone, the payload says why. Counts as no failure.
    /// - Parameter source: Of the rules' own language, UTF-8.
    func evaluate(_ source: [UInt8], context: HookContext) -> HookOutcome

    /// `{"state":…,"clients":{"1":…}}`: what the rules keep, for people and for comparing, the keys in order. Empty where
    /// there is no memory for it.
    /// - Parameter bytes: About how many it has at most; `"…"` stands for what is left out.
    func describeState(atMost bytes: Int) -> [UInt8]

    /// The field whose value decides of what a message of a type of class `latest` is the newest; empty: its sender does.
    /// `nil`: there is no such type.
    /// - Parameter type: As ``LatestKey/type`` has it, in every version of the rules.
    func latestField(of type: UInt32) -> String?

    /// An effect of the last outcome, in the order of the script's calls. `index` is below its `effectCount`.
    func effect(at index: Int) -> RoomEffect
}

/// A client of a room that is taken up again.
package struct RestoredClient: Sendable {
    package var id: ClientID
    /// UTF-8, perhaps empty.
    package var name: [UInt8]
    /// Whether its connection is there; else it counts as dropped.
    package var isConnected: Bool

    package init(id: ClientID, name: [UInt8], isConnected: Bool = false) {
        self.id = id
        self.name = name
        self.isConnected = isConnected
    }
}

/// A hook that failed, for people.
package struct RulesFailure: Hashable, Sendable {
    /// As a designer writes it; perhaps empty.
    package var hook: String
    /// `file:line: what it is`.
    package var text: String

    package init(hook: String, text: String) {
        self.hook = hook
        self.text = text
    }
}

/// A function that a room's rules call, for people.
package struct RulesHook: Hashable, Sendable {
    /// As a designer writes it: `commands.move`.
    package var name: String
    /// Where it begins, `file:line`.
    package var place: String

    package init(name: String, place: String) {
        self.name = name
        self.place = place
    }
}

/// A timer of a room's rules, for people.
package struct RulesTimer: Hashable, Sendable {
    package var name: String
    /// Of several of that name, which one; `nil`: the one without a key.
    package var key: String?
    /// Of ``HookContext/uptimeMilliseconds``; `nil`: it failed, or lacks its function, and waits for other rules.
    package var dueAt: Int64?
    /// `nil`: it runs once.
    package var periodMilliseconds: Int64?

    package init(name: String, key: String? = nil, dueAt: Int64?, periodMilliseconds: Int64? = nil) {
        self.name = name
        self.key = key
        self.dueAt = dueAt
        self.periodMilliseconds = periodMilliseconds
    }
}

extension RoomRules {
    package var isSwitchedOff: Bool { false }

    /// All that the rules kept at the last call; `nil`: there is no memory for it.
    package func copy() -> [UInt8]? { self.copy(at: nil) }
}

/// What a hook may know of the moment it runs in.
package struct HookContext {
    /// Milliseconds since 1970 UTC, for `gavel.now()`.
    package var wallMilliseconds: Int64
    /// Milliseconds of a clock that never goes back, for timers and rates.
    package var uptimeMilliseconds: Int64
    /// The last number given in the room.
    package var lastID: MessageID

    package init(wallMilliseconds: Int64, uptimeMilliseconds: Int64, lastID: MessageID) {
        self.wallMilliseconds = wallMilliseconds
        self.uptimeMilliseconds = uptimeMilliseconds
        self.lastID = lastID
    }
}

/// What a hook decided.
package struct HookOutcome {
    package enum Verdict: UInt8, Sendable {
        /// Relay the message as it was sent. No payload.
        case relay
        /// Relay `payload` instead: a JSON object with `type`, without `client_id` and `msg_id`, `}` its last byte.
        case changed
        /// A command took it. `payload`: the reply's members, without braces, perhaps none; see `hasReply`.
        case handled
        /// A filter stopped it and kept what it did.
        case dropped
        /// `gavel.reject`. `payload`: the error's members from `"reason":` on, without braces.
        case rejected
        /// The script broke, or spent its budget. No effects. `payload`: the error's members, `"message":` and what
        /// broke, without braces; empty where its sender is not to know.
        case failed
        /// The rules declare their types, and this is none of them.
        case unknownType
        /// It is not as its schema says. `payload`: the error's members, `"message":` and what is wrong, without
        /// braces; empty where there was no memory for it.
        case invalid
        /// Its sender sends that type too often; see `retryAfterMilliseconds`. No payload. Never of a join.
        case limited
        /// The rules are switched off, and refuse. No payload, no effects. Of a join: the client is not admitted.
        case switchedOff
    }

    package var verdict: Verdict
    /// Whether a command returned a table. Without one a reply is sent only where the message has a `ref`.
    package var hasReply: Bool
    package var effectCount: Int
    package var payload: UnsafeRawBufferPointer
    /// Of `.limited`: when the type may be sent again.
    package var retryAfterMilliseconds: UInt64
    /// Of `.relay` and `.changed`: that the message is of class `latest`, not numbered.
    package var latest: LatestKey?

    package init(
        _ verdict: Verdict,
        hasReply: Bool = false,
        effectCount: Int = 0,
        payload: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0),
        retryAfterMilliseconds: UInt64 = 0,
        latest: LatestKey? = nil
    ) {
        self.verdict = verdict
        self.hasReply = hasReply
        self.effectCount = effectCount
        self.payload = payload
        self.retryAfterMilliseconds = retryAfterMilliseconds
        self.latest = latest
    }
}

/// Something a hook did to the outside, recorded while it ran and applied after it returned well.
package struct RoomEffect {
    package enum Kind: UInt8, Sendable {
        /// `message` to everyone, numbered.
        case broadcast
        /// `message` to `recipients`, unnumbered.
        case send
        /// `recipients` leave the room; `message` is the reason, UTF-8 text, perhaps empty.
        case kick
        /// `recipients` are shown the room: `message` is the snapshot's members, without braces, perhaps none.
        case snapshot
        /// Nobody may join any more.
        case lock
        case unlock
        /// The room ends, with all that are in it; `message` is the reason, UTF-8 text, perhaps empty.
        case close
        /// `recipients` go to the room ``room``; `message` is a JSON object for its rules.
        case move
        /// `message`, JSON or nothing, to the rules of ``room`` as the signal ``name``.
        case signal
    }

    package var kind: Kind
    /// A JSON object with `type`, without `client_id` and `msg_id`, `}` its last byte, unless ``kind`` says otherwise.
    package var message: UnsafeRawBufferPointer
    package var recipients: UnsafeBufferPointer<ClientID>
    /// The key of another room.
    package var room: UnsafeRawBufferPointer
    /// Of a signal, UTF-8.
    package var name: UnsafeRawBufferPointer

    package init(
        kind: Kind,
        message: UnsafeRawBufferPointer,
        recipients: UnsafeBufferPointer<ClientID>,
        room: UnsafeRawBufferPointer = .empty,
        name: UnsafeRawBufferPointer = .empty
    ) {
        self.kind = kind
        self.message = message
        self.recipients = recipients
        self.room = room
        self.name = name
    }
}

/// Why a client is no longer in a room, as `left`, presence and `on_leave` say it.
package enum LeaveReason: UInt8, Sendable, CaseIterable {
    /// It sent `leave`, joined again, or closed with 1000.
    case left
    /// Its connection ended in any other way.
    case lost
    /// The rules threw it out.
    case kicked
    /// Another room's rules sent for it.
    case moved
    /// The room closed.
    case closed

    package var text: StaticString {
        switch self {
        case .left: "left"
        case .lost: "lost"
        case .kicked: "kicked"
        case .moved: "moved"
        case .closed: "closed"
        }
    }
}
