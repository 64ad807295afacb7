/// The mistakes that the text of a file shows, where it is certain that they are some.
struct SourceChecks {
    let file: SourceFile
    /// Of all files of the rules.
    let outline: RulesOutline
    private(set) var problems: [ScriptProblem] = []

    init(_ file: SourceFile, outline: RulesOutline) {
        self.file = file
        self.outline = outline
        for index in file.tokens.indices {
            if file.tokens[index].isName, !file.scopes.isKey[index] {
                self.checkRoom(index)
                self.checkMembers(index)
                self.checkField(index)
                self.checkHook(index)
            } else if file.tokens[index].text == "return" {
                self.checkResult(index)
            }
        }
    }

    var scopes: SourceScopes { self.file.scopes }

    mutating func complain(_ code: ScriptProblem.Code, at index: Int, _ message: String) {
        self.problems.append(self.file.problem(.error, code, at: index, message))
    }

    /// What some hooks may not do: refuse, and a snapshot change anything.
    private mutating func checkHook(_ index: Int) {
        guard let hook = self.scopes.enclosing[index].map({ self.scopes.functions[$0] }), hook.isHook else { return }
        let token = self.file.tokens[index].text
        if token == "gavel.reject", self.scopes.text(index + 1) == "(",
            !hook.name.hasPrefix("filters"), !hook.name.hasPrefix("commands")
        {
            self.complain(
                .badReject,
                at: index,
                "\(hook.name) cannot reject: there is no message to refuse. A filter or a command can."
            )
        }
        guard hook.name == "snapshot", self.scopes.hook(of: index, parameter: 0) != nil else { return }
        let changes = ["after", "broadcast", "close", "every", "kick", "lock", "move", "send", "sync", "unlock"]
        let isCall = changes.contains { token == "room:\($0)" }
        let isAssignment =
            self.scopes.text(index + 1) == "=" && (token == "room.state" || token.hasPrefix("room.state."))
        guard isCall || isAssignment else { return }
        self.complain(.snapshotChange, at: index, "a snapshot changes nothing: it only tells what a client may see.")
    }

    /// `return` in a filter or a command.
    private mutating func checkResult(_ index: Int) {
        guard let function = self.scopes.enclosing[index].map({ self.scopes.functions[$0] }), function.isHook,
            self.file.endsStatement(before: index + 2)
        else { return }
        let isFilter = function.name.hasPrefix("filters"), isCommand = function.name.hasPrefix("commands")
        let value = self.scopes.text(index + 1)
        let what: String
        switch value {
        case "true", "false": what = value
        case "gavel.drop" where isCommand: what = value
        default:
            guard self.file.literal(index + 1) != nil else { return }
            what = "a string"
        }
        let advice: String
        if isFilter {
            advice = """
                Return nothing to relay, a table to relay instead, gavel.drop to stop it, or call gavel.reject("code").
                """
        } else if function.name == "commands.join" {
            advice = "Return nothing, or a table of fields for the joined reply; gavel.reject refuses."
        } else if isCommand {
            advice = "A command is never relayed: return nothing, or a table as the reply."
        } else {
            return
        }
        self.complain(.badResult, at: index + 1, "\(function.name) returned \(what). \(advice)")
    }

    /// A field of a message that its schema does not have.
    private mutating func checkField(_ index: Int) {
        let parts = self.file.tokens[index].text.split { $0 == "." || $0 == ":" }.map(String.init)
        guard self.outline.isWhole, parts.count > 1, let hook = self.scopes.hook(of: index, parameter: 2) else {
            return
        }
        let path = hook.name.split(separator: ".").map(String.init)
        guard path.count == 2, path[0] == "filters" || path[0] == "commands", path[1] != "join",
            !self.outline.loose.contains(path[1]), let fields = self.outline.messages[path[1]]?.fields
        else { return }
        guard !fields.contains(parts[1]), !["type", "ref", "client_id", "msg_id"].contains(parts[1]) else { return }
        let advice =
            NearestName.of(parts[1], among: fields.sorted()).map { "Did you mean \($0)?" }
            ?? (fields.isEmpty ? "It has none." : "It has \(fields.sorted().joined(separator: ", ")).")
        self.complain(.unknownField, at: index, "messages.\(path[1]) has no field \"\(parts[1])\". \(advice)")
    }

    /// Members of `gavel`, and of the room and the client that a hook is given.
    private mutating func checkMembers(_ index: Int) {
        let parts = self.file.tokens[index].text.split { $0 == "." || $0 == ":" }.map(String.init)
        guard parts.count > 1 else { return }
        if parts[0] == "gavel", self.scopes.binding(index) == nil {
            let path = parts[1] == "json" && parts.count > 2 ? parts[0...2] : parts[0...1]
            guard let text = ScriptProbe.complaint("local x = \(path.joined(separator: "."))") else { return }
            self.complain(.unknownMember, at: index, text)
        } else if parts[0] == "room", self.scopes.hook(of: index, parameter: 0) != nil {
            self.checkMember("room", parts[1], of: ScriptMembers.room, kept: "What the rules keep stands in", at: index)
        } else if parts[0] == "client", self.scopes.hook(of: index, parameter: 1).map(Self.isGivenClient) == true {
            self.checkMember(
                "client",
                parts[1],
                of: ScriptMembers.client,
                kept: "What the rules keep of a client stands in",
                at: index
            )
        }
    }

    private mutating func checkMember(
        _ owner: String,
        _ name: String,
        of members: Set<String>,
        kept: String,
        at index: Int
    ) {
        let place = owner == "room" ? "room.state" : "client.data"
        let isSet = self.file.tokens[index].text == "\(owner).\(name)" && self.scopes.text(index + 1) == "="
        if isSet, "\(owner).\(name)" != place {
            self.complain(
                .fixedField,
                at: index,
                "\(owner).\(name) cannot be set. Keep it in \(place).\(name)."
            )
        }
        guard !isSet, !members.contains(name) else { return }
        let meant = NearestName.of(name, among: members.sorted())
        let advice = meant.map { "Did you mean \(owner).\($0)?" } ?? "\(kept) \(place).\(name)."
        self.complain(.unknownMember, at: index, "there is no \(owner).\(name). \(advice)")
    }

    /// Whether a hook's second parameter is a client.
    static func isGivenClient(_ hook: SourceScopes.Function) -> Bool {
        hook.name.hasPrefix("filters") || hook.name.hasPrefix("commands")
            || ["snapshot", "on_drop", "on_return", "on_leave"].contains(hook.name)
    }
}

/// The names that a room and a client have in rules.
enum ScriptMembers {
    static let room = Self.members(of: "Room")
    static let client = Self.members(of: "Client")

    /// As the types for editors list them.
    private static func members(of type: String) -> Set<String> {
        var names: Set<String> = [], isInside = false
        for line in EditorTypes.stub().split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.first == "---@class" { isInside = words.dropFirst().first.map { $0 == type } == true }
            if isInside, words.first == "---@field", words.count > 1 { names.insert(String(words[1])) }
            if words.first == "function", words.count > 1 {
                let path = words[1].prefix { $0 != "(" }.split { $0 == ":" || $0 == "." }
                if path.count == 2, path[0] == type { names.insert(String(path[1])) }
            }
        }
        return names
    }
}
