-- Tic-tac-toe for two. The first two to come sit down and play, whoever comes later watches.
--
--   client -> {"type":"join","room":"ttt-1"}      joined: board, seats, turn, and "seat" or "watching"
--   client -> {"type":"move","cell":5}            relayed to everyone, or rejected
--   room   -> {"type":"start","board":[…],"seats":[1,2],"turn":1}
--   room   -> {"type":"over","winner":1,"reason":"line"}     or "walkover" or "time"; without a winner: "draw"
--   room   -> {"type":"away","player":2}          that player lost the connection; "back": and is there again
--   room   -> {"type":"board","board":[…],"seats":[1,2],"turn":1}     to who comes back and missed moves
--   client -> {"type":"again"}                    a new game, the other one begins

local rules = gavel.rules()

rules.messages.move = { cell = gavel.integer { min = 1, max = 9 } }
rules.messages.again = {}

-- Seconds for a move; [rooms.params] in config.toml may say otherwise.
rules.params = { turn = gavel.integer { min = 5, max = 3600, default = 60 } }

local lines = {
  { 1, 2, 3 }, { 4, 5, 6 }, { 7, 8, 9 },
  { 1, 4, 7 }, { 2, 5, 8 }, { 3, 6, 9 },
  { 1, 5, 9 }, { 3, 5, 7 },
}

local function give_turn(room, id)
  room.state.turn = id
  room:after(room.params.turn .. "s", "too_slow")   -- replaces the one that was set
end

local function start(room)
  local s = room.state
  s.games = s.games + 1
  s.board, s.moves = { 0, 0, 0, 0, 0, 0, 0, 0, 0 }, 0
  give_turn(room, s.seats[s.games % 2 == 1 and 1 or 2])
  room:broadcast { type = "start", board = s.board, seats = s.seats, turn = s.turn }
end

local function finish(room, winner, reason)
  room.state.turn = nil
  room:cancel("too_slow")
  room:broadcast { type = "over", winner = winner, reason = reason }
end

local function other(seats, id)
  return seats[1] == id and seats[2] or seats[1]
end

local function has_line(board, id)
  for _, line in ipairs(lines) do
    if board[line[1]] == id and board[line[2]] == id and board[line[3]] == id then return true end
  end
  return false
end

function rules.on_create(room)
  room.state = { seats = {}, board = { 0, 0, 0, 0, 0, 0, 0, 0, 0 }, moves = 0, games = 0 }
end

-- What is returned here is added to the newcomer's `joined`.
function rules.commands.join(room, client)
  local s = room.state
  local reply = { board = s.board, turn = s.turn }
  if #s.seats < 2 then
    s.seats[#s.seats + 1] = client.id
    reply.seat = #s.seats
    if #s.seats == 2 then start(room) end
  else
    reply.watching = true
  end
  reply.seats = s.seats
  return reply
end

function rules.filters.move(room, client, msg)
  local s, me, cell = room.state, client.id, msg.cell
  if not s.turn then gavel.reject("not_now", "No game is being played.") end
  if s.turn ~= me then gavel.reject("not_your_turn", "It is the other player's turn.") end
  if s.board[cell] ~= 0 then gavel.reject("taken", "That cell is taken.", { cell = cell }) end

  s.board[cell], s.moves = me, s.moves + 1
  if has_line(s.board, me) then
    finish(room, me, "line")
  elseif s.moves == 9 then
    finish(room, nil, "draw")
  else
    give_turn(room, other(s.seats, me))
  end
end

function rules.commands.again(room, client)
  local s = room.state
  if s.turn or #s.seats < 2 then gavel.reject("not_now", "There is no game to repeat.") end
  if client.id ~= s.seats[1] and client.id ~= s.seats[2] then
    gavel.reject("watching", "Only the players can start a new game.")
  end
  start(room)
end

-- Who takes too long loses the game.
function rules.timers.too_slow(room)
  local s = room.state
  finish(room, other(s.seats, s.turn), "time")
end

local function is_player(room, client)
  return client.id == room.state.seats[1] or client.id == room.state.seats[2]
end

-- The clock goes on meanwhile: whose turn it is loses by time.
function rules.on_drop(room, client)
  if is_player(room, client) then room:send(room:others(client), { type = "away", player = client.id }) end
end

function rules.on_return(room, client, recovered)
  local s = room.state
  if is_player(room, client) then room:send(room:others(client), { type = "back", player = client.id }) end
  if not recovered then room:send(client, { type = "board", board = s.board, seats = s.seats, turn = s.turn }) end
end

-- A player who leaves in the middle of a game loses it; the next to come takes the seat.
function rules.on_leave(room, client)
  local s = room.state
  for i, id in ipairs(s.seats) do
    if id == client.id then
      local winner = other(s.seats, id)
      table.remove(s.seats, i)
      if s.turn then finish(room, winner, "walkover") end
      return
    end
  end
end

return rules
