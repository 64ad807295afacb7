import Foundation
import GavelCore
import Logging
import Testing

/// A shipped game with clients around it: each has what it was sent, in order. Time is virtual, and any failure of a
/// hook fails the test.
final class GameTable {
    let room: ScriptedRoom
    private(set) var members: [ClientID] = []
    /// Members whose connection is lost.
    private(set) var away: [ClientID] = []
    private(set) var isLocked = false
    /// Who was sent to another room, with its key.
    private(set) var moves: [ClientID: String] = [:]
    /// Everything that each client was ever sent; of those that are gone too.
    private(set) var heard: [ClientID: [String]] = [:]

    init(_ file: String, params: String = "", seed: UInt64 = 1) throws {
        self.room = try ScriptedRoom(file: file, params: params, seed: (seed, 2, 3, 4))
        self.room.create()
    }

    /// - Returns: The `joined` of the client, or its error.
    @discardableResult
    func join(_ client: ClientID, name: String = "", fields: String = "") -> String {
        if self.isLocked { return #"{"type":"error","code":"locked"}"# }
        let answer = self.room.join(client, name: name, #"{"type":"join","room":"table-1"\#(fields)}"#)
        let joined = answer.verdict == .handled || answer.verdict == .relay
        if joined { self.members.append(client) }
        let type = joined ? "joined" : "error"
        return self.deliver(answer, to: client, verdict: #"{"type":"\#(type)"\#(self.members(answer.payload))}"#)
    }

    /// - Returns: The reply, the error or the relayed copy; empty where there is none.
    @discardableResult
    func send(_ client: ClientID, _ text: String) -> String {
        let answer = self.room.send(client, text)
        switch answer.verdict {
        case .relay, .changed:
            let relayed = answer.verdict == .relay ? text : answer.payload
            for other in self.members where other != client { self.heard[other, default: []].append(relayed) }
            return self.deliver(answer, to: client, verdict: relayed)
        case .handled:
            return self.deliver(
                answer,
                to: client,
                verdict: answer.hasReply ? #"{"type":"reply"\#(self.members(answer.payload))}"# : ""
            )
        case .dropped:
            return self.deliver(answer, to: client, verdict: "")
        default:
            return self.deliver(answer, to: client, verdict: #"{"type":"error"\#(self.members(answer.payload))}"#)
        }
    }

    func leave(_ client: ClientID, _ reason: LeaveReason = .left) {
        self.members.removeAll { $0 == client }
        self.away.removeAll { $0 == client }
        self.deliver(self.room.leave(client, reason), to: client, verdict: "")
    }

    /// Nothing where the client was dropped already.
    func drop(_ client: ClientID) {
        if self.away.contains(client) { return }
        self.away.append(client)
        self.deliver(self.room.drop(client), to: client, verdict: "")
    }

    func resume(_ client: ClientID, recovered: Bool = true) {
        self.away.removeAll { $0 == client }
        self.deliver(self.room.resume(client, recovered: recovered), to: client, verdict: "")
    }

    /// Lets time pass; every timer runs when it is due.
    func wait(milliseconds: Int64) {
        let end = self.room.now + milliseconds
        var runs = 0
        while let due = self.room.rules.nextTimer, due <= end {
            runs += 1
            if runs > 10_000 {
                Issue.record("timers do not end")
                break
            }
            self.room.now = max(self.room.now, due)
            self.deliver(self.room.timer(), to: 0, verdict: "")
        }
        self.room.now = end
    }

    func wait(seconds: Int64) { self.wait(milliseconds: seconds * 1000) }

    /// What the client was sent since it was last asked for.
    func news(_ client: ClientID) -> [String] {
        let all = self.heard[client] ?? []
        defer { self.read[client] = all.count }
        return Array(all[(self.read[client] ?? 0)...])
    }

    /// The newest message of the type that the client was sent.
    func last(_ type: String, _ client: ClientID) -> [String: Any]? {
        let text = self.heard[client]?.last { $0.hasPrefix(#"{"type":"\#(type)""#) }
        return text.flatMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
    }

    private var read: [ClientID: Int] = [:]
    private var hasFailed = false

    private func members(_ payload: String) -> String { payload.isEmpty ? "" : ",\(payload)" }

    @discardableResult
    private func deliver(_ answer: ScriptedRoom.Answer, to client: ClientID, verdict: String) -> String {
        if !self.hasFailed, let entry = self.room.log.entries.first(where: { $0.level >= .warning }) {
            self.hasFailed = true
            Issue.record("\(entry)")
        }
        if !verdict.isEmpty { self.heard[client, default: []].append(verdict) }
        for effect in answer.effects { self.deliver(effect) }
        return verdict
    }

    private func deliver(_ effect: ScriptedRoom.Effect) {
        switch effect.kind {
        case .broadcast: for member in self.members { self.heard[member, default: []].append(effect.message) }
        case .send: for member in effect.recipients { self.heard[member, default: []].append(effect.message) }
        case .snapshot:
            for member in effect.recipients {
                self.heard[member, default: []].append(#"{"type":"snapshot"\#(self.members(effect.message))}"#)
            }
        case .lock: self.isLocked = true
        case .unlock: self.isLocked = false
        case .kick: for member in effect.recipients { self.sendAway(member, .kicked, effect.message) }
        case .close: for member in self.members { self.sendAway(member, .closed, effect.message) }
        case .move:
            for member in effect.recipients where self.members.contains(member) {
                self.moves[member] = effect.room
                self.sendAway(member, .moved, "")
            }
        case .signal: break
        }
    }

    private func sendAway(_ client: ClientID, _ reason: LeaveReason, _ message: String) {
        self.heard[client, default: []].append(#"{"type":"left","reason":"\#(reason.text)","message":"\#(message)"}"#)
        self.leave(client, reason)
    }
}

extension [String: Any] {
    subscript(number key: String) -> Int? { (self[key] as? NSNumber)?.intValue }
    subscript(text key: String) -> String? { self[key] as? String }
    subscript(numbers key: String) -> [Int]? { self[key] as? [Int] }
}
