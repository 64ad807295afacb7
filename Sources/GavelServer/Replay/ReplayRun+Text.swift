internal import Foundation
internal import GavelAdmin
internal import GavelCore

extension ReplayRun {
    /// Differences shown to people.
    private static let mostShown = 50
    /// Characters of a text that are shown.
    private static let mostCharacters = 400

    /// For people.
    package var text: String {
        var lines = [
            "\(self.room): \(self.report.inputs) inputs in \(Self.count(self.report.segments, "segment")), recorded "
                + (self.start.map { "from \(Self.time($0)) on " } ?? "")
                + "with \(self.recorded.joined(separator: ", "))"
        ]
        for refusal in self.report.refusals {
            lines.append("segment \(refusal.segment + 1): \(self.rules) cannot go on from there: \(refusal.text)")
        }
        for finding in self.report.findings.prefix(Self.mostShown) {
            let difference = Self.shortened(finding.difference)
            lines.append("#\(finding.messageID)  \(Self.time(finding.wallMilliseconds))  \(Self.cut(finding.question))")
            lines.append("  \(finding.difference.kind.text)")
            lines += Self.column("was", difference.before) + Self.column("now", difference.now)
        }
        let more = self.report.counts.values.reduce(0, +) - min(self.report.findings.count, Self.mostShown)
        if more > 0 { lines.append("… and \(Self.count(more, "difference")) more.") }
        return PrintableText.lines((lines + [self.conclusion]).joined(separator: "\n"))
    }

    private var conclusion: String {
        var notes: [String] = []
        if self.report.passedOver > 0 {
            notes.append(
                "\(self.report.passedOver) inputs passed over: their clients are not in the room by these rules."
            )
        }
        if self.report.unheard > 0 { notes.append("\(self.report.unheard) inputs came while the rules were off.") }
        if self.report.cut > 0 { notes.append("Parts of the recording were dropped when it was written.") }
        let kinds = RulesDifference.Kind.allCases.compactMap { kind in
            self.report.counts[kind].map { "\(kind.text): \($0)" }
        }
        let result = self.report.isSame ? "Nothing differs with \(self.rules)." : "With \(self.rules) differs: "
        return (notes + [result + kinds.joined(separator: ", ")]).joined(separator: "\n")
    }

    private static func count(_ number: Int, _ word: String) -> String {
        number == 1 ? "1 \(word)" : "\(number) \(word)s"
    }

    private static func time(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(
            .iso8601.year().month().day().dateTimeSeparator(.space).time(includingFractionalSeconds: true)
        )
    }

    private static func cut(_ text: String) -> String {
        text.count <= Self.mostCharacters ? text : text.prefix(Self.mostCharacters) + "…"
    }

    private static func column(_ name: String, _ text: String) -> [String] {
        text.split(separator: "\n").map { "    \(name)  \(self.cut(String($0)))" }
    }

    /// Of two states, what is about the first place where they differ.
    private static func shortened(_ difference: RulesDifference) -> RulesDifference {
        guard difference.kind == .state, difference.before.hasPrefix("{") else { return difference }
        let (before, now) = (Array(difference.before), Array(difference.now))
        let same = zip(before, now).prefix { $0 == $1 }.count
        func part(_ text: [Character]) -> String {
            let (start, end) = (max(0, same - 60), min(text.count, same + 80))
            return (start > 0 ? "…" : "") + String(text[start..<end]) + (end < text.count ? "…" : "")
        }
        return RulesDifference(.state, before: part(before), now: part(now))
    }
}

extension RulesDifference.Kind {
    var text: String {
        switch self {
        case .refused: "refused now"
        case .accepted: "accepted now"
        case .reason: "refused otherwise"
        case .transformed: "relayed otherwise"
        case .reply: "answered otherwise"
        case .effects: "other effects"
        case .ownTimer: "a timer that was not set"
        case .missingTimer: "a timer is not set now"
        case .state: "another state from here on"
        }
    }
}

// MARK: For programs

extension ReplayRun {
    private struct Report: Encodable {
        struct Finding: Encodable {
            var segment: Int
            var input: Int?
            var messageID: UInt64
            var milliseconds: Int64
            var question: String
            var kind: String
            var before: String
            var now: String

            enum CodingKeys: String, CodingKey {
                case segment, input, milliseconds, question, kind, before, now
                case messageID = "msg_id"
            }
        }

        struct Refusal: Encodable {
            var segment: Int
            var text: String
        }

        var room: String
        var recorded: [String]
        var rules: String
        var segments: Int
        var inputs: Int
        var passedOver: Int
        var unheard: Int
        var cut: Int
        var same: Bool
        var counts: [String: Int]
        var refusals: [Refusal]
        var differences: [Finding]
    }

    /// For programs: one object.
    package var json: String {
        get throws {
            let report = Report(
                room: self.room,
                recorded: self.recorded,
                rules: self.rules,
                segments: self.report.segments,
                inputs: self.report.inputs,
                passedOver: self.report.passedOver,
                unheard: self.report.unheard,
                cut: self.report.cut,
                same: self.isSame,
                counts: Dictionary(uniqueKeysWithValues: self.report.counts.map { ($0.key.rawValue, $0.value) }),
                refusals: self.report.refusals.map { Report.Refusal(segment: $0.segment, text: $0.text) },
                differences: self.report.findings.map {
                    Report.Finding(
                        segment: $0.segment,
                        input: $0.input,
                        messageID: $0.messageID,
                        milliseconds: $0.wallMilliseconds,
                        question: $0.question,
                        kind: $0.difference.kind.rawValue,
                        before: $0.difference.before,
                        now: $0.difference.now
                    )
                }
            )
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            encoder.keyEncodingStrategy = .convertToSnakeCase
            return String(decoding: try encoder.encode(report), as: UTF8.self)
        }
    }
}
