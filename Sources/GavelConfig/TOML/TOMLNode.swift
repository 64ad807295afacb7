import TOMLKit

/// A value of a TOML document as plain data.
package indirect enum TOMLNode: Sendable {
    case string(String)
    case integer(Int)
    case double(Double)
    case boolean(Bool)
    /// A date, a time, or both.
    case moment
    case array([TOMLNode])
    case table([Member])

    /// A key and its value. Names are compared as bytes: TOML keeps two normalisations of é apart.
    package struct Member: Sendable {
        package let name: String
        package let value: TOMLNode

        package init(_ name: String, _ value: TOMLNode) {
            self.name = name
            self.value = value
        }
    }

    /// Parses a document.
    ///
    /// Everything is copied out of the parser's memory at once. That memory is not given back (the library never
    /// frees it), which is of no account for a file that is read when the relay starts.
    /// - Throws: `TOMLParseError`, with line and column.
    static func parse(_ text: String) throws -> TOMLNode {
        try TOMLNode.table(Self.members(TOMLTable(string: text)))
    }

    /// How a mistake's message shows the value.
    package var shown: String {
        switch self {
        case .string(let string): "\"\(string.count > 60 ? String(string.prefix(60)) + "…" : string)\""
        case .integer(let integer): String(integer)
        case .double(let double): String(double)
        case .boolean(let boolean): String(boolean)
        case .moment: "a date or time"
        case .array: "a list"
        case .table: "a table"
        }
    }

    private static func members(_ table: TOMLTable) -> [Member] {
        table.keys.compactMap { key in table[key].map { Member(key, Self(copying: $0)) } }
    }

    private init(copying value: any TOMLValueConvertible) {
        switch value.type {
        case .string: self = .string(value.string ?? "")
        case .int: self = .integer(value.int ?? 0)
        case .double: self = .double(value.double ?? 0)
        case .bool: self = .boolean(value.bool ?? false)
        case .date, .time, .dateTime: self = .moment
        case .array: self = .array((value.array.map(Array.init) ?? []).map(Self.init(copying:)))
        case .table: self = .table(value.table.map(Self.members) ?? [])
        }
    }
}

extension TOMLNode {
    /// The value as JSON, members in the order of their names' bytes.
    /// - Throws: A complaint about the first value that JSON has no form for.
    func writeJSON(to text: inout JSONText) throws(Complaint) {
        switch self {
        case .string(let string): text.append(string: string)
        case .integer(let integer): text.append(raw: String(integer))
        case .double(let double):
            guard double.isFinite else {
                throw Complaint("\(double) cannot be handed to the rules", advice: "Write a finite number.")
            }
            text.append(raw: String(double))
        case .boolean(let boolean): text.append(raw: String(boolean))
        case .moment:
            throw Complaint("a date or time cannot be handed to the rules", advice: "Write it as a string, in quotes.")
        case .array(let elements):
            try text.append(elements, open: "[", close: "]") { (text, element) throws(Complaint) in
                try element.writeJSON(to: &text)
            }
        case .table(let members):
            let sorted = members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            try text.append(sorted, open: "{", close: "}") { (text, member) throws(Complaint) in
                text.append(string: member.name)
                text.append(raw: ":")
                try member.value.writeJSON(to: &text)
            }
        }
    }
}
