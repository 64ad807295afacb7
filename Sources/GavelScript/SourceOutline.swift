/// What errors say of a file beside its lines: the names of its functions and where its loops stand.
///
/// Read from the text, for bytecode does not keep the name that a function was given. Of text that does not compile,
/// anything may be said.
struct SourceOutline: Sendable {
    /// By the line on which the function begins; `nil` where several do.
    private var names: [Int: String?] = [:]
    /// First and last line of each loop, in the order of their ends.
    private var loops: [ClosedRange<Int>] = []

    private enum Block {
        case loop(line: Int, awaitsDo: Bool)
        case table
        case other
    }

    init(_ source: [UInt8]) {
        let tokens = SourceTokens.all(of: source)
        var blocks: [Block] = []
        for (index, token) in tokens.enumerated() {
            switch token.text {
            case "function":
                let isField = if case .table? = blocks.last { true } else { false }
                if tokens.dropFirst(index + 1).first?.isName == true {
                    self.note(tokens[index + 1].text, at: token.line)
                } else {
                    self.note(AssignedName(before: index, in: tokens, isField: isField)?.text ?? "", at: token.line)
                }
                blocks.append(.other)
            case "{":
                blocks.append(.table)
            case "}":
                _ = blocks.popLast()
            case "for", "while":
                blocks.append(.loop(line: token.line, awaitsDo: true))
            case "repeat":
                blocks.append(.loop(line: token.line, awaitsDo: false))
            case "if":
                blocks.append(.other)
            case "do":
                if case .loop(let line, awaitsDo: true)? = blocks.last {
                    blocks[blocks.count - 1] = .loop(line: line, awaitsDo: false)
                } else {
                    blocks.append(.other)
                }
            case "end", "until":
                if case .loop(let line, _)? = blocks.popLast() { self.loops.append(line...max(line, token.line)) }
            default:
                break
            }
        }
    }

    /// The name that the source gives to the function which begins on the line, if it is the only one there.
    func functionName(at line: Int) -> String? {
        self.names[line] ?? nil
    }

    /// The line on which the innermost loop around a line begins, if that is in the same function.
    func loop(around line: Int, inFunctionOf functionLine: Int) -> Int? {
        self.loops.first { $0.contains(line) && $0.lowerBound >= functionLine }?.lowerBound
    }

    private mutating func note(_ name: String, at line: Int) {
        let hook = name.hasPrefix("rules.") ? String(name.dropFirst("rules.".count)) : name
        self.names.updateValue(self.names[line] == nil && !name.isEmpty ? hook : nil, forKey: line)
    }
}
