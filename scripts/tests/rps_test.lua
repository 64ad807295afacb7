local test = gavel.test("rps.lua", { params = { wins = 2, seconds = 20, pause = 3 } })

local function two_players(t)
  local ada, bo = t:join("Ada"), t:join("Bo")
  t:read()
  return ada, bo
end

local function round(a, hand_a, b, hand_b)
  a:send { type = "choose", hand = hand_a }
  b:send { type = "choose", hand = hand_b }
end

test("the first round begins when two sit", function(t)
  local ada = t:join("Ada")
  t:equal(ada.joined.seat, 1)
  ada:expect { type = "snapshot", phase = "waiting", seats = { ada.id } }
  local bo = t:join("Bo")
  t:expect_all { type = "round", round = 1, seconds = 20 }
end)

test("a choice stays secret until both have chosen", function(t)
  local ada, bo = two_players(t)
  t:equal(ada:ask { type = "choose", hand = "rock" }.hand, "rock")
  bo:expect_exactly { type = "chosen", player = ada.id }
  bo:send { type = "choose", hand = "paper" }
  t:expect_all { type = "shown", round = 1, hands = { "rock", "paper" }, winner = bo.id, score = { 0, 1 } }
end)

test("every hand beats one and loses to one", function(t)
  local ada, bo = two_players(t)
  local hands = { "rock", "paper", "scissors" }
  round(ada, "paper", bo, "paper")
  ada:expect { type = "shown", winner = gavel.absent, score = { 0, 0 } }
  t:advance "3s"
  round(ada, "scissors", bo, "paper")
  ada:expect { type = "shown", winner = ada.id }
  t:advance "3s"
  round(ada, "scissors", bo, "rock")
  ada:expect { type = "shown", winner = bo.id, score = { 1, 1 } }
end)

test("so many rounds won win the game, and it can be played again", function(t)
  local ada, bo = two_players(t)
  round(ada, "rock", bo, "scissors")
  t:advance "3s"
  round(ada, "rock", bo, "scissors")
  t:expect_all { type = "over", reason = "score", winner = ada.id, score = { 2, 0 } }
  local eve = t:join("Eve")
  eve:send { type = "again" }
  eve:expect_error("watching")
  bo:send { type = "again" }
  t:expect_all { type = "round", round = 1 }
end)

test("who does not choose in time loses the round", function(t)
  local ada, bo = two_players(t)
  bo:send { type = "choose", hand = "rock" }
  t:advance "20s"
  t:expect_all { type = "shown", hands = { "none", "rock" }, winner = bo.id }
end)

test("nobody chooses: the game is over", function(t)
  two_players(t)
  t:advance "20s"
  t:expect_all { type = "over", reason = "idle", winner = gavel.absent }
end)

test("nothing can be chosen twice, between rounds, or by who watches", function(t)
  local ada, bo = two_players(t)
  local eve = t:join("Eve")
  eve:send { type = "choose", hand = "rock" }
  eve:expect_error("watching")
  ada:send { type = "choose", hand = "rock" }
  ada:send { type = "choose", hand = "paper" }
  ada:expect_error("chosen")
  bo:send { type = "choose", hand = "rock" }
  bo:send { type = "choose", hand = "rock" }
  bo:expect_error("not_now")
  bo:send { type = "again" }
  bo:expect_error("not_now")
  bo:send { type = "choose", hand = "well" }
  bo:expect_error("bad_message")
end)

test("who comes back sees the own hand, and that the other one has chosen", function(t)
  local ada, bo = two_players(t)
  ada:send { type = "choose", hand = "rock" }
  t:advance "5s"
  ada:drop()
  ada:come_back()
  ada:expect { type = "snapshot", hand = "rock", chosen = { ada.id }, left_ms = 15000 }
  t:join("Eve"):expect { type = "snapshot", hand = gavel.absent, chosen = { ada.id } }
end)

test("a player who leaves loses, and a watcher can sit down", function(t)
  local ada, bo = two_players(t)
  local eve = t:join("Eve")
  eve:send { type = "sit" }
  eve:expect_error("full")
  ada:leave()
  bo:expect { type = "over", reason = "walkover", winner = bo.id }
  bo:send { type = "sit" }
  bo:expect_error("seated")
  t:equal(eve:ask { type = "sit" }.seat, 2)
  bo:expect { type = "round", round = 1 }
  t:join("Cy"):leave()
  bo:expect_none { type = "over" }
end)
