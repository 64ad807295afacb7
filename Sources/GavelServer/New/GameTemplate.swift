/// What `gavel new` writes: a small game that works, to be changed into another.
enum GameTemplate {
    /// The rules.
    static func rules(_ game: String) -> String {
        """
        -- \(game): a game to start from. Somebody thinks of a number from 1 to 100; who guesses it gets a point.
        --
        --   client -> {"type":"join","room":"\(game)-1","name":"Ada"}   then a snapshot: players, guesses, left_ms
        --   client -> {"type":"guess","number":50}     reply: {"hint":"higher"}, "lower" or "right"
        --   room   -> {"type":"found","by":1,"number":57,"guesses":6}, or {"type":"time_up","number":57}
        --   client -> {"type":"say","text":"hello"}    to everyone

        local rules = gavel.rules()

        -- What clients may send. All else is refused before your code runs.
        rules.messages.guess = { number = gavel.integer { min = 1, max = 100 } }
        rules.messages.say = { text = gavel.string { min = 1, max = 200 } }
        rules.options.say = { rate = "5/10s" }

        -- What [rooms.params] in config.toml may say, read as room.params.
        rules.params = { seconds = gavel.integer { min = 5, max = 600, default = 60 } }

        local function begin_round(room)
          room.state.number, room.state.guesses = math.random(1, 100), 0
          room:after(room.params.seconds .. "s", "time_up")    -- replaces the one that was set
        end

        -- Before the first client joins.
        function rules.on_create(room)
          begin_round(room)
        end

        -- A client wants in. gavel.reject refuses; what is returned is added to its `joined`.
        function rules.commands.join(room, client, request)
          if client.name == "" then gavel.reject("no_name", "Say who you are.") end
          client.data.points = 0
          return { seconds = room.params.seconds }
        end

        -- A filter sees a message on its way to everyone.
        function rules.filters.say(room, client, msg)
          if msg.text:find("%d") then gavel.reject("no_numbers", "Guess, do not tell.") end
        end

        -- A command is for the rules alone. What is returned is the reply to its sender.
        function rules.commands.guess(room, client, msg)
          local s = room.state
          s.guesses = s.guesses + 1
          if msg.number < s.number then return { hint = "higher" } end
          if msg.number > s.number then return { hint = "lower" } end
          client.data.points = client.data.points + 1
          room:broadcast { type = "found", by = client.id, number = s.number, guesses = s.guesses }
          begin_round(room)
          room:sync()
          return { hint = "right" }
        end

        function rules.timers.time_up(room)
          room:broadcast { type = "time_up", number = room.state.number }
          begin_round(room)
          room:sync()
        end

        -- What one client may see of the room: sent to who joins or comes back, and by room:sync().
        function rules.snapshot(room, client)
          local players = {}
          for i, other in ipairs(room.clients) do
            players[i] = { id = other.id, name = other.name, points = other.data.points }
          end
          return { players = players, guesses = room.state.guesses, left_ms = room:time_left("time_up") }
        end

        -- This file was saved while people play: room.state is as the version before left it. Give it what this version
        -- needs, such as fields that are new. Where this fails, the room goes on with the old version.
        function rules.on_reload(room, from_version)
          room.state.guesses = room.state.guesses or 0
        end

        return rules

        """
    }

    /// Tests of them.
    static func tests(_ game: String) -> String {
        """
        -- Tests of \(game).lua: `gavel test` plays them, without sockets and without waiting.
        local test = gavel.test("\(game).lua")

        test("who guesses the number gets a point", function(t)
          local ada, bo = t:join("Ada"), t:join("Bo")
          local number = t.state.number
          if number > 1 then t:equal(ada:ask { type = "guess", number = number - 1 }.hint, "higher") end
          t:equal(bo:ask { type = "guess", number = number }.hint, "right")
          t:expect_all { type = "found", by = bo.id, number = number }
          t:equal(bo.data.points, 1)
        end)

        test("a round ends when its time is up", function(t)
          local ada = t:join("Ada")
          local number = t.state.number
          t:advance("60s")
          ada:expect { type = "time_up", number = number }
        end)

        test("numbers are not told", function(t)
          local ada, bo = t:join("Ada"), t:join("Bo")
          ada:send { type = "say", text = "hello" }
          bo:expect { type = "say", text = "hello", client_id = ada.id }
          ada:send { type = "say", text = "it is 7" }
          ada:expect_error("no_numbers")
        end)

        test("nobody plays without a name", function(t)
          t:try_join(""):expect_error("no_name")
        end)

        test("when the rules are saved in the middle of a round, the round goes on", function(t)
          local ada = t:join("Ada")
          local number = t.state.number
          t:reload()
          t:equal(ada:ask { type = "guess", number = number }.hint, "right")
        end)

        """
    }

    /// The entry of the configuration file.
    static func entry(_ game: String) -> String {
        """

        [[rooms]]
        match = "\(game)-*"
        rules = "\(game).lua"

        """
    }
}
