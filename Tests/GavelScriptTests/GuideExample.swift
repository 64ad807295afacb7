import Testing

/// A block of Lua of the designers' guide.
struct GuideExample: Sendable, CustomTestStringConvertible {
    enum Step: Sendable {
        case sends(String, String)
        case gets(String, String)
        case waits(Duration)
    }

    /// From `-- scripts/PATH`, its first line.
    let path: String
    let source: String
    let steps: [Step]

    /// A module has no rules.
    var isRules: Bool { self.source.contains("gavel.rules()") }
    var testDescription: String { self.path }

    static func all(in guide: String) -> [Self] {
        guide.matches(of: /```lua\n((?s).*?)```/).map { Self(source: String($0.1)) }
    }

    private init(source: String) {
        self.source = source
        self.path = source.firstMatch(of: /^-- scripts\/(\S+)\n/).map { String($0.1) } ?? ""
        self.steps = source.split(separator: "\n").compactMap { line in
            if let match = line.firstMatch(of: /^--> (\w+): (.*)$/) { return .sends(String(match.1), String(match.2)) }
            if let match = line.firstMatch(of: /^--< (\w+): (.*)$/) { return .gets(String(match.1), String(match.2)) }
            if let match = line.firstMatch(of: /^--\. (\d+)s$/) { return .waits(.seconds(Int(match.1)!)) }
            return nil
        }
    }
}
