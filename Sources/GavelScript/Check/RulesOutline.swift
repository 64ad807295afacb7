/// What the files of some rules declare, as far as their text shows it.
struct RulesOutline {
    struct Place: Hashable {
        var file: String
        var line: Int
        var column: Int
    }

    struct Message {
        var place: Place
        /// `nil`: not to be read from the text.
        var fields: Set<String>?
    }

    /// Whether nothing is declared but by `rules.x.y = …` and `function rules.x.y`, so that all that is declared is
    /// known.
    private(set) var isWhole = true
    private(set) var messages: [String: Message] = [:]
    private(set) var filters: [String: Place] = [:]
    private(set) var commands: [String: Place] = [:]
    private(set) var timers: [String: Place] = [:]
    private(set) var signals: [String: Place] = [:]
    private(set) var events: [String: Place] = [:]
    private(set) var declaresParams = false
    /// Types with options, of which one may be that further fields pass.
    private(set) var loose: Set<String> = []

    private static let collections: Set<String> = ["messages", "filters", "commands", "timers", "signals", "options"]

    init(_ files: [SourceFile]) {
        for file in files { self.read(file) }
    }

    private mutating func read(_ file: SourceFile) {
        let scopes = file.scopes
        for (index, token) in file.tokens.enumerated() where token.isName && !scopes.isKey[index] {
            if token.text == "gavel.rules" {
                let isUsual =
                    scopes.text(index - 1) == "=" && scopes.text(index - 2) == "rules"
                    && scopes.text(index - 3) == "local"
                if !isUsual, scopes.text(index - 1) != "return" { self.isWhole = false }
            }
            let parts = token.text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            guard parts[0] == "rules" else { continue }
            self.read(parts, index, in: file)
        }
    }

    private mutating func read(_ parts: [String], _ index: Int, in file: SourceFile) {
        let scopes = file.scopes, before = scopes.text(index - 1), behind = scopes.text(index + 1)
        if parts.count == 1 {
            if before != "local", before != "return" { self.isWhole = false }
            return
        }
        let place = file.place(index)
        if parts.count == 2, Self.collections.contains(parts[1]) {
            if let name = file.literal(index + 2), behind == "[", scopes.text(index + 3) == "]",
                scopes.text(index + 4) == "="
            {
                self.declare(parts[1], name, place, value: index + 5, in: file)
            } else {
                self.isWhole = false
            }
        } else if parts.count == 2 {
            if parts[1] == "params" { self.declaresParams = true }
            self.events[parts[1]] = place
        } else if Self.collections.contains(parts[1]) {
            // Of several variables, the value that stands behind is the first one's.
            let isAlone = behind == "=" && before != ","
            self.declare(parts[1], parts[2], place, value: isAlone ? index + 2 : nil, in: file)
        }
    }

    /// - Parameter value: Where what is assigned begins, if that is known.
    private mutating func declare(_ group: String, _ name: String, _ place: Place, value: Int?, in file: SourceFile) {
        switch group {
        case "messages":
            self.messages[name] = Message(place: place, fields: value.flatMap { Self.fields($0, in: file) })
        case "filters": self.filters[name] = place
        case "commands": self.commands[name] = place
        case "timers": self.timers[name] = place
        case "signals": self.signals[name] = place
        default: self.loose.insert(name)
        }
    }

    /// The keys of a table that is written out, and ends there.
    private static func fields(_ start: Int, in file: SourceFile) -> Set<String>? {
        guard let table = SourceTable(start, in: file), table.isNamed else { return nil }
        return Set(table.keys.map(\.name))
    }
}
