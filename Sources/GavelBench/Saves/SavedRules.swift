/// Rules as they are saved: they count what they see in all that they keep, and tell the counts, for ``RulesCheck``.
///
/// Every second version keeps its counts elsewhere, and moves those of the version before.
struct SavedRules {
    static let name = "saves.lua"

    let number: Int
    var fault: RulesFault?

    var text: String {
        """
        local rules = gavel.rules()

        local count = gavel.optional(gavel.integer)
        rules.messages.ping = {
          seq = gavel.integer, ts = gavel.integer, pad = \(self.schema), count = count, own = count, rules = count,
        }
        \(self.atLoad)
        function rules.on_create(room)
          room.state = { \(self.place) = { messages = 0, beats = 0 } }
          for place = 1, 3 do room:every("300ms", "\(self.timer)", nil, place) end
        end

        function rules.on_reload(room, from)
          local kept = room.state.odd or room.state.even
          room.state = { \(self.place) = { messages = kept.messages, beats = kept.beats } }
          \(self.atReload)
        end

        function rules.filters.ping(room, client, msg)
          local kept = room.state.\(self.place)
          kept.messages = kept.messages + 1
          client.data.sent = (client.data.sent or 0) + 1
          msg.count, msg.own, msg.rules = kept.messages, client.data.sent, \(self.number)
          \(self.inFilter)
        end

        function rules.timers.\(self.timer)(room)
          local kept = room.state.\(self.place)
          kept.beats = kept.beats + 1
          room:broadcast { type = "beat", beat = kept.beats }
          \(self.fault == .beat ? Self.failure : "")
        end

        return rules

        """
    }

    private static let failure = #"error("on purpose")"#
    private static let endlessLoop = "while true do end"
    private static let largeTable = #"local l = {} while true do l[#l + 1] = ("x"):rep(262144) .. #l end"#

    private var place: String { self.number.isMultiple(of: 2) ? "even" : "odd" }
    private var timer: String { self.fault == .timer ? "tick" : "beat" }
    private var schema: String { self.fault == .schema ? "gavel.integer { min = 2, max = 1 }" : "gavel.string" }

    private var atLoad: String {
        switch self.fault {
        case .syntax: "function rules.on_create(room"
        case .load: Self.failure
        default: ""
        }
    }

    private var atReload: String {
        switch self.fault {
        case .migration: Self.failure
        case .endlessMigration: Self.endlessLoop
        case .largeMigration: Self.largeTable
        default: ""
        }
    }

    private var inFilter: String {
        switch self.fault {
        case .filter: Self.failure
        case .endlessFilter: "if room.key:sub(-2) == \"-0\" then \(Self.endlessLoop) end"
        case .largeFilter: "if room.key:sub(-2) == \"-0\" then \(Self.largeTable) end"
        default: ""
        }
    }
}
