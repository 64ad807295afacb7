/// Finds the JSON Schema of a type by having it read itself from a text that has everything, and noting what it asks for.
///
/// So a schema says what the type really reads and writes. It knows structs with members of their own names, lists,
/// texts, numbers, truth values, words of a `CaseIterable`, and dictionaries of texts to plain values.
struct SchemaReader {
    /// - Throws: Where a type reads itself in a way of its own.
    static func schema(of type: any Decodable.Type) throws -> JSONValue {
        if let schema = Self.plain(type) { return schema }
        let notes = Notes()
        _ = try type.init(from: NotingDecoder(notes: notes))
        return notes.schema
    }

    fileprivate static func plain(_ type: any Decodable.Type) -> JSONValue? {
        switch type {
        case is String.Type: .object(["type": .text("string")])
        case is Bool.Type: .object(["type": .text("boolean")])
        case is Double.Type, is Float.Type: .object(["type": .text("number")])
        case is any FixedWidthInteger.Type: .object(["type": .text("integer")])
        default: Self.dictionary(type) ?? Self.word(type)
        }
    }

    private static func dictionary(_ type: any Decodable.Type) -> JSONValue? {
        (type as? any TextKeyed.Type).flatMap { self.plain($0.valueType) }
            .map { .object(["type": .text("object"), "additionalProperties": $0]) }
    }

    private static func word(_ type: any Decodable.Type) -> JSONValue? {
        Self.words(type).map { .object(["type": .text("string"), "enum": .list($0.map { .text($0) })]) }
    }

    private static func words(_ type: any Decodable.Type) -> [String]? {
        func words<Word: CaseIterable>(_ type: Word.Type) -> [String]? {
            let words = type.allCases.map { ($0 as? any RawRepresentable)?.rawValue as? String }
            return words.contains(nil) ? nil : words.compactMap { $0 }
        }
        return (type as? any CaseIterable.Type).flatMap { words($0) }
    }

    /// Some value of a type.
    fileprivate static func value<Value: Decodable>(_ type: Value.Type, _ notes: Notes) throws -> Value {
        func first<Word: CaseIterable>(_ type: Word.Type) -> Any? { type.allCases.first }
        if let words = type as? any CaseIterable.Type, Self.words(type) != nil, let value = first(words) as? Value {
            return value
        }
        let value: Any? =
            switch type {
            case is String.Type: ""
            case is Bool.Type: false
            case is Double.Type: 0.0
            case is Int.Type: 0
            default: nil
            }
        if let value = value as? Value { return value }
        return try Value(from: NotingDecoder(notes: notes))
    }
}

private protocol TextKeyed {
    static var valueType: any Decodable.Type { get }
}

extension Dictionary: TextKeyed where Key == String, Value: Decodable {
    fileprivate static var valueType: any Decodable.Type { Value.self }
}

/// What a type asked for.
private final class Notes {
    private var properties: [String: JSONValue] = [:]
    private var required: Set<String> = []
    private var optional: Set<String> = []
    private var items: JSONValue?

    var schema: JSONValue {
        if let items = self.items { return .object(["type": .text("array"), "items": items]) }
        return .object([
            "type": .text("object"),
            "properties": .object(self.properties),
            "required": .list(self.required.sorted().map { .text($0) }),
        ])
    }

    func note(_ key: any CodingKey, _ schema: JSONValue, isRequired: Bool) {
        let name = Self.written(key.stringValue)
        self.properties[name] = schema
        if isRequired, !self.optional.contains(name) { self.required.insert(name) }
    }

    func noteOptional(_ key: any CodingKey) { self.optional.insert(Self.written(key.stringValue)) }

    func noteItems(_ schema: JSONValue) { self.items = schema }

    /// As ``AdminJSON`` writes names: `lastMessage` is `last_message`.
    private static func written(_ name: String) -> String {
        var text = ""
        for letter in name {
            if letter.isUppercase { text += "_" }
            text += letter.lowercased()
        }
        return text
    }
}

private struct NotingDecoder: Decoder {
    let notes: Notes
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(NotingMembers<Key>(notes: self.notes))
    }

    func unkeyedContainer() -> any UnkeyedDecodingContainer { NotingItems(notes: self.notes) }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "it is no object and no list"))
    }
}

private struct NotingMembers<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let notes: Notes
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [] }

    /// Asked before what may be absent is read.
    func contains(_ key: Key) -> Bool {
        self.notes.noteOptional(key)
        return true
    }

    func decodeNil(forKey key: Key) -> Bool { false }

    private func note<Value: Decodable>(_ type: Value.Type, _ key: Key, isRequired: Bool) throws -> Value {
        let inner = Notes()
        let value = try SchemaReader.value(type, inner)
        self.notes.note(key, SchemaReader.plain(type) ?? inner.schema, isRequired: isRequired)
        return value
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try self.note(type, key, isRequired: true)
    }

    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        try self.note(type, key, isRequired: false)
    }

    func nestedContainer<Inner: CodingKey>(
        keyedBy type: Inner.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<Inner> { throw self.unknown }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw self.unknown }
    func superDecoder() throws -> any Decoder { throw self.unknown }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw self.unknown }

    private var unknown: DecodingError {
        .dataCorrupted(.init(codingPath: [], debugDescription: "it reads itself in a way of its own"))
    }
}

private struct NotingItems: UnkeyedDecodingContainer {
    let notes: Notes
    var codingPath: [any CodingKey] { [] }
    var count: Int? { 1 }
    private(set) var currentIndex = 0
    var isAtEnd: Bool { self.currentIndex > 0 }

    init(notes: Notes) {
        self.notes = notes
    }

    mutating func decodeNil() -> Bool { false }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        self.currentIndex += 1
        let inner = Notes()
        let value = try SchemaReader.value(type, inner)
        self.notes.noteItems(SchemaReader.plain(type) ?? inner.schema)
        return value
    }

    mutating func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type) throws -> KeyedDecodingContainer<Inner> {
        throw Self.unknown
    }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { throw Self.unknown }
    mutating func superDecoder() throws -> any Decoder { throw Self.unknown }

    private static var unknown: DecodingError {
        .dataCorrupted(.init(codingPath: [], debugDescription: "it reads itself in a way of its own"))
    }
}
