extension SourceChecks {
    private static let methods: Set<String> = [
        "after", "broadcast", "cancel", "client", "close", "every", "kick", "lock", "move", "others", "send", "sync",
        "time_left", "unlock",
    ]

    /// What is done with a room: its methods, and its state.
    mutating func checkRoom(_ index: Int) {
        let token = self.file.tokens[index].text
        // A room is a parameter; what else may be called so is not known.
        guard self.scopes.binding(index)?.function != nil else { return }
        if token.hasPrefix("room.state.") || token.hasPrefix("client.data.") { self.checkKept(index) }
        guard token.hasPrefix("room:") || token.hasPrefix("room."), !self.definesMethods else { return }
        let method = String(token.dropFirst("room:".count)), next = self.scopes.text(index + 1)
        guard Self.methods.contains(method) else { return }
        if token.hasPrefix("room.") {
            guard next == "{" || next == "(", self.scopes.text(index + 2) != "room" else { return }
            self.complain(
                .missingColon,
                at: index,
                "\(method) needs the room in front. Write room:\(method) with a colon."
            )
            return
        }
        switch method {
        case "after", "every": self.checkDelay(index + 2)
        case "cancel", "time_left": self.checkTimer(index + 2)
        case "broadcast": self.checkMessage(next == "{" ? index + 1 : index + 2, method)
        case "send": if let second = self.file.secondArgument(index + 1) { self.checkMessage(second, method) }
        default: break
        }
        if method == "after" || method == "every", let name = self.file.secondArgument(index + 1) {
            self.checkTimer(name)
        }
    }

    /// Whether the file makes functions of such names itself, so that `room` may be something else.
    private var definesMethods: Bool {
        self.scopes.functions.contains { function in
            guard !function.isHook else { return false }
            let parts = function.name.split { $0 == ":" || $0 == "." }
            return parts.count > 1 && Self.methods.contains(String(parts[parts.count - 1]))
        }
    }

    /// The delay of `room:after` at a token.
    private mutating func checkDelay(_ index: Int) {
        guard self.scopes.text(index + 1) == "," else { return }
        let text = self.scopes.text(index)
        if text.first?.isNumber == true {
            guard text.allSatisfy({ $0.isNumber || $0 == "." }) else { return }
            self.complain(.badDelay, at: index, "the delay \(text) has no unit. Write \"\(text)s\" or \"\(text)ms\".")
        } else if let delay = self.file.literal(index), delay.wholeMatch(of: /[0-9]*\.?[0-9]+(ms|s|m|h)/) == nil {
            let isNumber = delay.wholeMatch(of: /[0-9]*\.?[0-9]+/) != nil
            self.complain(
                .badDelay,
                at: index,
                isNumber
                    ? "the delay \"\(delay)\" has no unit. Write \"\(delay)s\" or \"\(delay)ms\"."
                    : "\"\(delay)\" is no delay. Write \"30s\", \"1.5s\", \"500ms\", \"10m\" or \"2h\"."
            )
        }
    }

    /// The name of a timer at a token.
    private mutating func checkTimer(_ index: Int) {
        guard self.outline.isWhole, let name = self.file.wholeLiteral(index) else { return }
        guard self.outline.timers[name] == nil else { return }
        let meant = NearestName.of(name, among: self.outline.timers.keys.sorted())
        let advice = meant.map { "Did you mean \($0)?" } ?? "Write function rules.timers.\(name)(room, data) … end."
        self.complain(.unknownTimer, at: index, "no rules.timers.\(name). \(advice)")
    }

    /// The message of a send, where it is written out.
    private mutating func checkMessage(_ index: Int, _ method: String) {
        guard let table = SourceTable(index, in: self.file) else { return }
        if let type = table.keys.first(where: { $0.name == "type" }) {
            if let text = self.file.wholeLiteral(type.value), Self.isRelayType(text) {
                self.complain(
                    .relayType,
                    at: type.value,
                    "the type \"\(text)\" belongs to the relay. Choose another name."
                )
            }
        } else if table.isNamed {
            let call = method == "send" ? "send(client, { type = \"won\", … })" : "\(method) { type = \"won\", … }"
            self.complain(.missingType, at: index, "the message has no type. Write room:\(call).")
        }
        for key in table.keys where key.name == "client_id" || key.name == "msg_id" {
            let value = key.name == "client_id" ? " (0 for a message of the rules)" : ""
            self.complain(
                .relayField,
                at: key.token,
                "\(key.name) is set by the relay\(value). Use another field, such as player."
            )
        }
    }

    private static func isRelayType(_ type: String) -> Bool {
        ["joined", "error", "reply", "snapshot", "client_joined", "client_left", "left", "closing"].contains(type)
            || type.hasPrefix("gavel.")
    }

    /// `room.state.host = client`
    private mutating func checkKept(_ index: Int) {
        guard self.scopes.text(index + 1) == "=", self.scopes.text(index + 2) == "client",
            self.scopes.hook(of: index + 2, parameter: 1).map(Self.isGivenClient) == true
        else { return }
        let next = index + 3
        let isNewStatement =
            next < self.file.tokens.count && self.file.tokens[next].isName
            && self.file.tokens[next].line > self.file.tokens[index + 2].line
        let isKeyword = ["local", "return", "for", "while", "function", "do", "repeat", "goto", "break"]
        guard
            self.file.endsStatement(before: next) || isNewStatement
                || isKeyword.contains(self.scopes.text(next)) || self.scopes.text(next) == "if"
        else { return }
        let path = self.file.tokens[index].text
        self.complain(
            .keptClient,
            at: index,
            "\(path) cannot hold a client. Keep client.id and use room:client(id)."
        )
    }
}
