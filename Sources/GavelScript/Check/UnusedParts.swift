/// Functions of rules that nothing calls, where that is certain.
struct UnusedParts {
    private(set) var problems: [ScriptProblem] = []

    init(_ files: [SourceFile], outline: RulesOutline) {
        guard outline.isWhole else { return }
        if !files.contains(where: Self.mayNameAnyTimer) {
            let names = Set(files.flatMap(\.literals))
            for (name, place) in outline.timers where !names.contains(name) {
                self.warn(
                    .unusedTimer,
                    place,
                    "timers.\(name) never runs: no room:after or room:every names it. Set it, or take it out."
                )
            }
        }
        let declared = outline.messages.keys.filter { $0 != "join" }
        if let place = outline.filters["*"], !declared.isEmpty,
            declared.allSatisfy({ outline.filters[$0] != nil || outline.commands[$0] != nil })
        {
            self.warn(
                .unusedFilter,
                place,
                "filters[\"*\"] never runs: each declared type has a filter or a command of its own. Take it out."
            )
        }
    }

    private mutating func warn(_ code: ScriptProblem.Code, _ place: RulesOutline.Place, _ message: String) {
        self.problems.append(
            ScriptProblem(.warning, code, file: place.file, line: place.line, column: place.column, message)
        )
    }

    /// Whether a timer is set whose name is not written out.
    private static func mayNameAnyTimer(_ file: SourceFile) -> Bool {
        file.tokens.indices.contains { index in
            let token = file.tokens[index].text
            if token.hasSuffix(":after") || token.hasSuffix(":every") {
                guard let name = file.secondArgument(index + 1) else { return true }
                return file.wholeLiteral(name) == nil
            }
            return token.hasSuffix(".after") || token.hasSuffix(".every")
        }
    }
}

extension SourceFile {
    /// All texts that are written out.
    var literals: [String] {
        self.tokens.indices.compactMap { self.literal($0) }
    }

    /// The names of the signals that it sends; `nil`: one is not written out.
    var sentSignals: Set<String>? {
        var names: Set<String> = []
        for index in self.tokens.indices where self.tokens[index].text == "gavel.signal" {
            guard let second = self.secondArgument(index + 1), let name = self.wholeLiteral(second) else { return nil }
            names.insert(name)
        }
        return names
    }
}
