/// A block of Lua of the designers' guide, with what players do and get when it is played.
package struct GuideExample: Sendable {
    package enum Step: Sendable {
        case sends(String, String)
        case gets(String, String)
        case waits(Duration)
        /// The file is saved while they play.
        case saves(String)
        /// How what the relay makes of a save begins: `in force`, or `refused: ` and why.
        case outcome(String)
        /// A room returns to the version before; how the error begins that did it.
        case goesBack(String)
    }

    /// From `-- scripts/PATH`, its first line.
    package let path: String
    package let source: String
    /// With those of the versions that follow it.
    package private(set) var steps: [Step]

    /// A module has no rules.
    package var isRules: Bool { self.source.contains("gavel.rules()") }

    /// What it is saved as, one after another.
    package var versions: [String] {
        [self.source]
            + self.steps.compactMap { step in
                if case .saves(let source) = step { source } else { nil }
            }
    }

    /// All files, each with what follows it; a block whose first line ends with `, saved anew` is a version of a file
    /// that stood before it.
    package static func all(in guide: String) -> [Self] {
        var examples: [Self] = []
        for match in guide.matches(of: /```lua\n((?s).*?)```/) {
            let source = String(match.1)
            let example = Self(source: source)
            if source.contains(/^-- scripts\/\S+, saved anew\n/),
                let index = examples.firstIndex(where: { $0.path == example.path })
            {
                examples[index].steps += [.saves(source)] + example.steps
            } else {
                examples.append(example)
            }
        }
        return examples
    }

    private init(source: String) {
        self.source = source
        self.path = source.firstMatch(of: /^-- scripts\/([^\s,]+)(, saved anew)?\n/).map { String($0.1) } ?? ""
        self.steps = source.split(separator: "\n").compactMap { line in
            if let match = line.firstMatch(of: /^--> (\w+): (.*)$/) { return .sends(String(match.1), String(match.2)) }
            if let match = line.firstMatch(of: /^--< (\w+): (.*)$/) { return .gets(String(match.1), String(match.2)) }
            if let match = line.firstMatch(of: /^--\. (\d+)s$/) { return .waits(.seconds(Int(match.1)!)) }
            if let match = line.firstMatch(of: /^--= went back: (.*)$/) { return .goesBack(String(match.1)) }
            if let match = line.firstMatch(of: /^--= (.*)$/) { return .outcome(String(match.1)) }
            return Self.saved(line, source).map { .saves($0) }
        }
    }

    /// The source as a line says that it is changed, all at once: ``--~ saved with `NEW` instead of `OLD` ``.
    private static func saved(_ line: Substring, _ source: String) -> String? {
        guard line.hasPrefix("--~ saved with ") else { return nil }
        let changes = line.matches(of: /`([^`]*)` instead of `([^`]*)`/)
        // Below the code stand the changes themselves.
        let end = source.firstRange(of: "\n-->")?.lowerBound ?? source.endIndex
        let code = changes.reduce(String(source[..<end])) { $0.replacing($1.2, with: $1.1) }
        return code + source[end...]
    }
}
