-- A lobby that finds opponents. Clients queue for a mode with their rank; two who wait for the same one, and are about
-- as strong, are sent to a game room of their own. When the game is over, its rules tell the lobby (lib/match.lua).
--
--   client -> {"type":"join","room":"lobby-1","name":"Ada"}     then a snapshot: waiting, played
--   client -> {"type":"queue","mode":"rps","rank":1200}         reply: waiting, how many wait for that mode
--   client -> {"type":"cancel"}
--   relay  -> {"type":"left","reason":"moved",…}, then the `joined` of the game room
--   room   -> {"type":"result","game":"rps-…","winner":"Ada","reason":"score"}
--
-- Params of the room (config.toml, [rooms.params]): modes, spread, widen.

local rules = gavel.rules()

rules.messages.queue = {
  mode = gavel.string { min = 1, max = 32 },
  rank = gavel.optional(gavel.number { min = 0, max = 10000 }),    -- as the client says: nobody has checked it
}
rules.messages.cancel = {}
rules.options.queue = { rate = "20/10s" }

rules.params = {
  modes = gavel.map(gavel.string { min = 1, max = 64 }, { default = { rps = "rps-" } }),    -- how their rooms begin
  spread = gavel.integer { min = 0, default = 100 },    -- how far apart two ranks may be
  widen = gavel.integer { min = 0, default = 20 },      -- and how much farther for each second of waiting
}

local MOST_WAITING = 100

local function place_of(queue, id)
  for i, entry in ipairs(queue) do
    if entry.id == id then return i end
  end
end

-- The one in the queue behind i who is nearest in rank, and near enough; or nil.
local function partner_of(room, queue, i)
  local a, best, least = queue[i], nil, nil
  -- Who stands in front has waited longest.
  local spread = room.params.spread + room.params.widen * (gavel.now() - a.since) / 1000
  for j = i + 1, #queue do
    local b = queue[j]
    local apart = math.abs(a.rank - b.rank)
    if a.mode == b.mode and apart <= spread and (not least or apart < least) then best, least = j, apart end
  end
  return best
end

local function send_off(room, a, b)
  local key = room.params.modes[a.mode] .. gavel.id()    -- which nobody can guess
  room:move({ a.id, b.id }, key, { lobby = room.key })
end

local function match(room)
  local queue, i = room.state.queue, 1
  while i < #queue do
    local j = partner_of(room, queue, i)
    if j then
      local b = table.remove(queue, j)
      send_off(room, table.remove(queue, i), b)
    else
      i = i + 1
    end
  end
  if #queue < 2 then
    room:cancel("look_again")
  elseif not room:time_left("look_again") then
    room:every("1s", "look_again")
  end
end

local function waiting(room)
  local counts = {}
  for mode in pairs(room.params.modes) do counts[mode] = 0 end
  for _, entry in ipairs(room.state.queue) do counts[entry.mode] = counts[entry.mode] + 1 end
  return counts
end

function rules.on_create(room) room.state = { queue = {}, played = 0 } end

function rules.commands.queue(room, client, msg)
  local queue = room.state.queue
  if not room.params.modes[msg.mode] then gavel.reject("no_such_mode", "There is no such mode.") end
  if place_of(queue, client.id) then gavel.reject("queued", "You wait already.") end
  if #queue >= MOST_WAITING then gavel.reject("busy", "Too many wait. Try again later.") end
  queue[#queue + 1] = { id = client.id, mode = msg.mode, rank = msg.rank or 1000, since = gavel.now() }
  local reply = { waiting = waiting(room)[msg.mode] }
  match(room)
  return reply
end

function rules.commands.cancel(room, client)
  local i = place_of(room.state.queue, client.id)
  if not i then gavel.reject("not_queued", "You do not wait.") end
  table.remove(room.state.queue, i)
end

function rules.timers.look_again(room) match(room) end

-- A game room tells how its game ended.
function rules.signals.over(room, data, from)
  room.state.played = room.state.played + 1
  room:broadcast { type = "result", game = from, winner = data.winner, reason = data.reason }
end

function rules.snapshot(room)
  return { waiting = gavel.json.object(waiting(room)), played = room.state.played }
end

-- Nobody is sent to play with somebody who is not there; who comes back waits on.
function rules.on_drop(room, client)
  local i = place_of(room.state.queue, client.id)
  if i then client.data.waited = table.remove(room.state.queue, i) end
end

function rules.on_return(room, client)
  local queue, entry = room.state.queue, client.data.waited
  if not entry then return end
  client.data.waited, entry.since = nil, gavel.now()
  queue[#queue + 1] = entry
  match(room)
end

function rules.on_leave(room, client)
  local i = place_of(room.state.queue, client.id)
  if i then table.remove(room.state.queue, i) end
end

return rules
