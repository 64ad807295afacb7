import GavelCore
import Testing

/// Random schemas and values, and what a slow reading of the rules says of them.
@Suite("schemas against an independent reading")
struct SchemaOracleTests {
    @Test("of random values under random schemas the same pass")
    func differential() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = RandomSource(state: seed)
        var passed = 0, refused = 0
        for round in 0..<200 {
            let schema = Schema.object(random.fields(depth: 3))
            let isStrict = random.below(3) > 0
            let room = try ScriptedRoom(
                """
                local rules = gavel.rules()
                rules.messages.m = \(schema.source)
                rules.options.m = { strict = \(isStrict) }
                return rules
                """
            )
            room.join(1)
            for _ in 0..<40 {
                guard case .object(var members) = random.value(for: schema, depth: 5) else { continue }
                members.insert(("type", .string("m")), at: random.below(members.count + 1))
                let value = Value.object(members)
                let text = random.spell(value)
                let expected = schema.admits(.object(members.filter { $0.name != "type" }), isStrict: isStrict)
                let verdict = room.send(1, text).verdict
                #expect(
                    verdict == (expected ? .relay : .invalid),
                    "seed \(seed), round \(round): \(text)\n\(schema.source)"
                )
                if expected { passed += 1 } else { refused += 1 }
            }
        }
        #expect(passed > 1000 && refused > 1000, "\(passed) passed, \(refused) did not")
    }
}

/// A JSON value. Numbers are quarters, so that `Double` holds them exactly.
private indirect enum Value {
    case null
    case boolean(Bool)
    case number(Double)
    case string(String)
    case list([Value])
    case object([(name: String, value: Value)])

    var hasDistinctKeys: Bool {
        switch self {
        case .list(let values): values.allSatisfy(\.hasDistinctKeys)
        case .object(let members):
            Set(members.map { Array($0.name.unicodeScalars) }).count == members.count
                && members.allSatisfy(\.value.hasDistinctKeys)
        default: true
        }
    }
}

private struct Bounds {
    var min: Int?
    var max: Int?

    var source: String {
        let parts = [self.min.map { "min = \($0)" }, self.max.map { "max = \($0)" }].compactMap { $0 }
        return "{ \(parts.joined(separator: ", ")) }"
    }

    func admits(_ value: Double) -> Bool {
        value >= self.min.map(Double.init) ?? -.infinity && value <= self.max.map(Double.init) ?? .infinity
    }
}

private indirect enum Schema {
    case integer(Bounds)
    case number(Bounds)
    case string(Bounds)
    case boolean
    case any
    case oneOf([Value])
    case list(Schema, Bounds)
    case map(Schema, Bounds)
    case object([(name: String, schema: Schema)])
    case optional(Schema)

    var source: String {
        switch self {
        case .integer(let bounds): "gavel.integer \(bounds.source)"
        case .number(let bounds): "gavel.number \(bounds.source)"
        case .string(let bounds): "gavel.string \(bounds.source)"
        case .boolean: "gavel.boolean"
        case .any: "gavel.any"
        case .oneOf(let values): "gavel.one_of { \(values.map(\.lua).joined(separator: ", ")) }"
        case .list(let inner, let bounds): "gavel.list(\(inner.source), \(bounds.source))"
        case .map(let inner, let bounds): "gavel.map(\(inner.source), \(bounds.source))"
        case .object(let fields):
            "gavel.object { \(fields.map { "['\($0.name)'] = \($0.schema.source)" }.joined(separator: ", ")) }"
        case .optional(let inner): "gavel.optional(\(inner.source))"
        }
    }

    func admits(_ value: Value, isStrict: Bool) -> Bool {
        guard value.hasDistinctKeys else { return false }
        switch (self, value) {
        case (.any, _): return true
        case (.optional, .null): return true
        case (.optional(let inner), _): return inner.admits(value, isStrict: isStrict)
        case (.integer(let bounds), .number(let number)): return number == number.rounded() && bounds.admits(number)
        case (.number(let bounds), .number(let number)): return bounds.admits(number)
        case (.string(let bounds), .string(let text)): return bounds.admits(Double(text.unicodeScalars.count))
        case (.boolean, .boolean): return true
        case (.oneOf(let values), _):
            return values.contains {
                switch ($0, value) {
                case (.string(let a), .string(let b)): a.unicodeScalars.elementsEqual(b.unicodeScalars)
                case (.number(let a), .number(let b)): a == b
                case (.boolean(let a), .boolean(let b)): a == b
                default: false
                }
            }
        case (.list(let inner, let bounds), .list(let values)):
            return bounds.admits(Double(values.count)) && values.allSatisfy { inner.admits($0, isStrict: isStrict) }
        case (.map(let inner, let bounds), .object(let members)):
            return bounds.admits(Double(members.count))
                && members.allSatisfy { inner.admits($0.value, isStrict: isStrict) }
        case (.object(let fields), .object(let members)):
            let known = Set(fields.map(\.name))
            if isStrict, !members.allSatisfy({ known.contains($0.name) }) { return false }
            return fields.allSatisfy { field in
                guard let member = members.first(where: { $0.name == field.name }) else {
                    if case .optional = field.schema { return true } else { return false }
                }
                return field.schema.admits(member.value, isStrict: isStrict)
            }
        default: return false
        }
    }
}

extension Value {
    fileprivate var lua: String {
        switch self {
        case .number(let number): "\(number)"
        case .string(let text): "'\(text)'"
        case .boolean(let value): "\(value)"
        default: fatalError("not a value of one_of")
        }
    }
}

private let names = ["a", "b", "xy", "é", "name", "position", "😀", "speed", "n1", "n2", "n3", "n4"]

private struct RandomSource {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        self.state = self.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((self.state >> 33) % UInt64(bound))
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[self.below(elements.count)] }

    // MARK: Schemas

    mutating func bounds(_ low: Int) -> Bounds {
        let min = low + self.below(3)
        return Bounds(min: self.below(2) == 0 ? min : nil, max: self.below(2) == 0 ? min + self.below(4) : nil)
    }

    mutating func fields(depth: Int) -> [(name: String, schema: Schema)] {
        var fields: [(String, Schema)] = []
        for name in names where self.below(3) == 0 { fields.append((name, self.schema(depth: depth - 1))) }
        return fields
    }

    mutating func schema(depth: Int, mayBeOptional: Bool = true) -> Schema {
        if mayBeOptional, self.below(4) == 0 { return .optional(self.schema(depth: depth, mayBeOptional: false)) }
        switch self.below(depth > 0 ? 9 : 6) {
        case 0: return .integer(self.bounds(-2))
        case 1: return .number(self.bounds(-2))
        case 2: return .string(self.bounds(0))
        case 3: return .boolean
        case 4: return .any
        case 5: return .oneOf((0...self.below(4)).map { _ in self.word() })
        case 6: return .list(self.schema(depth: depth - 1, mayBeOptional: false), self.bounds(0))
        case 7: return .map(self.schema(depth: depth - 1), self.bounds(0))
        default: return .object(self.fields(depth: depth - 1))
        }
    }

    mutating func word() -> Value {
        switch self.below(3) {
        case 0: .string(self.pick(names))
        case 1: .number(Double(self.below(12) - 4) / 4)
        default: .boolean(self.below(2) == 0)
        }
    }

    // MARK: Values

    /// Mostly one that the schema admits.
    mutating func value(for schema: Schema, depth: Int) -> Value {
        if depth < 5, self.below(25) == 0 { return self.anything(depth: 3) }
        switch schema {
        case .integer(let bounds): return .number(Double(self.near(bounds)))
        case .number(let bounds): return .number(Double(self.near(bounds)) + Double(self.below(2) * self.below(4)) / 4)
        case .string(let bounds):
            let count = max(0, self.near(bounds))
            return .string((0..<count).map { _ in self.pick(["a", "é", "😀", "\"", "\u{1}", "/", "\u{301}"]) }.joined())
        case .boolean: return .boolean(self.below(2) == 0)
        case .any: return self.anything(depth: 3)
        case .oneOf(let values): return self.pick(values)
        case .optional(let inner): return self.below(3) == 0 ? .null : self.value(for: inner, depth: depth)
        case .list(let inner, let bounds):
            return .list((0..<max(0, self.near(bounds))).map { _ in self.value(for: inner, depth: depth - 1) })
        case .map(let inner, let bounds):
            return .object(
                (0..<max(0, self.near(bounds))).map { (names[$0], self.value(for: inner, depth: depth - 1)) }
            )
        case .object(let fields):
            var members: [(String, Value)] = []
            for field in fields {
                if case .optional = field.schema, self.below(3) == 0 { continue }
                if self.below(40) == 0 { continue }
                members.append((field.name, self.value(for: field.schema, depth: depth - 1)))
            }
            if self.below(12) == 0 { members.append((self.pick(names), self.anything(depth: 2))) }
            return .object(members)
        }
    }

    /// A number that fits, or nearly.
    mutating func near(_ bounds: Bounds) -> Int {
        let low = bounds.min ?? (bounds.max ?? 2) - 2
        let high = bounds.max ?? low + 2
        if self.below(30) == 0 { return self.below(2) == 0 ? low - 1 : high + 1 }
        return low + self.below(high - low + 1)
    }

    mutating func anything(depth: Int) -> Value {
        switch self.below(depth > 0 ? 6 : 4) {
        case 0: return .null
        case 1: return .boolean(self.below(2) == 0)
        case 2: return .number(Double(self.below(40) - 20) / 4)
        case 3: return .string(self.pick(names))
        case 4: return .list((0..<self.below(4)).map { _ in self.anything(depth: depth - 1) })
        default:
            // Up to twenty keys, so that both ways of finding one twice are taken.
            let count = self.below(4) == 0 ? 20 : self.below(4)
            return .object(
                (0..<count).map { index in
                    let isAgain = self.below(count > 4 ? 60 : 12) == 0
                    return (isAgain ? "k0" : "k\(index)", self.anything(depth: depth - 2))
                }
            )
        }
    }

    // MARK: Spelling

    /// The value as JSON, each number, character and space in one of the ways in which it can be written.
    mutating func spell(_ value: Value) -> String {
        let space = self.below(8) == 0 ? " \n" : ""
        switch value {
        case .null: return "null" + space
        case .boolean(let value): return "\(value)" + space
        case .string(let text): return self.spell(text)
        case .list(let values): return "[\(space)" + values.map { self.spell($0) }.joined(separator: ",") + "]"
        case .object(let members):
            return "{\(space)" + members.map { self.spell($0.name) + ":" + self.spell($0.value) }.joined(separator: ",")
                + "}"
        case .number(let number):
            let whole = "\(Int(number))"
            switch self.below(4) {
            case 0 where number == number.rounded(): return whole
            case 1 where number == number.rounded(): return whole + ".000"
            case 2: return "\(number * 100)e-2"
            default: return "\(number)" + space
            }
        }
    }

    private mutating func spell(_ text: String) -> String {
        var spelt = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar.value < 0x20 || self.below(5) == 0 {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16, uppercase: self.below(2) == 0)
                    spelt += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            } else {
                spelt.unicodeScalars.append(scalar)
            }
        }
        return spelt + "\""
    }
}
