/// Text for a terminal of which a part may come from players: nothing of it can steer the terminal.
package enum PrintableText {
    /// - Returns: One line; a `·` stands for each character that is not to be seen.
    package static func line(_ text: some StringProtocol) -> String {
        var shown = ""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: shown += "·"
            default: shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }

    /// - Returns: The same of each line; only line feeds divide them.
    package static func lines(_ text: String) -> String {
        text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
            .map { Self.line(Substring($0)) }.joined(separator: "\n")
    }
}
