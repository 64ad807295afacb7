/// The statements of a file that are in no block, as far as they declare something.
struct SourceStatements {
    /// What declares `rules.x.y`.
    private struct Declaration {
        /// `messages.move`, `on_leave`
        var name: String
        var lines: ClosedRange<Int>
        var bytes: Range<Int>
    }

    private let source: ScriptSource
    private var declarations: [Declaration] = []

    init(_ source: ScriptSource) {
        self.source = source
        let tokens = SourceTokens.all(of: source.bytes)
        let starts = Self.starts(tokens)
        for (number, start) in starts.enumerated() {
            guard let name = Self.name(start, tokens) else { continue }
            let next = number + 1 < starts.count ? starts[number + 1] : tokens.count
            let end = next < tokens.count ? tokens[next].offset : source.bytes.count
            self.declarations.append(
                Declaration(
                    name: name,
                    lines: tokens[start].line...max(tokens[start].line, tokens[next - 1].line),
                    bytes: tokens[start].offset..<end
                )
            )
        }
    }

    /// The same text without the declaration on a line; of a message one stays that has no fields. Lines keep their
    /// numbers. `nil`: there is none.
    func without(declarationAt line: Int) -> (source: ScriptSource, name: String)? {
        guard let declaration = self.declarations.first(where: { $0.lines.contains(line) }) else { return nil }
        let left = declaration.name.hasPrefix("messages.") ? "rules.\(declaration.name)={}" : ""
        var bytes = self.source.bytes
        let newLines = bytes[declaration.bytes].count { $0 == UInt8(ascii: "\n") }
        bytes.replaceSubrange(
            declaration.bytes,
            with: Array(left.utf8) + Array(repeating: UInt8(ascii: "\n"), count: newLines) + [UInt8(ascii: " ")]
        )
        guard bytes != self.source.bytes else { return nil }
        return (ScriptSource(name: self.source.name, bytes: bytes), declaration.name)
    }

    /// `rules.filters.move = …` and `function rules.filters.move`.
    private static func name(_ start: Int, _ tokens: [SourceTokens.Token]) -> String? {
        func text(_ index: Int) -> String { tokens.indices.contains(index) ? tokens[index].text : "" }
        let isFunction = text(start) == "function"
        let name = text(isFunction ? start + 1 : start)
        guard name.hasPrefix("rules."), isFunction || text(start + 1) == "=" else { return nil }
        return String(name.dropFirst("rules.".count))
    }

    /// Where the statements begin that are in no block and no bracket.
    private static func starts(_ tokens: [SourceTokens.Token]) -> [Int] {
        let openers: Set = ["{", "(", "[", "function", "if", "do", "repeat"]
        let closers: Set = ["}", ")", "]", "end", "until"]
        let keywords: Set = ["local", "return", "for", "while", "if", "do", "repeat", "goto"]
        let values: Set = ["}", ")", "]", "end", "nil", "true", "false", ";"]
        var starts: [Int] = [], depth = 0, awaitsDo = false
        for (index, token) in tokens.enumerated() {
            let before = index > 0 ? tokens[index - 1] : nil
            let followsValue =
                before.map {
                    $0.isName || values.contains($0.text) || $0.text.first == "\"" || $0.text.first == "'"
                } ?? true
            if depth == 0, !awaitsDo {
                let isFunction = token.text == "function" && followsValue && before?.text != "local"
                if keywords.contains(token.text) || isFunction
                    || (token.isName && followsValue && !(before?.text == "function"))
                {
                    starts.append(index)
                }
            }
            if token.text == "for" || token.text == "while" { awaitsDo = true }
            if token.text == "do" { awaitsDo = false }
            if openers.contains(token.text) { depth += 1 }
            if closers.contains(token.text) { depth = max(0, depth - 1) }
        }
        return starts
    }
}

/// Loads rules again and again, each time without the declaration that was wrong, so that more than the first mistake
/// is told.
struct LoadMistakes {
    private static let most = 20

    private(set) var errors: [ScriptError] = []

    /// - Parameter load: Loads the rules with texts that stand for those of files.
    init(
        first: ScriptError,
        source: (String) -> ScriptSource?,
        load: ([String: ScriptSource]) throws(ScriptError) -> Void
    ) {
        self.errors = [first]
        var changed: [String: ScriptSource] = [:], names: Set<String> = [], error = first
        while self.errors.count < Self.most, names.count < Self.most {
            guard error.kind == .script, let line = error.line,
                let text = changed[error.file] ?? source(error.file),
                let (rest, name) = SourceStatements(text).without(declarationAt: line)
            else { return }
            changed[error.file] = rest
            names.insert(name)
            do throws(ScriptError) {
                try load(changed)
                return
            } catch let next {
                error = next
            }
            // What follows from a declaration that was taken out is no mistake of its own.
            let types = names.compactMap { $0.split(separator: ".").last }
            let follows = types.contains { type in
                error.text.contains(".\(type)") || error.text.contains("\"\(type)\"")
            }
            if !follows, !self.errors.contains(error) { self.errors.append(error) }
        }
    }
}
