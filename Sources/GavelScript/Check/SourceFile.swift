/// A file of rules that compiles, as checks look at it.
struct SourceFile {
    let name: String
    let tokens: [SourceTokens.Token]
    let scopes: SourceScopes
    private let lineStarts: [Int]

    init(_ source: ScriptSource) {
        self.name = source.name
        self.tokens = SourceTokens.all(of: source.bytes)
        self.scopes = SourceScopes(self.tokens)
        self.lineStarts = [0] + source.bytes.indices.filter { source.bytes[$0] == UInt8(ascii: "\n") }.map { $0 + 1 }
    }

    func place(_ index: Int) -> RulesOutline.Place {
        let token = self.tokens[index]
        let column = token.offset - (self.lineStarts.last { $0 <= token.offset } ?? 0) + 1
        return RulesOutline.Place(file: self.name, line: token.line, column: column)
    }

    func problem(
        _ severity: ScriptProblem.Severity = .error,
        _ code: ScriptProblem.Code,
        at index: Int,
        _ message: String
    ) -> ScriptProblem {
        let place = self.place(index)
        return ScriptProblem(severity, code, file: self.name, line: place.line, column: place.column, message)
    }

    /// Names that are declared with `local`.
    var localNames: [String] {
        self.tokens.indices.compactMap { index in
            guard self.tokens[index].isName else { return nil }
            let isFunction = self.scopes.text(index - 1) == "function" && self.scopes.text(index - 2) == "local"
            return self.scopes.text(index - 1) == "local" || isFunction ? self.tokens[index].text : nil
        }
    }

    /// The text of a string that is written out without escapes.
    func literal(_ index: Int) -> String? {
        guard self.tokens.indices.contains(index) else { return nil }
        let text = self.tokens[index].text
        guard text.count >= 2, let quote = text.first, quote == "\"" || quote == "'", text.last == quote,
            !text.contains("\\")
        else { return nil }
        return String(text.dropFirst().dropLast())
    }

    /// The same, where it is the whole of an argument or a value.
    func wholeLiteral(_ index: Int) -> String? {
        guard [",", ")", "}", ";", "]"].contains(self.scopes.text(index + 1)) else { return nil }
        return self.literal(index)
    }

    /// Whether a statement has its end before this token.
    func endsStatement(before index: Int) -> Bool {
        index >= self.tokens.count || ["end", "else", "elseif", "until", ";"].contains(self.tokens[index].text)
    }

    /// The token at which the second argument of a call begins, whose bracket stands at `open`.
    func secondArgument(_ open: Int) -> Int? {
        var depth = 0
        for index in open..<self.tokens.count {
            switch self.tokens[index].text {
            case "(", "{", "[": depth += 1
            case ")", "}", "]": depth -= 1
            case "," where depth == 1: return index + 1
            // What stands in a function's body has commas of its own.
            case "function": return nil
            default: break
            }
            if depth == 0 { return nil }
        }
        return nil
    }
}
