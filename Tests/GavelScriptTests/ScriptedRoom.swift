import CGavelJSON
import GavelCore
import GavelScript
import Logging
import Testing

/// A room under test, driven through the seam as the relay drives it; what it answers is copied out.
final class ScriptedRoom {
    struct Effect: Equatable, CustomStringConvertible {
        var kind: RoomEffect.Kind
        var message: String
        var recipients: [ClientID] = []
        /// The key of another room, and a signal's name.
        var room = ""
        var name = ""

        static func move(_ data: String, to room: String, _ recipients: ClientID...) -> Self {
            Self(kind: .move, message: data, recipients: recipients, room: room)
        }
        static func signal(_ name: String, _ data: String, to room: String) -> Self {
            Self(kind: .signal, message: data, room: room, name: name)
        }
        static func broadcast(_ message: String) -> Self { Self(kind: .broadcast, message: message) }
        static func send(_ message: String, to recipients: ClientID...) -> Self {
            Self(kind: .send, message: message, recipients: recipients)
        }
        static func kick(_ reason: String, _ recipients: ClientID...) -> Self {
            Self(kind: .kick, message: reason, recipients: recipients)
        }

        var description: String { "\(self.kind) \(self.room) \(self.name) \(self.message) \(self.recipients)" }
    }

    struct Answer: Equatable {
        var verdict: HookOutcome.Verdict
        var payload = ""
        var hasReply = false
        var effects: [Effect] = []
        var retryAfter: UInt64 = 0
        var latest: Latest?
    }

    /// What a message of class `latest` is the newest of.
    struct Latest: Equatable {
        var type: UInt32
        /// `nil`: its sender decides.
        var value: [UInt8]?
        var echoes: Bool
    }

    let rules: any RoomRules
    let log = LogRecorder()
    var now: Int64 = 1_000_000
    /// How far the uptime is ahead of the time.
    var uptimeAhead: Int64 = 0
    var lastID: MessageID = 0

    init(
        _ source: String,
        modules: [String: String] = [:],
        params: String = "",
        configuration: ScriptConfiguration = .patient,
        seed: ScriptRules.Seed = (1, 2, 3, 4),
        key: String = "table-1"
    ) throws {
        self.rules = try ScriptRules.load(
            source: Array(source.utf8),
            name: "test.lua",
            modules: modules.mapValues { Array($0.utf8) },
            paramsJSON: Array(params.utf8),
            configuration: configuration,
            logger: self.log.logger,
            seed: { seed }
        ).makeRules(for: RoomKey(key))
    }

    init(rules: any RoomRules) {
        self.rules = rules
    }

    init(file: String, params: String = "", seed: ScriptRules.Seed = (1, 2, 3, 4)) throws {
        self.rules = try ScriptRules.load(
            path: scriptsFolder + file,
            paramsJSON: Array(params.utf8),
            configuration: .patient,
            logger: self.log.logger,
            seed: { seed }
        ).makeRules(for: RoomKey("table-1"))
    }

    var context: HookContext {
        HookContext(
            wallMilliseconds: self.now,
            uptimeMilliseconds: self.now + self.uptimeAhead,
            lastID: self.lastID
        )
    }

    @discardableResult
    func create() -> Answer { self.copy(self.rules.create(context: self.context)) }

    @discardableResult
    func join(
        _ client: ClientID,
        name: String = "",
        _ text: String = #"{"type":"join","room":"table-1"}"#,
        moved: String? = nil
    ) -> Answer {
        withView(text) { view in
            Array(name.utf8).withUnsafeBytes { name in
                Array((moved ?? "").utf8).withUnsafeBytes {
                    let moved = moved == nil ? nil : $0
                    return self.copy(
                        self.rules.join(client, name: name, message: view, moved: moved, context: self.context)
                    )
                }
            }
        }
    }

    @discardableResult
    func send(_ client: ClientID, _ text: String) -> Answer {
        withView(text) { self.copy(self.rules.message($0, from: client, context: self.context)) }
    }

    @discardableResult
    func leave(_ client: ClientID, _ reason: LeaveReason = .left) -> Answer {
        self.copy(self.rules.leave(client, reason: reason, context: self.context))
    }

    @discardableResult
    func drop(_ client: ClientID) -> Answer { self.copy(self.rules.drop(client, context: self.context)) }

    @discardableResult
    func resume(_ client: ClientID, recovered: Bool = true) -> Answer {
        self.copy(self.rules.resume(client, recovered: recovered, context: self.context))
    }

    @discardableResult
    func timer() -> Answer { self.copy(self.rules.timer(context: self.context)) }

    @discardableResult
    func close(_ reason: String = "empty") -> Answer {
        Array(reason.utf8).withUnsafeBytes { self.copy(self.rules.close(reason: $0, context: self.context)) }
    }

    @discardableResult
    func signal(_ name: String, _ data: String = "", from source: String = "lobby") -> Answer {
        let signal = Signal(
            key: RoomKey("table-1"),
            source: RoomKey(source),
            name: Array(name.utf8),
            data: Array(data.utf8)
        )
        return self.copy(self.rules.signal(signal, context: self.context))
    }

    @discardableResult
    func reload(from version: String) -> Answer {
        self.copy(self.rules.reload(from: version, context: self.context))
    }

    func evaluate(_ source: String) -> Answer {
        self.copy(self.rules.evaluate(Array(source.utf8), context: self.context))
    }

    /// What the rules keep, as JSON.
    var state: String { String(decoding: self.rules.describeState(atMost: 1 << 20), as: UTF8.self) }

    /// Goes on, at the same moment, where another room is.
    func takeOver(from other: ScriptedRoom, _ clients: [RestoredClient]) throws {
        (self.now, self.uptimeAhead, self.lastID) = (other.now, other.uptimeAhead, other.lastID)
        let copy = try #require(other.rules.copy(at: other.context.uptimeMilliseconds))
        try copy.withUnsafeBytes {
            try self.rules.restore(clients, copy: $0, changes: [], context: self.context)
        }
        self.rules.restoreRates(other.rules.copyRates())
    }

    private func copy(_ outcome: HookOutcome) -> Answer {
        Answer(
            verdict: outcome.verdict,
            payload: String(decoding: outcome.payload, as: UTF8.self),
            hasReply: outcome.hasReply,
            effects: (0..<outcome.effectCount).map {
                let effect = self.rules.effect(at: $0)
                return Effect(
                    kind: effect.kind,
                    message: String(decoding: effect.message, as: UTF8.self),
                    recipients: Array(effect.recipients),
                    room: String(decoding: effect.room, as: UTF8.self),
                    name: String(decoding: effect.name, as: UTF8.self)
                )
            },
            retryAfter: outcome.retryAfterMilliseconds,
            latest: outcome.latest.map {
                Latest(type: $0.type, value: $0.value.map { Array($0) }, echoes: $0.echoes)
            }
        )
    }
}

extension ScriptConfiguration {
    /// The defaults, with time for a slow or busy machine.
    static let patient: Self = {
        var configuration = Self()
        configuration.time = .seconds(5)
        return configuration
    }()
}

/// A room of one client whose command `run` is `body` (with `room`, `client`, `msg`), and `ping`, answered `{n = …}`.
func commandRoom(_ body: String, configuration: ScriptConfiguration = .patient) throws -> ScriptedRoom {
    let room = try ScriptedRoom(
        """
        local rules = gavel.rules()
        rules.messages.run, rules.messages.ping, rules.options.run = {}, {}, { strict = false }
        function rules.commands.ping(room) room.state.n = (room.state.n or 0) + 1 return { n = room.state.n } end
        function rules.commands.run(room, client, msg)
        \(body)
        end
        return rules
        """,
        configuration: configuration
    )
    room.create()
    room.join(1)
    return room
}

/// What the body of a command answers, of one client in the room.
func run(_ body: String, message: String = #"{"type":"run"}"#) throws -> ScriptedRoom.Answer {
    try commandRoom(body).send(1, message)
}

/// What a filter with this body, for all messages and without schemas, does to one.
func filter(_ body: String, _ message: String) throws -> ScriptedRoom.Answer {
    let room = try ScriptedRoom(
        """
        local rules = gavel.rules()
        rules.filters["*"] = function(room, client, msg) \(body) end
        return rules
        """
    )
    room.join(1)
    let answer = room.send(1, message)
    if answer.verdict == .failed, let entry = room.log.entries.last {
        Issue.record("\(entry)")
    }
    return answer
}

/// The error with which a file does not load; `nil`: it loads.
func loadError(_ source: String, modules: [String: String] = [:]) -> ScriptError? {
    do throws(ScriptError) {
        _ = try ScriptRules.load(
            source: Array(source.utf8),
            name: "ttt.lua",
            modules: modules.mapValues { Array($0.utf8) },
            logger: LogRecorder().logger
        )
        return nil
    } catch {
        return error
    }
}

func withView<Result>(_ text: String, _ body: (MessageView) -> Result) -> Result {
    let bytes = Array(text.utf8)
    var tape = [gj_token](repeating: gj_token(), count: gj_tape_capacity(bytes.count))
    var envelope = gj_envelope()
    let count = gj_scan(bytes, bytes.count, &tape, tape.count, 32, &envelope, nil)
    precondition(count > 0, "not a JSON object: \(text)")
    return bytes.withUnsafeBytes { text in
        tape.withUnsafeBufferPointer { tape in
            body(MessageView(text: text, tape: UnsafeBufferPointer(rebasing: tape[..<Int(count)]), envelope: envelope))
        }
    }
}

/// The designers' folder of the package.
let scriptsFolder: String = {
    let parts = #filePath.split(separator: "/").dropLast(3)
    return "/" + parts.joined(separator: "/") + "/scripts/"
}()
