/// A table that source writes out: `{ a = 1, b = { … } }`.
struct SourceTable {
    /// Its keys that are names or texts, with their tokens and where their values begin.
    private(set) var keys: [(name: String, token: Int, value: Int)] = []
    /// Whether every entry has such a key.
    private(set) var isNamed = true
    /// The token behind its end.
    private(set) var end: Int

    /// - Parameter start: Where its brace stands; `nil`: none stands there, or it has no end.
    init?(_ start: Int, in file: SourceFile) {
        guard file.scopes.text(start) == "{" else { return nil }
        var depth = 0, blocks = 0, index = start
        self.end = start
        repeat {
            guard index < file.tokens.count else { return nil }
            let isEntry = depth == 1 && blocks == 0 && ["{", ",", ";"].contains(file.scopes.text(index - 1))
            if isEntry, file.tokens[index].text != "}" { self.readKey(index, in: file) }
            switch file.tokens[index].text {
            case "{", "(", "[": depth += 1
            case "}", ")", "]": depth -= 1
            case "function", "if", "do", "repeat": blocks += 1
            case "end", "until": blocks -= 1
            default: break
            }
            index += 1
        } while depth > 0
        self.end = index
    }

    private mutating func readKey(_ index: Int, in file: SourceFile) {
        if file.tokens[index].isName, file.scopes.text(index + 1) == "=" {
            self.keys.append((file.tokens[index].text, index, index + 2))
        } else if file.tokens[index].text == "[", let name = file.literal(index + 1),
            file.scopes.text(index + 2) == "]", file.scopes.text(index + 3) == "="
        {
            self.keys.append((name, index + 1, index + 4))
        } else {
            self.isNamed = false
        }
    }
}
