-- Crazy eights, a game of cards for two to six. A card must match the top one's suit or rank; an eight goes on any,
-- and names the next suit. Who has no cards left wins. Nobody is ever sent a card in another one's hand.
--
--   client -> {"type":"join","room":"eights-1"}    then a snapshot: your hand, how many cards the others have, turn
--   client -> {"type":"start"}                     deals to those who are there; everyone is sent a snapshot
--   client -> {"type":"play","card":"7H"}          "suit" with an eight; ten of spades: "TS"
--   room   -> {"type":"played","player":1,"card":"7H","suit":"H","left":4,"turn":2}
--   client -> {"type":"draw"}                      reply: card; ends the turn
--   room   -> {"type":"drew","player":1,"left":6,"turn":2}                         also for who is too slow
--   room   -> {"type":"over","reason":"out","winner":1}       or "walkover"; "stuck" without a winner
--
-- Params of the room (config.toml, [rooms.params]): cards, seconds.

local rules = gavel.rules()

local cards = {}
for rank in ("23456789TJQKA"):gmatch(".") do
  for suit in ("CDHS"):gmatch(".") do cards[#cards + 1] = rank .. suit end
end

rules.messages.start = {}
rules.messages.play = { card = gavel.one_of(cards), suit = gavel.optional(gavel.one_of { "C", "D", "H", "S" }) }
rules.messages.draw = {}

rules.params = {
  cards = gavel.integer { min = 1, max = 7, default = 5 },          -- to begin with
  seconds = gavel.integer { min = 3, max = 3600, default = 45 },    -- for a turn
}

local function index_of(list, value)
  for i, v in ipairs(list) do if v == value then return i end end
end

local function shuffle(list)
  for i = #list, 2, -1 do
    local j = math.random(i)
    list[i], list[j] = list[j], list[i]
  end
end

local function finish(room, winner, reason)
  room.state.players, room.state.hands, room.state.turn = {}, {}, nil
  room:cancel("too_slow")
  room:broadcast { type = "over", winner = winner, reason = reason }
end

local function give_turn(room, id)
  room.state.turn = id
  room:after(room.params.seconds .. "s", "too_slow")
end

local function after(players, id)
  return players[index_of(players, id) % #players + 1]
end

-- The next card of the deck, which is made of the pile when it is used up. Nil: all cards are in hands.
local function take(s)
  if #s.deck == 0 then
    s.deck, s.pile = s.pile, {}
    shuffle(s.deck)
  end
  return table.remove(s.deck)
end

local function draw(room, id)
  local s = room.state
  local card = take(s)
  if card then table.insert(s.hands[id], card) end
  s.passes = card and 0 or s.passes + 1
  give_turn(room, after(s.players, id))
  room:broadcast { type = "drew", player = id, left = #s.hands[id], turn = s.turn }
  -- Nobody could play, and there was nothing to draw.
  if s.passes == #s.players then finish(room, nil, "stuck") end
  return card
end

local function check_turn(room, client)
  local turn = room.state.turn
  if not turn then gavel.reject("not_now", "No game is being played.") end
  if turn ~= client.id then gavel.reject("not_your_turn", "It is another player's turn.") end
end

function rules.on_create(room) room.state = { players = {}, hands = {}, deck = {}, pile = {}, passes = 0 } end

function rules.commands.start(room, client)
  local s = room.state
  if s.turn then gavel.reject("not_now", "A game is being played.") end
  if #room.clients < 2 then gavel.reject("alone", "Two are needed at least.") end
  s.deck, s.pile, s.passes, s.players, s.hands = cards, {}, 0, {}, {}
  shuffle(s.deck)
  for i = 1, math.min(#room.clients, 6) do
    local id, hand = room.clients[i].id, {}
    for n = 1, room.params.cards do hand[n] = table.remove(s.deck) end
    s.players[i], s.hands[id] = id, hand
  end
  s.top = table.remove(s.deck)
  s.suit = s.top:sub(2)
  give_turn(room, s.hands[client.id] and client.id or s.players[1])
  room:sync()
end

function rules.commands.play(room, client, msg)
  check_turn(room, client)
  local s, hand, rank, suit = room.state, room.state.hands[client.id], msg.card:sub(1, 1), msg.card:sub(2)
  local i = index_of(hand, msg.card)
  if not i then gavel.reject("not_yours", "You do not have that card.") end
  if rank ~= "8" and rank ~= s.top:sub(1, 1) and suit ~= s.suit then
    gavel.reject("no_match", "Neither suit nor rank matches.", { top = s.top, suit = s.suit })
  end
  table.remove(hand, i)
  table.insert(s.pile, s.top)
  s.top, s.suit, s.passes = msg.card, rank == "8" and msg.suit or suit, 0
  give_turn(room, after(s.players, client.id))
  room:broadcast { type = "played", player = client.id, card = s.top, suit = s.suit, left = #hand, turn = s.turn }
  if #hand == 0 then finish(room, client.id, "out") end
end

function rules.commands.draw(room, client)
  check_turn(room, client)
  return { card = draw(room, client.id) }
end

function rules.timers.too_slow(room)
  local id = room.state.turn
  draw(room, id)
  room:sync(id)
end

function rules.snapshot(room, client)
  local s, players = room.state, {}
  for i, id in ipairs(s.players) do players[i] = { id = id, cards = #s.hands[id] } end
  return { players = players, hand = s.hands[client.id], turn = s.turn, top = s.top, suit = s.suit }
end

-- The cards of who leaves go below the deck.
function rules.on_leave(room, client)
  local s, id = room.state, client.id
  local i, hand = index_of(s.players, id), s.hands[id]
  if not i then return end
  local next_one = after(s.players, id)
  for _, card in ipairs(hand) do table.insert(s.deck, 1, card) end
  table.remove(s.players, i)
  s.hands[id] = nil
  if #s.players == 1 then return finish(room, s.players[1], "walkover") end
  if s.turn == id then give_turn(room, next_one) end
  room:broadcast { type = "gone", player = id, turn = s.turn }
end

return rules
