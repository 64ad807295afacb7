extension JSONValue {
    /// As JSON.
    package var json: String {
        switch self {
        case .null: "null"
        case .bool(let bool): bool ? "true" : "false"
        case .number(let text): text
        case .string(let string): string.quoted
        case .list(let elements): "[\(elements.map(\.json).joined(separator: ","))]"
        case .object(let members): "{\(members.map { "\($0.name.quoted):\($0.value.json)" }.joined(separator: ","))}"
        }
    }

    /// As a test would write it in Lua.
    package var lua: String {
        switch self {
        case .null: return "gavel.null"
        case .bool(let bool): return bool ? "true" : "false"
        case .number(let text): return text
        case .string(Expectation.anything): return "gavel.any"
        case .string(Expectation.absent): return "gavel.absent"
        case .string(let string): return string.quoted
        case .list(let elements):
            return elements.isEmpty ? "{}" : "{ \(elements.map(\.lua).joined(separator: ", ")) }"
        case .object(let members):
            let texts = members.map { "\($0.name.isLuaName ? $0.name : "[\($0.name.quoted)]") = \($0.value.lua)" }
            return members.isEmpty ? "{}" : "{ \(texts.joined(separator: ", ")) }"
        }
    }
}

extension String {
    /// As a JSON string, which is a Lua string too but for rare escapes.
    package var quoted: String {
        var text = "\""
        for scalar in self.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..<" ":
                let hex = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }

    fileprivate var isLuaName: Bool {
        guard let first = self.unicodeScalars.first, first.isLuaLetter else { return false }
        return self.unicodeScalars.allSatisfy { $0.isLuaLetter || ("0"..."9").contains($0) }
    }
}

extension Unicode.Scalar {
    fileprivate var isLuaLetter: Bool {
        ("a"..."z").contains(self) || ("A"..."Z").contains(self) || self == "_"
    }
}
