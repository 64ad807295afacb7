-- A chat room.
--
--   client -> {"type":"join","room":"lobby","name":"Ada"}   joined: welcome, nick, who
--   client -> {"type":"say","text":"hello"}                 relayed with "nick", trimmed
--   client -> {"type":"me","text":"waves"}                  the room says {"type":"emote","nick":"Ada","text":"waves"}
--   client -> {"type":"nick","name":"Grace"}                reply: nick; the room says {"type":"renamed", …}
--   client -> {"type":"who"}                                reply: who
--
-- Params of the room (config.toml, [rooms.params]): welcome, longest, flood.

local rules = gavel.rules()

rules.messages.say = { text = gavel.string { min = 1, max = 2000 } }
rules.messages.me = { text = gavel.string { min = 1, max = 2000 } }
rules.messages.nick = { name = gavel.string { min = 1, max = 40 } }
rules.messages.who = {}

rules.params = {
  welcome = gavel.string { default = "Welcome. Be kind." },
  longest = gavel.integer { min = 1, default = 500 },        -- characters of a line
  flood = gavel.integer { min = 1, default = 8 },            -- lines in ten seconds
}

local WINDOW_MS, MUTE_MS = 10000, 15000

local function trim(text)
  return text:match("^%s*(.*%S)") or ""
end

-- The first n characters: a cut inside of one would not be text any more.
local function clip(text, n)
  local past = utf8.offset(text, n + 1)
  return past and text:sub(1, past - 1) or text
end

-- Names in use, in lower case: whose they are.
local function is_taken(room, nick, but)
  local owner = room.state.owners[nick:lower()]
  return owner ~= nil and owner ~= but
end

local function take(room, client, nick)
  if client.data.nick then room.state.owners[client.data.nick:lower()] = nil end
  room.state.owners[nick:lower()] = client.id
  client.data.nick = nick
end

-- The name itself, or with a number behind it.
local function free_nick(room, wanted, id)
  local nick, n = wanted, 1
  while is_taken(room, nick, id) do
    n = n + 1
    nick = wanted .. n
  end
  return nick
end

local function checked_line(room, text)
  local line = trim(text)
  if line == "" then gavel.reject("empty", "Say something.") end
  return clip(line, room.params.longest)
end

-- Whether the client may speak. Who floods is muted for a while: that must outlast the message which it stops, so
-- the message is dropped and its sender told, not rejected, which would undo the count.
local function may_speak(room, client)
  local now, lines = gavel.now(), room.state.lines[client.id]
  if now < lines.muted_until then
    room:send(client, { type = "muted", seconds = (lines.muted_until - now + 999) // 1000 })
    return false
  end
  if now - lines.since >= WINDOW_MS then lines.since, lines.count = now, 0 end
  lines.count = lines.count + 1
  if lines.count > room.params.flood then
    lines.muted_until, lines.count = now + MUTE_MS, 0
    room:send(client, { type = "muted", seconds = MUTE_MS // 1000 })
    return false
  end
  return true
end

local function who(room)
  local list = {}
  for i, c in ipairs(room.clients) do list[i] = { id = c.id, nick = c.data.nick } end
  return list
end

function rules.on_create(room)
  room.state = { lines = {}, owners = {} }
end

function rules.commands.join(room, client)
  local wanted = clip(trim(client.name), 24)
  take(room, client, free_nick(room, wanted ~= "" and wanted or "guest", client.id))
  room.state.lines[client.id] = { since = gavel.now(), count = 0, muted_until = 0 }
  room:send(room:others(client), { type = "came", id = client.id, nick = client.data.nick })
  return { welcome = room.params.welcome, nick = client.data.nick, who = who(room) }
end

function rules.filters.say(room, client, msg)
  local line = checked_line(room, msg.text)
  if not may_speak(room, client) then return gavel.drop end
  return { text = line, nick = client.data.nick }
end

function rules.commands.me(room, client, msg)
  local line = checked_line(room, msg.text)
  if may_speak(room, client) then
    room:broadcast { type = "emote", id = client.id, nick = client.data.nick, text = line }
  end
end

function rules.commands.nick(room, client, msg)
  local nick = clip(trim(msg.name), 24)
  if nick == "" then gavel.reject("empty", "A name has at least one letter.") end
  if is_taken(room, nick, client.id) then gavel.reject("taken", "Somebody has that name.", { nick = nick }) end
  local before = client.data.nick
  take(room, client, nick)
  room:broadcast { type = "renamed", id = client.id, from = before, to = nick }
  return { nick = nick }
end

function rules.commands.who(room)
  return { who = who(room) }
end

function rules.on_leave(room, client, reason)
  room.state.lines[client.id] = nil
  room.state.owners[client.data.nick:lower()] = nil
  room:broadcast { type = "went", id = client.id, nick = client.data.nick, reason = reason }
end

return rules
