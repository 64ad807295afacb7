extension ShadowLine {
    package var text: String { PrintableText.lines(self.whole) }

    private var whole: String {
        self.began?.text ?? self.difference?.text ?? self.log.map { "log: \($0)" }
            ?? self.omitted.map { "… and \(Figures.count($0, "difference")) more" }
            ?? self.figures?.text ?? self.ended ?? ""
    }
}

extension ShadowStart {
    fileprivate var text: String {
        let room = self.rules.map { "The room runs \($0) \(self.version ?? "")" } ?? "The room has no rules"
        let again = self.isAgain ? " now" : ""
        let lines = ["\(room)\(again); \(self.shadow) \(self.shadowVersion) follows it from #\(self.lastMessage) on."]
        let differs = self.changes.isEmpty ? [] : ["Its on_reload made of what the room keeps:"]
        let effects = self.effects.map { "  on_reload: \($0.indented)" }
        return (lines + effects + differs + self.changes.map { "  \($0.text)" }).joined(separator: "\n")
    }
}

extension ShadowFinding {
    fileprivate var text: String {
        var head = self.message.map { "#\($0)" } ?? "after #\(self.lastMessage)"
        if self.call != "message" { head += " \(self.call)" }
        if self.client != 0 { head += " client \(self.client)" }
        if let sent { head += " \(sent.count > 160 ? "\(sent.prefix(160))…" : sent)" }
        var lines = [head]
        for difference in self.differences {
            lines.append("  \(difference.kind)")
            lines.append("    room    \(difference.room.replacing("\n", with: "\n            "))")
            lines.append("    shadow  \(difference.shadow.replacing("\n", with: "\n            "))")
        }
        if let failure { lines.append("  failed: \(failure)") }
        if !self.departures.isEmpty {
            lines.append("  gone from the shadow: \(self.departures.map(String.init).joined(separator: ", "))")
        }
        return (lines + self.changes.map { "  \($0.text)" }).joined(separator: "\n")
    }
}

extension ShadowFigures {
    package var text: String {
        let seen = "\(Figures.count(self.messages, "message")), \(Figures.count(self.calls, "call"))"
        if self.different == 0, self.failures == 0, self.statePlaces == 0 { return "\(seen): no difference" }
        let kinds = self.kinds.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        var text = "\(seen): \(self.different) different" + (kinds.isEmpty ? "" : " (\(kinds))")
        if self.statePlaces > 0 { text += ", state differs at \(Figures.count(self.statePlaces, "place"))" }
        if self.failures > 0 { text += ", \(Figures.count(self.failures, "hook")) failed" }
        return text
    }
}

extension ShadowPromotion {
    package var text: String {
        if !self.refusals.isEmpty {
            let lines = ["Everything stays as it is:"] + self.refusals.map { "  \($0)" }
            return PrintableText.lines(lines.joined(separator: "\n"))
        }
        if self.isForAll { return "\(self.file) \(self.version) is in force, in all rooms with these rules." }
        return """
            \(self.room) runs \(self.file) \(self.version) now, on probation, until it ends or its rules are saved again.
            Other rooms keep what they have: save this as the file of their rules to have it in all.
            """
    }
}

extension String {
    fileprivate var indented: String { self.replacing("\n", with: "\n  ") }
}
