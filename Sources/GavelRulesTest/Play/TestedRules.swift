internal import GavelConfig
package import GavelScript

/// What `gavel.test` said: the rules to be tested, and how their rooms are set up.
package struct TestedRules: Sendable {
    package var file: String
    /// Where `gavel.test` stands.
    package var place: TestPlace
    /// The room's own key; `nil`: one that fits the configuration.
    var key: String?
    var seed: Int?
    var room = RoomChanges()
    /// Other rooms, by the pattern of their keys, in the order of the patterns.
    var others: [(match: Glob, changes: RoomChanges)] = []

    /// What is changed of the test's own room.
    var main: RoomChanges {
        var changes = self.room
        changes.rules = self.file
        return changes
    }

    /// What a test changes of a room's `[[rooms]]` entry.
    struct RoomChanges: Sendable {
        var rules: String?
        var params: [JSONValue.Member]?
        var presence: Bool?
        /// An inner `nil` is no limit, as for the others below.
        var maxClients: Int??
        var linger: Duration?
        var history: Int??
        var grace: Duration??
    }

    /// What may stand in the second argument of `gavel.test`; all but the last three for another room, too.
    static let names = [
        "params", "presence", "max_clients", "linger", "history", "grace", "rules", "key", "seed", "rooms",
    ]

    /// - Throws: What is wrong with them, as a sentence.
    package init(file: String, settings: JSONValue, place: TestPlace) throws(TestMistake) {
        self.file = file
        self.place = place
        for member in settings.members ?? [] {
            switch member.name {
            case "key": self.key = try Self.take(member, member.value.string, #"a text, such as "tictactoe-1""#)
            case "seed": self.seed = try Self.take(member, member.value.integer, "a whole number")
            case "rooms":
                let rooms = try Self.take(member, member.value.members, #"a table: { ["rps-*"] = "rps.lua" }"#)
                self.others = try rooms.map { room throws(TestMistake) in try Self.other(room) }
            default: try self.room.take(member)
            }
        }
    }

    private static func other(_ room: JSONValue.Member) throws(TestMistake) -> (match: Glob, changes: RoomChanges) {
        var changes = RoomChanges()
        if let file = room.value.string {
            changes.rules = file
        } else {
            for member in try self.take(room, room.value.members, "a rules file, or a table with rules and settings") {
                try changes.take(member)
            }
        }
        do {
            return (try Glob(room.name), changes)
        } catch {
            throw TestMistake("rooms[\(room.name.quoted)]: \(error.what). \(error.advice)")
        }
    }

    fileprivate static func take<Value>(
        _ member: JSONValue.Member,
        _ value: Value?,
        _ wanted: String
    ) throws(TestMistake) -> Value {
        if let value { return value }
        throw TestMistake("\(member.name) is \(member.value.lua). Write \(wanted).")
    }
}

/// Something that a test cannot mean, as a sentence for its writer.
package struct TestMistake: Error {
    package var text: String

    init(_ text: String) {
        self.text = text
    }
}

extension TestedRules.RoomChanges {
    mutating func take(_ member: JSONValue.Member) throws(TestMistake) {
        let value = member.value
        switch member.name {
        case "rules": self.rules = try TestedRules.take(member, value.string, #"a file, such as "rps.lua""#)
        case "params":
            self.params = value.isEmptyTable ? [] : try TestedRules.take(member, value.members, "{ name = value }")
        case "presence": self.presence = try TestedRules.take(member, value.bool, "true or false")
        case "max_clients": self.maxClients = .some(try Self.number(member))
        case "history": self.history = .some(try Self.number(member))
        case "linger": self.linger = try Self.duration(member)
        case "grace": self.grace = .some(value == .string("off") ? nil : try Self.duration(member))
        default:
            let nearest = NearestName.of(member.name, among: TestedRules.names)
            throw TestMistake(
                "there is no setting \(member.name). "
                    + (nearest.map { "Did you mean \($0)?" }
                        ?? "There are \(TestedRules.names.joined(separator: ", ")).")
            )
        }
    }

    private static func number(_ member: JSONValue.Member) throws(TestMistake) -> Int? {
        if member.value == .string("off") { return nil }
        return try TestedRules.take(member, member.value.integer.flatMap { $0 > 0 ? $0 : nil }, #"a number, or "off""#)
    }

    private static func duration(_ member: JSONValue.Member) throws(TestMistake) -> Duration {
        do {
            return try Duration(test: member.value)
        } catch {
            throw TestMistake("\(member.name): \(error.text)")
        }
    }
}

extension Duration {
    /// Reads `"30s"`.
    init(test value: JSONValue) throws(TestMistake) {
        do throws(Complaint) {
            guard let text = value.string else { throw Measure.duration.bareNumber(value.lua) }
            self = .nanoseconds(try Measure.duration.parse(text))
        } catch {
            throw TestMistake("\(error.what). \(error.advice)")
        }
    }
}
