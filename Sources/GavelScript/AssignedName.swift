/// The name of what a function is assigned to, as the source writes it: `f`, `rules.filters["*"]`.
struct AssignedName {
    let text: String

    /// Tokens that are looked at, so that no source takes long.
    private static let reach = 200
    private static let longest = 64

    /// - Parameters:
    ///   - function: The index of the token `function`.
    ///   - isField: It stands in a table's braces, where a comma separates fields and not variables.
    init?(before function: Int, in tokens: [SourceTokens.Token], isField: Bool) {
        let first = max(0, function - Self.reach)
        guard function > first, tokens[function - 1].text == "=" else { return nil }
        guard var target = Self.variable(endingAt: function - 2, in: tokens, from: first) else { return nil }
        // The first value is the first variable's.
        while !isField, target.lowerBound > first, tokens[target.lowerBound - 1].text == "," {
            guard let before = Self.variable(endingAt: target.lowerBound - 2, in: tokens, from: first) else {
                return nil
            }
            target = before
        }
        let text = tokens[target].map(\.text).joined()
        guard text.utf8.count <= Self.longest, !text.contains("\n") else { return nil }
        self.text = text
    }

    /// Where the variable or key stands whose last token this is; `nil`: it is none that has a name.
    private static func variable(
        endingAt last: Int,
        in tokens: [SourceTokens.Token],
        from first: Int
    ) -> ClosedRange<Int>? {
        var last = last
        if last - 3 >= first, tokens[last].text == ">", tokens[last - 2].text == "<" { last -= 3 }
        var index = last
        while index >= first {
            if tokens[index].text == "]" {
                guard let bracket = Self.opening(of: index, in: tokens, from: first) else { return nil }
                // `{ ["key"] = … }` has nothing before it.
                if bracket > first, ["{", ",", ";"].contains(tokens[bracket - 1].text) { return bracket...last }
                index = bracket - 1
            } else if tokens[index].isName {
                guard index > first, tokens[index - 1].text == "." else { return index...last }
                index -= 2
            } else {
                return nil
            }
        }
        return nil
    }

    private static func opening(of bracket: Int, in tokens: [SourceTokens.Token], from first: Int) -> Int? {
        var depth = 0
        for index in stride(from: bracket, through: first, by: -1) {
            if tokens[index].text == "]" { depth += 1 }
            if tokens[index].text == "[" { depth -= 1 }
            if depth == 0 { return index }
        }
        return nil
    }
}
