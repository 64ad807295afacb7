/// What a client asks for: `{"id":1,"command":"kick","arguments":{"room":"a","client":3}}`, on one line.
struct ControlRequest: Codable {
    /// A whole number or a short text, which comes back in each answer; may be left out.
    var id: JSONValue?
    var command: String
    var arguments: [String: JSONValue]?

    static let longestID = 64
    /// Deepest nesting: no argument needs more.
    static let depth = 16

    /// - Throws: ``CommandError``, and with it the id as far as it could be read.
    static func read(_ line: some Sequence<UInt8>) throws(Refused) -> Self {
        let object: JSONValue
        guard JSONNesting.depth(of: line) <= Self.depth else {
            throw Refused(id: .null, text: "This is nested more than \(Self.depth) deep.")
        }
        do {
            object = try AdminJSON.decode(JSONValue.self, from: line)
        } catch {
            throw Refused(id: .null, text: "This is not JSON.")
        }
        guard case .object(var members) = object else {
            throw Refused(id: .null, text: "This is \(object.noun); send an object.")
        }
        let id = members.removeValue(forKey: "id") ?? .null
        switch id {
        case .null, .integer: break
        case .text(let text) where text.utf8.count <= Self.longestID: break
        default: throw Refused(id: .null, text: "id is to be a whole number or a text of \(Self.longestID) bytes.")
        }
        guard case .text(let command) = members.removeValue(forKey: "command") else {
            throw Refused(id: id, text: "command is to be the name of a command.")
        }
        var arguments: [String: JSONValue] = [:]
        switch members.removeValue(forKey: "arguments") ?? .null {
        case .null: break
        case .object(let given): arguments = given
        default: throw Refused(id: id, text: "arguments is to be an object.")
        }
        if let other = members.keys.min() {
            throw Refused(id: id, text: "There is no member \"\(other.prefix(64))\"; put arguments into \"arguments\".")
        }
        return Self(id: id, command: command, arguments: arguments)
    }

    /// Why a line is no request.
    struct Refused: Error {
        let id: JSONValue
        let text: String

        var error: CommandError { CommandError(.badRequest, self.text) }
    }
}

/// What a relay answers: one of these, or for a stream any number of `.line` and then `.end`; `.error` ends both.
enum ControlAnswer {
    case reply([UInt8])
    case line([UInt8])
    case end
    case error(CommandError)

    /// - Returns: `{"id":1,"reply":{…}}` with a line feed.
    func bytes(for id: JSONValue) -> [UInt8] {
        // What was read or made as JSON can be written as such.
        func json(_ value: some Encodable) -> [UInt8] { (try? AdminJSON.encode(value)) ?? Array("null".utf8) }
        let (name, value): (String, [UInt8]) =
            switch self {
            case .reply(let bytes): ("reply", bytes)
            case .line(let bytes): ("line", bytes)
            case .end: ("end", Array("true".utf8))
            case .error(let error): ("error", json(error))
            }
        return Array("{\"id\":".utf8) + json(id) + Array(",\"\(name)\":".utf8) + value + Array("}\n".utf8)
    }
}

/// An answer as a client reads it.
struct ReceivedAnswer<Value: Decodable>: Decodable {
    var id: JSONValue?
    var reply: Value?
    var line: Value?
    var end: Bool?
    var error: CommandError?
}
