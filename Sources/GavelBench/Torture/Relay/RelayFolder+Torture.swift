import Foundation

extension RelayFolder {
    /// Of a relay to be tortured.
    static func torture(at url: URL, port: Int, durability: TortureDurability) -> RelayFolder {
        RelayFolder(
            url: url,
            port: port,
            text: Self.text(port, durability),
            rules: ["torture.lua": Self.tortureRules]
        )
    }

    private static func text(_ port: Int, _ durability: TortureDurability) -> String {
        """
        [server]
        host = "127.0.0.1"
        port = \(port)
        threads = 2
        drain = "2s"
        unlisted_rooms = "refuse"
        [limits]
        bad_messages = 1_000_000
        [keepalive]
        ping = "2s"
        timeout = "2s"
        [outbound]
        soft = "32KiB"
        hard = "256KiB"
        grace = "1s"
        chunk = "16KiB"
        send_buffer = "16KiB"
        [log]
        level = "notice"
        format = "json"
        [http]
        host = "off"
        [rules]
        time_budget = "1s"
        \(Self.storage(durability))
        [[rooms]]
        match = "whole-*"
        rules = "torture.lua"
        presence = true
        linger = "24h"
        history = { messages = 1_000_000, bytes = "1GiB", age = "24h" }
        resume = { grace = "\(TorturePlan.grace.components.seconds)s" }
        [[rooms]]
        match = "short-*"
        rules = "torture.lua"
        linger = "24h"
        history = { messages = 60, bytes = "16KiB", age = "24h" }
        resume = { grace = "\(TorturePlan.grace.components.seconds)s" }
        """
    }

    private static func storage(_ durability: TortureDurability) -> String {
        guard durability != .memory else { return "" }
        return """
            [storage]
            kind = "sqlite"
            path = "torture.db"
            durability = "\(durability.rawValue)"
            keep_messages = 1_000_000
            """
    }

    /// Rules that would notice a state which is not that of the order: they count in the room's state, in the client's
    /// data and in a timer, and say their count.
    private static let tortureRules = """
        local rules = gavel.rules()

        rules.messages.note = { author = gavel.string, said = gavel.integer, text = gavel.string }
        rules.messages.tell = {
          author = gavel.string, said = gavel.integer, told = gavel.integer, text = gavel.string,
        }
        rules.messages.cursor = { author = gavel.string, moved = gavel.integer }
        rules.messages.place = { author = gavel.string, moved = gavel.integer, key = gavel.string }
        rules.messages.refuse = {}
        rules.options.cursor = { class = "latest" }
        rules.options.place = { class = "latest", key = "key" }

        function rules.on_create(room)
          room.state = { filtered = 0, beats = 0 }
          room:every("300ms", "beat")
        end

        function rules.filters.tell(room, client, msg)
          client.data.told = (client.data.told or 0) + 1
          if client.data.told ~= msg.told then
            gavel.reject("not_next", "It is " .. msg.told .. ", not " .. client.data.told .. ".")
          end
          room.state.filtered = room.state.filtered + 1
          return { type = "tell", author = msg.author, said = msg.said, filtered = room.state.filtered }
        end

        function rules.filters.refuse(room, client, msg)
          client.data.told = -1
          gavel.reject("on_purpose")
        end

        function rules.timers.beat(room)
          room.state.beats = room.state.beats + 1
          room:broadcast { type = "beat", beat = room.state.beats }
        end

        return rules
        """
}
