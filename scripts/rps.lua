-- Rock, paper, scissors for two. Both choose in secret, and both hands are shown at once. Players may come from a
-- lobby (lobby.lua), and go back to it after the game.
--
--   client -> {"type":"join","room":"rps-1"}       joined: "seat" or "watching"; then a snapshot
--   room   -> {"type":"round","round":1,"seconds":20}
--   client -> {"type":"choose","hand":"rock"}      reply: hand; the others hear {"type":"chosen","player":1}
--   room   -> {"type":"shown","round":1,"hands":["rock","none"],"winner":1,"score":[1,0]}     "none": out of time
--   room   -> {"type":"over","reason":"score","winner":1,"score":[3,1]}     or "walkover"; "idle" without a winner
--   client -> {"type":"again"}                     the two who sit play once more
--   client -> {"type":"sit"}                       a watcher takes a free seat; reply: seat
--
-- Params of the room (config.toml, [rooms.params]): wins, seconds, pause.

local rules = gavel.rules()
local match = require "lib.match"

rules.messages.choose = { hand = gavel.one_of { "rock", "paper", "scissors" } }
rules.messages.again, rules.messages.sit = {}, {}

rules.params = {
  wins = gavel.integer { min = 1, max = 100, default = 3 },         -- rounds to win
  seconds = gavel.integer { min = 3, max = 3600, default = 20 },    -- to choose in
  pause = gavel.integer { min = 0, max = 60, default = 3 },         -- seconds between two rounds
}

local beats = { rock = "scissors", paper = "rock", scissors = "paper" }

local function seat_of(room, client)
  for seat, id in ipairs(room.state.seats) do
    if id == client.id then return seat end
  end
end

local function begin_round(room)
  local s = room.state
  s.phase, s.round, s.hands = "choosing", s.round + 1, {}
  room:after(room.params.seconds .. "s", "time_up")
  room:broadcast { type = "round", round = s.round, seconds = room.params.seconds }
end

local function start(room)
  room.state.round, room.state.score = 0, { 0, 0 }
  match.started(room)
  begin_round(room)
end

local function finish(room, winner, reason)
  room.state.phase = "over"
  room:cancel("time_up")
  room:cancel("next_round")
  room:broadcast { type = "over", winner = winner, reason = reason, score = room.state.score }
  match.over(room, { winner = winner and room:client(winner).name, reason = reason })
end

-- The seat that wins, if one does. Who has not chosen loses to any hand.
local function winning_seat(a, b)
  if a ~= b then return (not b or (a and beats[a] == b)) and 1 or 2 end
end

local function reveal(room)
  local s = room.state
  local a, b = s.hands[1], s.hands[2]
  local seat = winning_seat(a, b)
  if seat then s.score[seat] = s.score[seat] + 1 end
  room:cancel("time_up")
  room:broadcast {
    type = "shown", round = s.round, hands = { a or "none", b or "none" },
    winner = seat and s.seats[seat], score = s.score,
  }
  if not a and not b then
    finish(room, nil, "idle")
  elseif seat and s.score[seat] == room.params.wins then
    finish(room, s.seats[seat], "score")
  else
    s.phase = "pause"
    room:after(room.params.pause .. "s", "next_round")
  end
end

-- The seat, or nil; the second to sit starts the game.
local function take_seat(room, client)
  local seats = room.state.seats
  if #seats == 2 then return nil end
  seats[#seats + 1] = client.id
  if #seats == 2 then start(room) end
  return seat_of(room, client)
end

function rules.on_create(room)
  room.state = { phase = "waiting", seats = {}, hands = {}, score = { 0, 0 }, round = 0 }
end

function rules.commands.join(room, client, request)
  match.joined(room, request)
  local seat = take_seat(room, client)
  return { seat = seat, watching = not seat, seats = room.state.seats }
end

function rules.commands.sit(room, client)
  if seat_of(room, client) then gavel.reject("seated", "You sit already.") end
  local seat = take_seat(room, client)
  if not seat then gavel.reject("full", "Both seats are taken.") end
  return { seat = seat }
end

-- A command, so that nobody else is sent it.
function rules.commands.choose(room, client, msg)
  local s, seat = room.state, seat_of(room, client)
  if not seat then gavel.reject("watching", "You are watching.") end
  if s.phase ~= "choosing" then gavel.reject("not_now", "No round is being played.") end
  if s.hands[seat] then gavel.reject("chosen", "You have chosen already.") end
  s.hands[seat] = msg.hand
  if s.hands[3 - seat] then
    reveal(room)
  else
    room:send(room:others(client), { type = "chosen", player = client.id })
  end
  return { hand = msg.hand }
end

function rules.commands.again(room, client)
  local s = room.state
  if not seat_of(room, client) then gavel.reject("watching", "Only those who sit can start a game.") end
  if s.phase ~= "over" or #s.seats < 2 then gavel.reject("not_now", "There is no game to repeat.") end
  start(room)
end

function rules.timers.time_up(room) reveal(room) end
function rules.timers.next_round(room) begin_round(room) end

function rules.snapshot(room, client)
  local s, seat, chosen = room.state, seat_of(room, client), {}
  for i, id in ipairs(s.seats) do chosen[#chosen + 1] = s.hands[i] and id end
  return {
    phase = s.phase, seats = s.seats, score = s.score, round = s.round, chosen = chosen,
    hand = seat and s.hands[seat], left_ms = room:time_left("time_up"),
  }
end

-- A player who leaves in the middle of a game loses it.
function rules.on_leave(room, client)
  local s, seat = room.state, seat_of(room, client)
  if not seat then return end
  if s.phase == "choosing" or s.phase == "pause" then finish(room, s.seats[3 - seat], "walkover") end
  table.remove(s.seats, seat)
  s.hands = {}
end

return rules
