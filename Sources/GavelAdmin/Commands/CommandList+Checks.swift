extension CommandList.Entry {
    /// Whether a command can be done with these arguments.
    func check(
        _ arguments: [String: JSONValue],
        nearest: (_ name: String, _ names: [String]) -> String?
    ) throws(CommandError) {
        for (name, value) in arguments.sorted(by: { $0.key < $1.key }) {
            guard let field = self.arguments.first(where: { $0.name == name }) else {
                let names = self.arguments.map(\.name)
                let advice =
                    nearest(name, names).map { "Did you mean \($0)?" }
                    ?? (names.isEmpty ? "It takes none." : "It takes \(names.joined(separator: ", ")).")
                throw CommandError(.badArgument, "\(self.name) has no argument \"\(name.prefix(64))\". \(advice)")
            }
            try field.check(value, nearest: nearest)
        }
        for field in self.arguments where field.isRequired && (arguments[field.name] ?? .null) == .null {
            throw CommandError(.badArgument, "\(self.name) needs the argument \(field.name): \(field.summary)")
        }
    }
}

extension CommandField {
    fileprivate func check(
        _ value: JSONValue,
        nearest: (_ name: String, _ names: [String]) -> String?
    ) throws(CommandError) {
        switch (self.kind, value) {
        case (_, .null), (.boolean, .boolean): return
        case (.integer, .integer(let value)):
            guard value >= self.minimum ?? .min, value <= self.maximum ?? .max else {
                throw CommandError(.badArgument, "\(self.name) is \(value); give \(self.expected).")
            }
        case (.text, .text(let text)):
            guard let choices, !choices.contains(text) else { return }
            let advice = nearest(text, choices).map { "Did you mean \($0)?" } ?? "Give \(self.expected)."
            throw CommandError(.badArgument, "\(self.name) cannot be \"\(text.prefix(64))\". \(advice)")
        default:
            throw CommandError(.badArgument, "\(self.name) is \(value.noun); give \(self.expected).")
        }
    }

    private var expected: String {
        switch self.kind {
        case .text: self.choices.map { "one of \($0.joined(separator: ", "))" } ?? "a text"
        case .boolean: "true or false"
        case .integer:
            switch (self.minimum, self.maximum) {
            case (let low?, let high?) where high < .max: "a whole number from \(low) to \(high)"
            case (let low?, _): "a whole number from \(low) on"
            default: "a whole number"
            }
        }
    }
}
