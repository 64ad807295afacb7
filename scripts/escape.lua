-- An escape room. Everybody works on the same locks, each of which has a code; they all must be open in time. A wrong
-- code costs time, and so does a hint. Without codes of its own a room makes some up, whose digits it shows in order:
-- a try tells how many stand in the right place.
--
--   client -> {"type":"join","room":"escape-1"}        then a snapshot: phase, locks, left_ms
--   client -> {"type":"start"}                         room: {"type":"started","left_ms":600000,"locks":[…]}
--   client -> {"type":"try","lock":1,"code":"4711"}    room: {"type":"tried","lock":1,"code":"4711","right":2,…}
--                                                      or {"type":"opened","lock":1,"code":"4171",…}
--   client -> {"type":"hint","lock":1}                 room: {"type":"hint","lock":1,"shown":"4___",…}
--   room   -> {"type":"escaped","left_ms":123456} or {"type":"caught"}          start plays again, with other codes
--
-- Params of the room (config.toml, [rooms.params]): minutes, wrong, hint, locks; codes and clues, for a puzzle of
-- your own: codes = ["4711", "OWL"], clues = ["The year on the coin", "Who looks down at you?"].

local rules = gavel.rules()

local code = gavel.string { min = 1, max = 32 }
rules.messages.start = {}
rules.messages.try = { lock = gavel.integer { min = 1, max = 20 }, code = code }
rules.messages.hint = { lock = gavel.integer { min = 1, max = 20 } }
rules.options.try = { rate = "20/10s" }

rules.params = {
  minutes = gavel.integer { min = 1, max = 600, default = 10 },
  wrong = gavel.integer { min = 0, max = 3600, default = 10 },     -- seconds that a wrong code costs
  hint = gavel.integer { min = 0, max = 3600, default = 60 },      -- seconds that a hint costs
  locks = gavel.integer { min = 1, max = 20, default = 3 },        -- where there are no codes
  codes = gavel.list(code, { max = 20, default = {} }),
  clues = gavel.list(gavel.string { max = 300 }, { max = 20, default = {} }),
}

local function random_lock()
  local digits = {}
  for i = 1, 4 do digits[i] = tostring(math.random(0, 9)) end
  local secret = table.concat(digits)
  table.sort(digits)
  return { code = secret, clue = table.concat(digits, " "), hints = 0, open = false }
end

local function make_locks(params)
  local locks = {}
  for i, secret in ipairs(params.codes) do
    locks[i] = { code = secret:upper(), clue = params.clues[i], hints = 0, open = false }
  end
  if #locks == 0 then
    for i = 1, params.locks do locks[i] = random_lock() end
  end
  return locks
end

-- The code as far as hints have shown it: one place for each.
local function shown(lock)
  if lock.open then return lock.code end
  local places = {}
  for _, c in utf8.codes(lock.code) do
    places[#places + 1] = #places < lock.hints and utf8.char(c) or "_"
  end
  return table.concat(places)
end

-- What may be known of the locks.
local function public(locks)
  local list = {}
  for i, lock in ipairs(locks) do list[i] = { clue = lock.clue, shown = shown(lock), open = lock.open } end
  return list
end

local function right_places(a, b)
  local n, theirs = 0, {}
  for _, c in utf8.codes(b) do theirs[#theirs + 1] = c end
  for i, c in ipairs { utf8.codepoint(a, 1, -1) } do
    if theirs[i] == c then n = n + 1 end
  end
  return n
end

-- Takes time off the clock. Nothing is left: the timer comes at once, behind what this hook says.
local function take_time(room, seconds)
  local left = math.max(0, room:time_left("time_up") - seconds * 1000)
  room:after(left .. "ms", "time_up")
  return left
end

local function lock_of(room, i)
  if room.state.phase ~= "playing" then gavel.reject("not_now", "The clock is not running.") end
  local lock = room.state.locks[i]
  if not lock then gavel.reject("no_such_lock", "There is no such lock.") end
  if lock.open then gavel.reject("open", "That lock is open.") end
  return lock
end

function rules.on_create(room)
  room.state = { phase = "waiting", locks = {} }
end

function rules.commands.start(room)
  local s = room.state
  if s.phase == "playing" then gavel.reject("not_now", "The clock is running.") end
  s.phase, s.locks = "playing", make_locks(room.params)
  room:after(room.params.minutes .. "m", "time_up")
  room:broadcast { type = "started", left_ms = room:time_left("time_up"), locks = public(s.locks) }
end

function rules.commands.try(room, client, msg)
  local s, lock, tried = room.state, lock_of(room, msg.lock), msg.code:upper()
  if tried ~= lock.code then
    local right, left = right_places(lock.code, tried), take_time(room, room.params.wrong)
    room:broadcast { type = "tried", by = client.id, lock = msg.lock, code = msg.code, right = right, left_ms = left }
    return
  end
  lock.open = true
  local left = room:time_left("time_up")
  room:broadcast { type = "opened", by = client.id, lock = msg.lock, code = lock.code, left_ms = left }
  for _, other in ipairs(s.locks) do
    if not other.open then return end
  end
  s.phase = "escaped"
  room:cancel("time_up")
  room:broadcast { type = "escaped", left_ms = left }
end

function rules.commands.hint(room, client, msg)
  local lock = lock_of(room, msg.lock)
  if lock.hints + 1 >= utf8.len(lock.code) then gavel.reject("no_more_hints", "The rest is yours to find.") end
  if room:time_left("time_up") <= room.params.hint * 1000 then gavel.reject("no_time", "There is no time for it.") end
  lock.hints = lock.hints + 1
  local left = take_time(room, room.params.hint)
  room:broadcast { type = "hint", by = client.id, lock = msg.lock, shown = shown(lock), left_ms = left }
end

function rules.timers.time_up(room)
  room.state.phase = "caught"
  room:broadcast { type = "caught" }
end

function rules.snapshot(room)
  local s = room.state
  return { phase = s.phase, locks = public(s.locks), left_ms = room:time_left("time_up") }
end

return rules
