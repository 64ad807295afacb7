-- A quiz. One client is the host and asks; the others answer in secret, the faster the more points. The first to
-- come is the host; where the host leaves, the one who has been there longest takes over.
--
--   client -> {"type":"join","room":"quiz-1","name":"Ada"}     joined: host; then a snapshot
--   host   -> {"type":"ask","question":"2 + 2?","choices":["3","4"],"right":2,"seconds":20}
--   room   -> {"type":"question","number":1,"question":"2 + 2?","choices":["3","4"],"seconds":20}
--   client -> {"type":"answer","choice":2}        reply: choice; everyone: {"type":"answered","count":1,"of":3}
--   host   -> {"type":"reveal"}                   does not wait for time or the last answer
--   room   -> {"type":"result","number":1,"right":2,"answers":[0,3],"scores":[{"id":3,"name":"Bo","points":93},…]}
--   host   -> {"type":"hand_over","to":3}         room: {"type":"host","id":3}
--   host   -> {"type":"finish"}                   room: {"type":"final","scores":[…]}; the next quiz begins at 0

local rules = gavel.rules()

local text = gavel.string { min = 1, max = 300 }
rules.messages.ask = {
  question = text, choices = gavel.list(text, { min = 2, max = 6 }), right = gavel.integer { min = 1, max = 6 },
  seconds = gavel.optional(gavel.integer { min = 3, max = 600 }),
}
rules.messages.answer = { choice = gavel.integer { min = 1, max = 6 } }
rules.messages.reveal = {}
rules.messages.hand_over = { to = gavel.integer { min = 1 } }
rules.messages.finish = {}

-- Seconds for a question that says nothing; [rooms.params] in config.toml may say otherwise.
rules.params = { seconds = gavel.integer { min = 3, max = 600, default = 20 } }

local MOST, LEAST = 100, 50    -- points for a right answer: at once, at the last moment

-- Only the host goes on, and only while a question stands open, or while none does.
local function check_host(room, client, while_asking)
  if client.id ~= room.state.host then gavel.reject("not_host", "Only the host can do that.") end
  if while_asking and not room.state.question then gavel.reject("not_now", "There is no question.") end
  if room.state.question and not while_asking then gavel.reject("not_now", "A question is being answered.") end
end

-- The best first; of equals who came first.
local function scores(room)
  local list = {}
  for i, c in ipairs(room.clients) do list[i] = { id = c.id, name = c.name, points = room.state.points[c.id] } end
  table.sort(list, function(a, b)
    if a.points ~= b.points then return a.points > b.points end
    return a.id < b.id
  end)
  return list
end

local function reveal(room)
  local q, counts = room.state.question, {}
  for i = 1, #q.choices do counts[i] = 0 end
  for id, answer in pairs(q.answers) do
    counts[answer.choice] = counts[answer.choice] + 1
    if answer.choice == q.right then room.state.points[id] = room.state.points[id] + answer.worth end
  end
  room.state.question = nil
  room:cancel("time_up")
  room:broadcast { type = "result", number = q.number, right = q.right, answers = counts, scores = scores(room) }
end

-- Tells how many have answered. The question is over once all have who may.
local function count(room)
  local answered, may = 0, 0
  for _, client in ipairs(room:others(room.state.host)) do
    if room.state.question.answers[client.id] then answered = answered + 1 end
    may = may + 1
  end
  room:broadcast { type = "answered", count = answered, of = may }
  if answered == may then reveal(room) end
end

local function make_host(room, id)
  room.state.host = id
  room:broadcast { type = "host", id = id }
end

function rules.on_create(room) room.state = { points = {}, asked = 0 } end

function rules.commands.join(room, client)
  room.state.points[client.id] = 0
  room.state.host = room.state.host or client.id
  return { host = room.state.host }
end

function rules.commands.ask(room, client, msg)
  check_host(room, client, false)
  local s, seconds = room.state, msg.seconds or room.params.seconds
  if msg.right > #msg.choices then gavel.reject("no_such_choice", "The right answer is none of the choices.") end
  s.asked = s.asked + 1
  local q = { number = s.asked, question = msg.question, choices = msg.choices, seconds = seconds }
  s.question = q
  s.question.right, s.question.answers = msg.right, {}
  room:after(seconds .. "s", "time_up")
  q.type = "question"
  room:broadcast(q)
end

-- A command, so that nobody else is sent it.
function rules.commands.answer(room, client, msg)
  local s, q, me = room.state, room.state.question, client.id
  if not q then gavel.reject("not_now", "There is no question.") end
  if me == s.host then gavel.reject("host", "The host asks, and does not answer.") end
  if q.answers[me] then gavel.reject("answered", "You have answered already.") end
  if msg.choice > #q.choices then gavel.reject("no_such_choice", "There is no such choice.") end
  local worth = LEAST + (MOST - LEAST) * room:time_left("time_up") // (q.seconds * 1000)
  q.answers[me] = { choice = msg.choice, worth = worth }
  count(room)
  return { choice = msg.choice }
end

function rules.commands.reveal(room, client)
  check_host(room, client, true)
  reveal(room)
end

function rules.commands.hand_over(room, client, msg)
  check_host(room, client, false)
  if msg.to == client.id or not room:client(msg.to) then gavel.reject("no_such_client", "Nobody else has that id.") end
  make_host(room, msg.to)
end

function rules.commands.finish(room, client)
  check_host(room, client, false)
  room:broadcast { type = "final", scores = scores(room) }
  room.state.asked = 0
  for _, c in ipairs(room.clients) do room.state.points[c.id] = 0 end
end

function rules.timers.time_up(room) reveal(room) end

function rules.snapshot(room, client)
  local q = room.state.question
  return {
    host = room.state.host, scores = scores(room), question = q and q.question, number = q and q.number,
    choices = q and q.choices, answered = q and q.answers[client.id] ~= nil, left_ms = room:time_left("time_up"),
  }
end

function rules.on_leave(room, client)
  local s, id = room.state, client.id
  s.points[id] = nil
  if #room.clients == 0 then s.host, s.question = nil, nil return room:cancel("time_up") end
  if s.host == id then make_host(room, room.clients[1].id) end
  if not s.question then return end
  -- The next host does not answer either.
  s.question.answers[id], s.question.answers[s.host] = nil, nil
  count(room)
end

return rules
