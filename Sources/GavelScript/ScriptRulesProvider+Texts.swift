extension ScriptRulesProvider {
    /// The files it was made of, by name.
    package var texts: [String: [UInt8]] {
        Dictionary(self.program.sources.map { ($0.name, $0.bytes) }) { $1 }
    }

    /// Whether the source of a hook, such as `on_create`, is another than in other rules; comments and spaces do not
    /// count, nor does what it calls.
    package func hasOther(_ hook: String, than other: Self) -> Bool {
        self.words(of: hook) != other.words(of: hook)
    }

    private func words(of hook: String) -> [[String]] {
        self.program.sources.compactMap { Self.words(of: hook, in: SourceTokens.all(of: $0.bytes)) }
    }

    private static func words(of hook: String, in tokens: [SourceTokens.Token]) -> [String]? {
        let begin = tokens.indices.first { index in
            guard tokens[index].text == "function" else { return false }
            let name =
                tokens.dropFirst(index + 1).first.flatMap { $0.isName ? $0.text : nil }
                ?? AssignedName(before: index, in: tokens, isField: false)?.text
            return name == hook || name?.hasSuffix(".\(hook)") == true
        }
        guard let begin else { return nil }
        var depth = 0
        for index in begin..<tokens.count {
            switch tokens[index].text {
            case "function", "if", "do", "repeat": depth += 1
            case "end", "until": depth -= 1
            default: break
            }
            if depth == 0 { return tokens[begin...index].map(\.text) }
        }
        return nil
    }
}
