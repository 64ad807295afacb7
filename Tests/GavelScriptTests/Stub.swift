/// The stub for editors, read.
struct Stub {
    /// Names by class: fields and functions, and functions alone.
    private var membersOf: [String: Set<String>] = [:]
    private var functionsOf: [String: Set<String>] = [:]
    private(set) var globals: Set<String> = []
    /// "load", "string.dump".
    private(set) var deprecated: Set<String> = []
    /// By "Class.field".
    private(set) var fieldTypes: [String: String] = [:]
    /// By class.
    private(set) var overloads: [String: String] = [:]
    private(set) var undescribed: [String] = []
    /// Functions with a parameter without a type.
    private(set) var untyped: [String] = []

    func members(_ name: String) -> Set<String> { self.membersOf[name] ?? [] }
    func functions(_ name: String) -> Set<String> { self.functionsOf[name] ?? [] }

    init(_ text: String) {
        var classOf = ["Room": "Room", "gavel": "Gavel", "json": "GavelJSON"]
        var current = ""
        var block: [Substring] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let match = line.firstMatch(of: /^---@class ([\w.]+)/) {
                current = String(match.1)
                classOf[current] = current
            } else if let match = line.firstMatch(of: /^---@field (\w+)\?? (\S+)(.*)/) {
                self.membersOf[current, default: []].insert(String(match.1))
                self.fieldTypes["\(current).\(match.1)"] = String(match.2)
                if match.3.isEmpty && current != "Message" { self.undescribed.append(String(match.1)) }
            } else if let match = line.firstMatch(of: /^---@overload (.*)/) {
                self.overloads[current] = String(match.1)
            } else if let match = line.firstMatch(of: /^function (?:(\w+)[.:])?(\w+)\((.*)\) end$/) {
                self.add(String(match.2), of: match.1.map(String.init), parameters: match.3, block: block, classOf)
            } else if let match = line.firstMatch(of: /^(\w+) = nil$/) {
                self.globals.insert(String(match.1))
            }
            block = line.hasPrefix("---") ? block + [line] : []
        }
    }

    private mutating func add(
        _ name: String,
        of object: String?,
        parameters: Substring,
        block: [Substring],
        _ classOf: [String: String]
    ) {
        let isDeprecated = block.contains("---@deprecated")
        let wholeName = [object, name].compactMap(\.self).joined(separator: ".")
        if !block.contains(where: { $0.hasPrefix("---") && !$0.hasPrefix("---@") }) {
            self.undescribed.append(wholeName)
        }
        for parameter in parameters.split(separator: ", ") {
            let typed = block.contains { $0.firstMatch(of: /^---@param (\S+?)\?? \S/)?.1 == parameter }
            if !typed { self.untyped.append(wholeName) }
        }
        if isDeprecated {
            self.deprecated.insert(wholeName)
        } else if let object, let owner = classOf[object] {
            self.membersOf[owner, default: []].insert(name)
            self.functionsOf[owner, default: []].insert(name)
        } else {
            self.globals.insert(name)
        }
    }
}
