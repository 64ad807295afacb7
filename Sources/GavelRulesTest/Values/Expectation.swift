/// Whether a message is as a test expects it.
///
/// An object is met by one that has its members, each of which is met in turn; others do not matter. A list is met by
/// one of the same length, element by element; an empty table, by anything empty and by any object. Numbers are
/// compared as numbers. Met exactly, an object has no other members, at any depth.
package struct Expectation: Sendable {
    /// What `gavel.any` and `gavel.absent` are on their way here.
    static let anything = "\u{1}any"
    static let absent = "\u{1}absent"

    package var value: JSONValue
    package var isExact: Bool
    /// Members of the whole that the relay adds, and that an exact expectation need not name.
    private static let added: Set<String> = ["client_id", "msg_id"]

    package init(_ value: JSONValue, isExact: Bool = false) {
        self.value = value
        self.isExact = isExact
    }

    package func isMet(by actual: JSONValue) -> Bool {
        self.isMet(self.value, by: actual, isWhole: true)
    }

    /// Whether a member of the whole is as expected; one that is not expected is, unless all must be.
    func isMet(member name: String, by actual: JSONValue?) -> Bool {
        guard let expected = self.value[name] else {
            return actual == nil || !self.isExact || Self.added.contains(name)
        }
        if expected == .string(Self.absent) { return actual == nil }
        guard let actual else { return false }
        return self.isMet(expected, by: actual, isWhole: false)
    }

    private func isMet(_ expected: JSONValue, by actual: JSONValue, isWhole: Bool) -> Bool {
        switch (expected, actual) {
        case (.string(Self.anything), _): return true
        case (.object(let members), .object(let others)):
            for member in members {
                let found = others.first { $0.name == member.name }?.value
                if member.value == .string(Self.absent) {
                    if found != nil { return false }
                } else if found.map({ !self.isMet(member.value, by: $0, isWhole: false) }) ?? true {
                    return false
                }
            }
            guard self.isExact else { return true }
            return others.allSatisfy { other in
                members.contains { $0.name == other.name } || (isWhole && Self.added.contains(other.name))
            }
        case (.list(let elements), .list(let others)):
            return elements.count == others.count
                && zip(elements, others).allSatisfy { self.isMet($0, by: $1, isWhole: false) }
        case (.list([]), .object(let others)):
            return !self.isExact || others.isEmpty
        case (.object([]), .list([])): return true
        case (.number(let number), .number(let other)):
            if number == other { return true }
            if let whole = Int64(number), let otherWhole = Int64(other) { return whole == otherWhole }
            return Double(number) == Double(other)
        default: return expected == actual
        }
    }
}
