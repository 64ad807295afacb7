local test = gavel.test("tictactoe.lua", { params = { turn = 30 } })

-- Two who sit and play; what they were sent until then counts as read.
local function two_players(t)
  local ada, bo = t:join("Ada"), t:join("Bo")
  t:read()
  return ada, bo
end

-- Moves by turns, the first client first.
local function play(first, second, cells)
  for i, cell in ipairs(cells) do (i % 2 == 1 and first or second):send { type = "move", cell = cell } end
end

test("the game starts when the second one sits down", function(t)
  local ada = t:join("Ada")
  t:equal(ada.joined.seat, 1)
  local bo = t:join("Bo")
  t:equal(bo.joined.seat, 2)
  t:expect_all { type = "start", seats = { ada.id, bo.id }, turn = ada.id, board = { 0, 0, 0, 0, 0, 0, 0, 0, 0 } }
end)

test("whoever finds both seats taken watches", function(t)
  two_players(t)
  local eve = t:join("Eve")
  t:equal(eve.joined.watching, true)
  eve:send { type = "move", cell = 1 }
  eve:expect_error("not_your_turn")
  eve:send { type = "again" }
  eve:expect_error("not_now")
  eve:drop()
  t:expect_nothing()
end)

test("a move is relayed to everyone, and the turn goes on", function(t)
  local ada, bo = two_players(t)
  ada:send { type = "move", cell = 5 }
  t:expect_all { type = "move", cell = 5, client_id = ada.id }
  t:equal(t.state.turn, bo.id)
end)

test("a move out of turn is refused, and nobody else hears of it", function(t)
  local ada, bo = two_players(t)
  bo:send { type = "move", cell = 1 }
  bo:expect_error("not_your_turn")
  t:expect_nothing()
end)

test("a taken cell is refused", function(t)
  local ada, bo = two_players(t)
  play(ada, bo, { 5, 5 })
  bo:expect_error("taken", { cell = 5 })
end)

test("a move before the game, and off the board", function(t)
  local ada = t:join("Ada")
  ada:send { type = "move", cell = 1 }
  ada:expect_error("not_now")
  ada:send { type = "move", cell = 10 }
  ada:expect_error("bad_message", { message = "cell: expected an integer from 1 to 9, got 10" })
end)

test("three in a line win", function(t)
  local ada, bo = two_players(t)
  play(ada, bo, { 1, 4, 2, 5, 3 })
  t:expect_all { type = "over", winner = ada.id, reason = "line" }
  assert(t.state.turn == nil)
end)

test("a full board without a line is a draw", function(t)
  local ada, bo = two_players(t)
  play(ada, bo, { 1, 2, 3, 5, 4, 6, 8, 7, 9 })
  t:expect_all { type = "over", winner = gavel.absent, reason = "draw" }
end)

test("who takes too long loses", function(t)
  local ada, bo = two_players(t)
  ada:send { type = "move", cell = 1 }
  t:advance "29s"
  bo:expect { type = "move" }
  t:read()
  t:expect_nothing()
  t:advance "1s"
  t:expect_all { type = "over", winner = ada.id, reason = "time" }
end)

test("the next game is begun by the other one", function(t)
  local ada, bo = two_players(t)
  local eve = t:join("Eve")
  bo:send { type = "again" }
  bo:expect_error("not_now")
  t:advance "30s"
  eve:send { type = "again" }
  eve:expect_error("watching")
  ada:send { type = "again" }
  t:expect_all { type = "start", turn = bo.id }
end)

test("a player who leaves loses, and the seat is free", function(t)
  local ada, bo = two_players(t)
  local eve = t:join("Eve")
  ada:leave()
  bo:expect { type = "over", winner = bo.id, reason = "walkover" }
  eve:leave()
  t:equal(t:join("Cy").joined.seat, 2)
end)

test("a player who is away is told of, and finds the board on coming back", function(t)
  local ada, bo = two_players(t)
  bo:drop()
  ada:expect { type = "away", player = bo.id }
  ada:send { type = "move", cell = 9 }
  bo:come_back()
  bo:expect { type = "move", cell = 9 }
  ada:expect { type = "back", player = bo.id }
  t:equal(t.state.turn, bo.id)
end)

-- With a history of one message there is too much to catch up with.
local short = gavel.test("tictactoe.lua", { history = 1 })

short("who missed too much is shown the board", function(t)
  local ada, bo = two_players(t)
  local eve = t:join("Eve")
  eve:drop()
  play(ada, bo, { 5, 1 })
  local joined = eve:come_back()
  t:equal(joined.recovered, false)
  eve:expect { type = "board", board = { bo.id, 0, 0, 0, ada.id, 0, 0, 0, 0 }, turn = ada.id }
end)
