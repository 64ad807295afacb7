/// How a setting's value is read, whichever way it came, and shown.
package struct SettingType<Value: Sendable>: Sendable {
    /// What to write, in the middle of a sentence: `true or false`.
    let expected: String
    /// Reads a value of the configuration file.
    let read: @Sendable (TOMLNode) throws(Complaint) -> Value
    /// Makes of an environment variable or flag what the configuration file would hold.
    let interpret: @Sendable (String) -> TOMLNode
    /// The value as the configuration file holds it.
    let format: @Sendable (Value) -> String

    init(
        expected: String,
        interpret: @escaping @Sendable (String) -> TOMLNode = { .string($0) },
        format: @escaping @Sendable (Value) -> String,
        read: @escaping @Sendable (TOMLNode) throws(Complaint) -> Value
    ) {
        self.expected = expected
        self.interpret = interpret
        self.format = format
        self.read = read
    }

    /// As this type, for a value that may be absent.
    /// - Parameter word: Admitted, like 0, for the absence of a value; `nil`: neither is.
    func optional(_ word: String?) -> SettingType<Value?> {
        guard let word else {
            return SettingType<Value?>(
                expected: self.expected,
                interpret: self.interpret,
                format: { $0.map(self.format) ?? "" },
                read: { node throws(Complaint) in try self.read(node) }
            )
        }
        return SettingType<Value?>(
            expected: "\(self.expected), or \"\(word)\"",
            interpret: self.interpret,
            format: { $0.map(self.format) ?? "\"\(word)\"" },
            read: { node throws(Complaint) in
                switch node {
                case .string(word), .string("0"), .integer(0): return nil
                default: break
                }
                do throws(Complaint) {
                    return try self.read(node)
                } catch {
                    let advice = error.advice.hasSuffix(".") ? String(error.advice.dropLast()) : error.advice
                    throw Complaint(error.what, advice: "\(advice), or \"\(word)\".")
                }
            }
        )
    }
}

extension SettingType where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> Self {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return Self(
            expected: expected,
            interpret: { text in Int(text).map(TOMLNode.integer) ?? .string(text) },
            format: { String($0) },
            read: { node throws(Complaint) in
                guard case .integer(let value) = node else {
                    if case .string(let text) = node, let value = Int(text) {
                        throw Complaint("\(node.shown) is a string", advice: "Write \(value), without quotes.")
                    }
                    throw Complaint("\(node.shown) is not a whole number", advice: "Write \(expected).")
                }
                guard range.contains(value) else {
                    throw Complaint("\(value) is out of range", advice: "Write \(expected).")
                }
                return value
            }
        )
    }

    /// Bytes.
    static func size(_ range: ClosedRange<Int>) -> Self {
        .measured(.size, Int64(range.lowerBound)...Int64(range.upperBound), from: { Int($0) }, to: { Int64($0) })
    }
}

extension SettingType where Value == Duration {
    static func duration(_ range: ClosedRange<Duration>) -> Self {
        .measured(
            .duration,
            range.lowerBound.wholeNanoseconds...range.upperBound.wholeNanoseconds,
            from: { .nanoseconds($0) },
            to: { $0.wholeNanoseconds }
        )
    }
}

extension SettingType {
    fileprivate static func measured(
        _ measure: Measure,
        _ range: ClosedRange<Int64>,
        from: @escaping @Sendable (Int64) -> Value,
        to: @escaping @Sendable (Value) -> Int64
    ) -> Self {
        let (low, high) = (measure.format(range.lowerBound), measure.format(range.upperBound))
        let expected = "a \(measure.noun) from \"\(low)\" to \"\(high)\""
        return Self(
            expected: expected,
            format: { "\"\(measure.format(to($0)))\"" },
            read: { node throws(Complaint) in
                switch node {
                case .string(let text):
                    let count = try measure.parse(text)
                    guard range.contains(count) else {
                        throw Complaint("\"\(text)\" is out of range", advice: "Write \(expected).")
                    }
                    return from(count)
                case .integer, .double: throw measure.bareNumber(node.shown)
                default: throw Complaint("\(node.shown) is not a \(measure.noun)", advice: "Write \(expected).")
                }
            }
        )
    }
}

extension SettingType where Value == Bool {
    static var boolean: Self {
        Self(
            expected: "true or false",
            interpret: { ["true": .boolean(true), "false": .boolean(false)][$0] ?? .string($0) },
            format: { String($0) },
            read: { node throws(Complaint) in
                switch node {
                case .boolean(let value): return value
                case .string(let text) where text == "true" || text == "false":
                    throw Complaint("\(node.shown) is a string", advice: "Write \(text), without quotes.")
                default: throw Complaint("\(node.shown) is neither true nor false", advice: "Write true or false.")
                }
            }
        )
    }
}

extension SettingType where Value == String {
    /// - Parameter check: Complains about what cannot be.
    static func text(
        _ expected: String,
        check: @escaping @Sendable (String) throws(Complaint) -> Void
    ) -> Self {
        Self(
            expected: expected,
            format: Self.quoted,
            read: { node throws(Complaint) in
                guard case .string(let text) = node else {
                    throw Complaint("\(node.shown) is not a string", advice: "Write \(expected), in quotes.")
                }
                try check(text)
                return text
            }
        )
    }

    static func quoted(_ text: String) -> String {
        var json = JSONText()
        json.append(string: text)
        return String(decoding: json.bytes, as: UTF8.self)
    }
}

extension SettingType where Value == [String] {
    /// A list; in an environment variable or flag its elements are separated by commas.
    static func list(of element: SettingType<String>) -> Self {
        let expected = "a list of strings, each \(element.expected)"
        return Self(
            expected: expected,
            interpret: { text in
                .array(text.split(separator: ",").map { .string(String($0.filter { !$0.isWhitespace })) })
            },
            format: { "[\($0.map(element.format).joined(separator: ", "))]" },
            read: { node throws(Complaint) in
                guard case .array(let nodes) = node else {
                    let hint = if case .string = node { "[\(node.shown)]" } else { expected }
                    throw Complaint("\(node.shown) is not a list", advice: "Write \(hint).")
                }
                var values: [String] = []
                for node in nodes { values.append(try element.read(node)) }
                return values
            }
        )
    }
}

extension SettingType where Value: RawRepresentable<String> & CaseIterable {
    /// One of a few words.
    static var choice: Self {
        let words = Value.allCases.map { "\"\($0.rawValue)\"" }
        let expected = "one of \(words.joined(separator: ", "))"
        return Self(
            expected: expected,
            format: { "\"\($0.rawValue)\"" },
            read: { node throws(Complaint) in
                guard case .string(let text) = node, let value = Value(rawValue: text) else {
                    throw Complaint("\(node.shown) is not known here", advice: "Write \(expected).")
                }
                return value
            }
        )
    }
}

extension SettingType where Value == Glob {
    static var glob: Self {
        let expected = "a pattern over room keys, such as \"chess-*\""
        return Self(
            expected: expected,
            format: { SettingType<String>.quoted($0.pattern) },
            read: { node throws(Complaint) in
                guard case .string(let text) = node else {
                    throw Complaint("\(node.shown) is not a string", advice: "Write \(expected).")
                }
                return try Glob(text)
            }
        )
    }
}
