/// What the names in Lua source stand for: locals, or parameters of which function.
///
/// Read from the tokens of text that compiles. A local counts from its `local` on, so that a name is taken for a
/// parameter only where it is certain to be one.
struct SourceScopes {
    struct Function {
        /// As a designer writes it: `filters.move`, `on_leave`, `start`; empty where it has no name.
        var name = ""
        /// Whether it is assigned to a field of `rules`.
        var isHook = false
        var parameters: [String] = []
    }

    struct Binding {
        /// The function whose parameter it is; `nil`: a local.
        var function: Int?
        var parameter = 0
        var isReassigned = false
    }

    let tokens: [SourceTokens.Token]
    private(set) var functions: [Function] = []
    /// By token: the innermost function around it.
    private(set) var enclosing: [Int?]
    /// By token, of names: what its first part is bound to, as an index of `bindings`.
    private var bound: [Int?]
    private var bindings: [Binding] = []
    /// By token: whether it is the key in `{ key = … }`.
    private(set) var isKey: [Bool]
    private var blocks: [Block] = []

    private struct Block {
        enum Kind {
            case function(Int)
            case loopAwaitingDo
            case table
            case other
        }

        var kind: Kind
        var names: [String: Int] = [:]
    }

    init(_ tokens: [SourceTokens.Token]) {
        self.tokens = tokens
        self.enclosing = Array(repeating: nil, count: tokens.count)
        self.bound = self.enclosing
        self.isKey = Array(repeating: false, count: tokens.count)
        self.blocks = [Block(kind: .other)]
        self.read()
    }

    func text(_ index: Int) -> String {
        self.tokens.indices.contains(index) ? self.tokens[index].text : ""
    }

    /// What the name's first part stands for; `nil`: a global, or no name.
    func binding(_ index: Int) -> Binding? {
        self.bound[index].map { self.bindings[$0] }
    }

    /// The hook whose parameter the name's first part is, where it is never assigned another value.
    func hook(of index: Int, parameter: Int) -> Function? {
        guard let binding = self.binding(index), let function = binding.function, binding.parameter == parameter,
            !binding.isReassigned, self.functions[function].isHook
        else { return nil }
        return self.functions[function]
    }

    private mutating func read() {
        var index = 0
        while index < self.tokens.count {
            self.enclosing[index] = self.innermost
            index = self.read(index)
        }
    }

    private var innermost: Int? {
        for block in self.blocks.reversed() {
            if case .function(let function) = block.kind { return function }
        }
        return nil
    }

    private mutating func declare(_ name: String, _ binding: Binding = Binding()) {
        self.bindings.append(binding)
        self.blocks[self.blocks.count - 1].names[name] = self.bindings.count - 1
    }

    private mutating func close() {
        if self.blocks.count > 1 { self.blocks.removeLast() }
    }

    /// - Returns: The next token to read.
    private mutating func read(_ index: Int) -> Int {
        switch self.tokens[index].text {
        case "function": return self.readFunction(index)
        case "local" where self.text(index + 1) == "function":
            self.declare(self.text(index + 2))
        case "local": return self.readNames(index + 1, until: [])
        case "for":
            self.blocks.append(Block(kind: .loopAwaitingDo))
            return self.readNames(index + 1, until: ["in", "="])
        case "while": self.blocks.append(Block(kind: .loopAwaitingDo))
        case "do":
            if case .loopAwaitingDo = self.blocks[self.blocks.count - 1].kind {
                self.blocks[self.blocks.count - 1].kind = .other
            } else {
                self.blocks.append(Block(kind: .other))
            }
        case "repeat", "if": self.blocks.append(Block(kind: .other))
        case "{": self.blocks.append(Block(kind: .table))
        case "else", "elseif": self.blocks[self.blocks.count - 1].names = [:]
        case "end", "until", "}": self.close()
        default: if self.tokens[index].isName { self.readName(index) }
        }
        return index + 1
    }

    private mutating func readName(_ index: Int) {
        if case .table = self.blocks[self.blocks.count - 1].kind, self.text(index + 1) == "=",
            ["{", ",", ";"].contains(self.text(index - 1))
        {
            self.isKey[index] = true
            return
        }
        guard self.text(index - 1) != "." || self.text(index - 2) == "." else { return }
        let token = self.tokens[index].text, name = String(token.prefix { $0 != "." && $0 != ":" })
        guard let binding = self.blocks.lazy.reversed().compactMap({ $0.names[name] }).first else { return }
        self.bound[index] = binding
        // A comma may stand between the variables of an assignment.
        if token == name, ["=", ","].contains(self.text(index + 1)), !["(", "{"].contains(self.text(index - 1)) {
            self.bindings[binding].isReassigned = true
        }
    }

    /// Names with commas between them, and their attributes.
    private mutating func readNames(_ start: Int, until ends: Set<String>) -> Int {
        var index = start
        while index < self.tokens.count, self.tokens[index].isName {
            self.enclosing[index] = self.innermost
            self.declare(self.tokens[index].text)
            index += 1
            if self.text(index) == "<" { index += 3 }
            guard self.text(index) == "," else { break }
            index += 1
        }
        return index
    }

    private mutating func readFunction(_ start: Int) -> Int {
        var function = Function(), index = start + 1
        let isField = if case .table = self.blocks[self.blocks.count - 1].kind { true } else { false }
        if self.tokens.indices.contains(index), self.tokens[index].isName {
            function.name = self.tokens[index].text
            index += 1
        } else {
            function.name = AssignedName(before: start, in: self.tokens, isField: isField)?.text ?? ""
        }
        if function.name.contains(":") { function.parameters.append("self") }
        if function.name.hasPrefix("rules.") {
            function.isHook = true
            function.name.removeFirst("rules.".count)
        }
        self.blocks.append(Block(kind: .function(self.functions.count)))
        while index < self.tokens.count, self.tokens[index].text != ")" {
            if self.tokens[index].isName { function.parameters.append(self.tokens[index].text) }
            index += 1
        }
        for (parameter, name) in function.parameters.enumerated() {
            self.declare(name, Binding(function: self.functions.count, parameter: parameter))
        }
        self.functions.append(function)
        return index + 1
    }
}
