local test = gavel.test("eights.lua", { params = { cards = 5, seconds = 45 } })

-- Three players whose game has begun. `hands` are as each was shown the own one.
local function three(t)
  local players = { t:join("Ada"), t:join("Bo"), t:join("Cy") }
  t:read()
  players[1]:send { type = "start" }
  local shown = {}
  for i, player in ipairs(players) do shown[i] = player:expect { type = "snapshot", turn = gavel.any } end
  return players, shown
end

local function playable(hand, top, suit)
  for _, card in ipairs(hand) do
    local rank = card:sub(1, 1)
    if rank == "8" or rank == top:sub(1, 1) or card:sub(2) == suit then return card end
  end
end

local function unplayable(hand, top, suit)
  for _, card in ipairs(hand) do
    if card:sub(1, 1) ~= "8" and card:sub(1, 1) ~= top:sub(1, 1) and card:sub(2) ~= suit then return card end
  end
end

local function player_of(players, id)
  for _, player in ipairs(players) do
    if player.id == id then return player end
  end
end

test("everyone is dealt a hand, and sees no other", function(t)
  local players, shown = three(t)
  for i, player in ipairs(players) do
    t:equal(shown[i].hand, t.state.hands[player.id])
    t:equal(#shown[i].hand, 5)
    t:equal(shown[i].players, { { id = 1, cards = 5 }, { id = 2, cards = 5 }, { id = 3, cards = 5 } })
  end
  t:equal(#t.state.deck, 52 - 15 - 1)
end)

test("a game needs two, and begins once", function(t)
  local ada = t:join("Ada")
  ada:send { type = "start" }
  ada:expect_error("alone")
  ada:send { type = "draw" }
  ada:expect_error("not_now")
  t:join("Bo")
  ada:send { type = "start" }
  ada:send { type = "start" }
  ada:expect_error("not_now")
end)

test("who draws gets a card that nobody else sees, and the turn goes on", function(t)
  local players = three(t)
  local reply = players[1]:ask { type = "draw" }
  t:equal(t.state.hands[1][6], reply.card)
  t:expect_all { type = "drew", player = 1, left = 6, turn = 2, card = gavel.absent }
  players[1]:send { type = "draw" }
  players[1]:expect_error("not_your_turn")
end)

test("a card must be one's own, and match", function(t)
  local players = three(t)
  local s = t.state
  players[1]:send { type = "play", card = s.hands[2][1] }
  players[1]:expect_error("not_yours")
  for _ = 1, 3 do
    local turn = t.state.turn
    local card = unplayable(t.state.hands[turn], s.top, s.suit)
    if card then
      player_of(players, turn):send { type = "play", card = card }
      player_of(players, turn):expect_error("no_match", { top = s.top, suit = s.suit })
    end
    player_of(players, turn):send { type = "draw" }
  end
end)

test("a card that matches lies on top, and the turn goes on", function(t)
  local players = three(t)
  for _ = 1, 52 do
    local s = t.state
    local player, card = player_of(players, s.turn), playable(s.hands[s.turn], s.top, s.suit)
    if card and card:sub(1, 1) ~= "8" then
      local left = #s.hands[s.turn] - 1
      player:send { type = "play", card = card }
      local next_one = s.turn % 3 + 1
      t:expect_all { type = "played", player = s.turn, card = card, suit = card:sub(2), left = left, turn = next_one }
      t:equal(t.state.pile, { s.top })
      return
    end
    player:send { type = "draw" }
  end
  t:fail("nobody could play")
end)

test("an eight goes on any card, and names the suit", function(t)
  local players = three(t)
  for _ = 1, 52 do
    local s = t.state
    local player, eight = player_of(players, s.turn), nil
    for _, card in ipairs(s.hands[s.turn]) do if card:sub(1, 1) == "8" then eight = card end end
    if eight then
      local suit = s.suit == "D" and "C" or "D"
      player:send { type = "play", card = eight, suit = suit }
      t:expect_all { type = "played", card = eight, suit = suit }
      t:equal({ t.state.top, t.state.suit }, { eight, suit })
      return
    end
    player:send { type = "draw" }
  end
  t:fail("nobody had an eight")
end)

test("played to the end, somebody is out of cards", function(t)
  local players = three(t)
  for _ = 1, 400 do
    local s = t.state
    if not s.turn then break end
    local player, card = player_of(players, s.turn), playable(s.hands[s.turn], s.top, s.suit)
    if card then
      player:send { type = "play", card = card, suit = card:sub(1, 1) == "8" and "H" or nil }
    else
      player:send { type = "draw" }
    end
  end
  local over = players[1]:expect { type = "over", reason = "out" }
  players[2]:expect { type = "over", winner = over.winner }
end)

test("when all cards are in hands and nobody plays, the game is stuck", function(t)
  local players = three(t)
  for _ = 1, 36 + 3 do player_of(players, t.state.turn):send { type = "draw" } end
  t:expect_all { type = "over", reason = "stuck", winner = gavel.absent }
end)

test("who is too slow draws, and is shown the hand", function(t)
  local players = three(t)
  t:read()
  t:advance "45s"
  t:expect_all { type = "drew", player = 1, left = 6, turn = 2 }
  players[1]:expect { type = "snapshot", hand = t.state.hands[1] }
  players[2]:expect_nothing()
end)

test("who leaves puts the cards back, and the last one wins", function(t)
  local players = three(t)
  players[1]:leave()
  players[2]:expect { type = "gone", player = 1, turn = 2 }
  t:equal(#t.state.deck, 52 - 15 - 1 + 5)
  t:join("Watcher"):leave()
  players[3]:leave()
  players[2]:expect { type = "over", reason = "walkover", winner = 2 }
end)
