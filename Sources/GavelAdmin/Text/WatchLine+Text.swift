package import Foundation

extension WatchLine: CommandReply {
    package var text: String { self.text(TextColours.none) }

    /// `14:03:22.118  3  move  refused not_your_turn: It is the other's turn.  commands.move tictactoe.lua:41  34 µs  {…}`
    /// - Parameter zone: Of the times.
    package func text(_ colours: TextColours, zone: TimeZone = .current) -> String {
        var parts = [colours.paint(self.clock(in: zone), .faint)]
        switch self.kind {
        case .idle, .skipped, .ended:
            parts.append(colours.paint(self.remark, .faint))
        case .began:
            parts.append(colours.paint(self.remark, .strong))
        default:
            parts.append(TextTable.padded(self.subject, to: 20))
            parts += [colours.paint(self.decision, self.colour), self.code(colours), self.fate, self.cost(colours)]
            parts += [self.message ?? "", self.answer.map { "→ \($0)" } ?? ""].map { PrintableText.line($0) }
        }
        let lines = [parts.filter { !$0.isEmpty }.joined(separator: "  ")]
        return (lines + (self.effects ?? []).map { "              \(PrintableText.line($0))" }).joined(separator: "\n")
    }

    private func clock(in zone: TimeZone) -> String {
        let day = 86_400_000
        let local = self.time + zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(self.time) / 1_000)) * 1_000
        let time = (local % day + day) % day
        func digits(_ value: Int, _ count: Int) -> String {
            String(repeating: "0", count: max(0, count - "\(value)".count)) + "\(value)"
        }
        let parts = [time / 3_600_000, time / 60_000 % 60, time / 1_000 % 60].map { digits($0, 2) }
        return parts.joined(separator: ":") + "." + digits(time % 1_000, 3)
    }

    private var remark: String {
        switch self.kind {
        case .ended: return "the room is over, or sleeps"
        case .skipped: return "\(Figures.count(self.skipped ?? 0, "call")) left out: too many to be shown"
        case .began:
            let clients = Figures.count(self.recipients ?? 0, "client")
            return PrintableText.line("\(self.code ?? "") with \(self.detail ?? ""), \(clients)")
        default: return "nothing happened"
        }
    }

    /// Who, and what: `3 move`.
    private var subject: String {
        let client = self.client.map { "\($0) " } ?? ""
        let name = self.name.map { " \($0)" } ?? ""
        return PrintableText.line(client + (self.type ?? self.kind.rawValue) + name)
    }

    private var decision: String {
        switch (self.verdict, self.code) {
        case (.refused?, let code?): "refused " + PrintableText.line(self.reason ?? code)
        case (let verdict?, _): verdict.rawValue
        case (nil, _): ""
        }
    }

    private var colour: TextColours.Colour {
        switch self.verdict {
        case .refused?: .yellow
        case .failed?: .red
        case .relayed?, .changed?: .green
        default: .plain
        }
    }

    /// Why, and where.
    private func code(_ colours: TextColours) -> String {
        let text = self.detail.map { PrintableText.line($0) } ?? ""
        let place = PrintableText.line([self.hook, self.place].compactMap { $0 }.joined(separator: " "))
        return [text, colours.paint(place, .faint)].filter { !$0.isEmpty }.joined(separator: "  ")
    }

    /// `#121 → 8`
    private var fate: String {
        let number = self.msgId.map { "#\($0)" } ?? ""
        let recipients = self.recipients.map { "to \($0)" } ?? ""
        return [number, recipients].filter { !$0.isEmpty }.joined(separator: " ")
    }

    private func cost(_ colours: TextColours) -> String {
        let time = self.microseconds.map { "\(Int($0.rounded())) µs" }
        let size = self.bytes.map(Figures.bytes)
        return colours.paint([time, size].compactMap { $0 }.joined(separator: ", "), .faint)
    }
}

/// Colours of a terminal, where there is one.
package struct TextColours: Sendable {
    enum Colour: String {
        case plain = "0"
        case strong = "1"
        case faint = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
    }

    package static let none = TextColours(isOn: false)
    package static let terminal = TextColours(isOn: true)

    private let isOn: Bool

    func paint(_ text: String, _ colour: Colour) -> String {
        self.isOn && !text.isEmpty && colour != .plain ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
    }
}
