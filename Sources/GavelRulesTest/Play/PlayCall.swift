internal import GavelScript

/// A call of a test, its arguments taken apart.
struct PlayCall {
    let name: String
    let place: TestPlace
    let arguments: [JSONValue]
    /// The first argument as it was encoded; empty: there is none.
    let text: [UInt8]
    private let clients: [Int?]

    init(_ call: TestCall) {
        self.name = call.name
        self.place = call.place
        self.clients = call.clients
        // A message on its way is not taken apart: its bytes are what counts.
        if call.clients.count == 1, ["send", "ask"].contains(call.name) {
            self.text = Array(call.arguments.dropFirst().dropLast())
            self.arguments = []
        } else {
            self.text = []
            self.arguments = call.clients.isEmpty ? [] : JSONValue(call.arguments)?.elements ?? []
        }
    }

    /// `nil`: it is not there, or null.
    subscript(index: Int) -> JSONValue? {
        guard index < self.arguments.count, self.arguments[index] != .null else { return nil }
        return self.arguments[index]
    }

    func client(at index: Int) -> Int? { index < self.clients.count ? self.clients[index] : nil }

    func failure(_ text: String) -> TestFailure { TestFailure(place: self.place, text: text) }

    /// The table at an index, which a message or fields are given as.
    func table(at index: Int, example: String) throws(TestFailure) -> JSONValue {
        guard let value = self[index], value.members != nil || value.isEmptyTable else {
            throw self.failure("\(self.name) takes a table: \(example).")
        }
        return value.isEmptyTable ? .object([]) : value
    }

    func fields(at index: Int) throws(TestFailure) -> [JSONValue.Member] {
        guard index < self.arguments.count, self.arguments[index] != .null else { return [] }
        return try self.table(at: index, example: "{ name = value }").members ?? []
    }

    func string(at index: Int, example: String) throws(TestFailure) -> String {
        guard let text = self[index]?.string else { throw self.failure("\(self.name) takes a text: \(example).") }
        return text
    }
}
