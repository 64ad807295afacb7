-- A chat room. The first to come moderates; where that one leaves, who has been there longest does.
--
--   client -> {"type":"join","room":"chat-lobby","name":"Ada"}   joined: welcome, nick, who, moderator
--   client -> {"type":"say","text":"hello"}                 relayed with "nick", trimmed
--   client -> {"type":"me","text":"waves"}                  the room says {"type":"emote","nick":"Ada","text":"waves"}
--   client -> {"type":"nick","name":"Grace"}                reply: nick; the room says {"type":"renamed", …}
--   client -> {"type":"who"}                                reply: who, moderator
--   moderator -> {"type":"mute","id":3,"seconds":60}        {"type":"muted","seconds":60} to that one; 0: speak again
--   moderator -> {"type":"slow","seconds":10}               one line each in ten seconds; the room says it; 0: no more
--   moderator -> {"type":"kick","id":3,"reason":"…"}        {"type":"went", …}, and its connection is closed
--   moderator -> {"type":"lock"} and {"type":"unlock"}      nobody else may join; the room says {"type":"locked", …}
--
-- Params of the room (config.toml, [rooms.params]): welcome, longest, flood.

local rules = gavel.rules()

rules.messages.say = { text = gavel.string { min = 1, max = 2000 } }
rules.messages.me = { text = gavel.string { min = 1, max = 2000 } }
rules.messages.nick = { name = gavel.string { min = 1, max = 40 } }
rules.messages.mute = { id = gavel.integer, seconds = gavel.integer { min = 0, max = 86400 } }
rules.messages.slow = { seconds = gavel.integer { min = 0, max = 3600 } }
rules.messages.kick = { id = gavel.integer, reason = gavel.optional(gavel.string { max = 40 }) }
rules.messages.who, rules.messages.lock, rules.messages.unlock = {}, {}, {}

rules.params = {
  welcome = gavel.string { default = "Welcome. Be kind." },
  longest = gavel.integer { min = 1, default = 500 },        -- characters of a line
  flood = gavel.integer { min = 1, default = 8 },            -- lines in ten seconds
}

local WINDOW_MS, MUTE_MS = 10000, 15000

-- Without blanks around it, and only the first n characters: a cut inside of one would not be text any more.
local function tidy(text, n)
  local line = text:match("^%s*(.*%S)") or ""
  local past = utf8.offset(line, n + 1)
  return past and line:sub(1, past - 1) or line
end

-- Whether somebody else has the name.
local function is_taken(room, nick, id)
  return (room.state.owners[nick:lower()] or id) ~= id
end

local function take(room, client, nick)
  if client.data.nick then room.state.owners[client.data.nick:lower()] = nil end
  room.state.owners[nick:lower()] = client.id
  client.data.nick = nick
end

local function who(room)
  local list = {}
  for i, c in ipairs(room.clients) do list[i] = { id = c.id, nick = c.data.nick } end
  return list
end

-- The line, tidied, or nil where the client may not speak. Who floods is muted for a while: that must outlast the
-- message which it stops, so the message is dropped and its sender told, not rejected, which would undo the count.
local function spoken(room, client, text)
  local line, now, lines = tidy(text, room.params.longest), gavel.now(), room.state.lines[client.id]
  if line == "" then gavel.reject("empty", "Say something.") end
  local wait = math.max(lines.muted_until, lines.last + room.state.slow * 1000) - now
  if wait <= 0 then
    if now - lines.since >= WINDOW_MS then lines.since, lines.count = now, 0 end
    lines.count, lines.last = lines.count + 1, now
    if lines.count > room.params.flood then lines.muted_until, lines.count, wait = now + MUTE_MS, 0, MUTE_MS end
  end
  if wait <= 0 then return line end
  room:send(client, { type = "muted", seconds = (wait + 999) // 1000 })
end

local function check_moderator(room, client)
  if client.id ~= room.state.moderator then gavel.reject("not_moderator", "Only the moderator can do that.") end
end

-- The other client that a moderator means.
local function other(room, client, id)
  check_moderator(room, client)
  if id ~= client.id and room:client(id) then return room:client(id) end
  gavel.reject("no_such_client", "Nobody else has that id.")
end

function rules.on_create(room) room.state = { lines = {}, owners = {}, slow = 0 } end

function rules.commands.join(room, client)
  local s, wanted, n = room.state, tidy(client.name, 24), 1
  if wanted == "" then wanted = "guest" end
  local nick = wanted
  while is_taken(room, nick, client.id) do n = n + 1 nick = wanted .. n end
  take(room, client, nick)
  s.lines[client.id] = { since = gavel.now(), count = 0, muted_until = 0, last = 0 }
  s.moderator = s.moderator or client.id
  room:send(room:others(client), { type = "came", id = client.id, nick = nick })
  return { welcome = room.params.welcome, nick = nick, who = who(room), moderator = s.moderator }
end

function rules.filters.say(room, client, msg)
  local line = spoken(room, client, msg.text)
  return line and { text = line, nick = client.data.nick } or gavel.drop
end

function rules.commands.me(room, client, msg)
  local line = spoken(room, client, msg.text)
  if line then room:broadcast { type = "emote", id = client.id, nick = client.data.nick, text = line } end
end

function rules.commands.nick(room, client, msg)
  local nick, before = tidy(msg.name, 24), client.data.nick
  if nick == "" then gavel.reject("empty", "A name has at least one letter.") end
  if is_taken(room, nick, client.id) then gavel.reject("taken", "Somebody has that name.", { nick = nick }) end
  take(room, client, nick)
  room:broadcast { type = "renamed", id = client.id, from = before, to = nick }
  return { nick = nick }
end

function rules.commands.who(room) return { who = who(room), moderator = room.state.moderator } end

function rules.commands.mute(room, client, msg)
  local muted = other(room, client, msg.id)
  room.state.lines[muted.id].muted_until = gavel.now() + msg.seconds * 1000
  room:send(muted, { type = "muted", seconds = msg.seconds })
end

function rules.commands.slow(room, client, msg)
  check_moderator(room, client)
  room.state.slow = msg.seconds
  room:broadcast { type = "slow", seconds = msg.seconds }
end

function rules.commands.kick(room, client, msg) room:kick(other(room, client, msg.id), msg.reason) end

local function set_lock(room, client, locked)
  check_moderator(room, client)
  if locked then room:lock() else room:unlock() end
  room:broadcast { type = "locked", locked = locked }
end

function rules.commands.lock(room, client) set_lock(room, client, true) end
function rules.commands.unlock(room, client) set_lock(room, client, false) end

function rules.on_leave(room, client, reason)
  local s, heir = room.state, room.clients[1]
  s.lines[client.id], s.owners[client.data.nick:lower()] = nil, nil
  if s.moderator == client.id then s.moderator = heir and heir.id end
  if not heir then room:unlock() end
  room:broadcast { type = "went", id = client.id, nick = client.data.nick, reason = reason, moderator = s.moderator }
end

return rules
