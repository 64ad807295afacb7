-- The lobby and the games it sends players to, all in one test: rooms named rps-… have the rules of config.toml.
local test = gavel.test("lobby.lua")

test("two who wait for the same game are sent to a room of their own", function(t)
  local ada, bo = t:join("Ada"), t:join("Bo")
  t:equal(ada:ask { type = "queue", mode = "rps", rank = 1200 }.waiting, 1)
  bo:send { type = "queue", mode = "rps", rank = 1250 }
  for _, client in ipairs { ada, bo } do
    client:expect { type = "left", reason = "moved", room = t.key }
    client:expect { type = "joined", seats = gavel.any }
  end
  assert(ada.room == bo.room and ada.room:find("^rps%-"), "they are together")
  t:equal(t:room(ada.room).state.lobby, t.key)
end)

test("the lobby hears how the game ended, and has everyone back", function(t)
  local eve, ada, bo = t:join("Eve"), t:join("Ada"), t:join("Bo")
  ada:send { type = "queue", mode = "rps" }
  bo:send { type = "queue", mode = "rps" }
  local game = ada.room
  for round = 1, 3 do
    ada:send { type = "choose", hand = "rock" }
    bo:send { type = "choose", hand = "scissors" }
    t:advance "3s"
  end
  eve:expect { type = "result", game = game, winner = "Ada", reason = "score" }
  t:advance "15s"
  t:equal({ ada.room, bo.room }, { t.key, t.key })
  t:equal(t.state.played, 1)
end)

test("players who are far apart wait until one has waited long enough", function(t)
  local ada, bo = t:join("Ada"), t:join("Bo")
  ada:send { type = "queue", mode = "rps", rank = 1000 }
  bo:send { type = "queue", mode = "rps", rank = 1200 }
  t:advance "4s"
  t:equal(ada.room, t.key)
  t:advance "1s"
  ada:expect { type = "left", reason = "moved" }
end)

test("of several the nearest one is the opponent", function(t)
  local ada, bo, cy = t:join("Ada"), t:join("Bo"), t:join("Cy")
  ada:send { type = "queue", mode = "rps", rank = 1000 }
  bo:send { type = "queue", mode = "rps", rank = 1300 }
  cy:send { type = "queue", mode = "rps", rank = 1250 }
  t:equal(bo.room, cy.room)
  t:equal(ada.room, t.key)
end)

test("waiting can be given up", function(t)
  local ada, bo = t:join("Ada"), t:join("Bo")
  ada:send { type = "cancel" }
  ada:expect_error("not_queued")
  ada:send { type = "queue", mode = "rps" }
  ada:send { type = "queue", mode = "rps" }
  ada:expect_error("queued")
  ada:send { type = "cancel" }
  bo:send { type = "queue", mode = "rps" }
  t:equal(bo.room, t.key)
  bo:leave()
  t:equal(t.state.queue, {})
  ada:send { type = "queue", mode = "chess" }
  ada:expect_error("no_such_mode")
end)

test("who loses the connection is not matched, and waits on after coming back", function(t)
  local ada, bo = t:join("Ada"), t:join("Bo")
  ada:send { type = "queue", mode = "rps" }
  ada:drop()
  bo:send { type = "queue", mode = "rps" }
  t:equal(bo.room, t.key)
  t:equal(#t.state.queue, 1)
  ada:come_back()
  ada:expect { type = "left", reason = "moved" }
end)

test("a newcomer sees how many wait", function(t)
  local ada = t:join("Ada")
  ada:expect { type = "snapshot", waiting = { rps = 0 }, played = 0 }
  ada:send { type = "queue", mode = "rps" }
  t:join("Bo"):expect { type = "snapshot", waiting = { rps = 1 } }
end)

test("any game room can tell its result", function(t)
  local ada = t:join("Ada")
  t:signal("over", { winner = "Bo", reason = "score" }, "rps-elsewhere")
  ada:expect { type = "result", game = "rps-elsewhere", winner = "Bo" }
end)

local strict = gavel.test("lobby.lua", { params = { spread = 0, widen = 0 } })

strict("a hundred can wait, no more", function(t)
  for i = 1, 100 do t:join():send { type = "queue", mode = "rps", rank = i } end
  local late = t:join("Late")
  late:send { type = "queue", mode = "rps", rank = 0 }
  late:expect_error("busy")
end)
