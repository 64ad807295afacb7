-- A drawing board. Strokes are numbered and kept, cursors are not: of these only the newest of each client counts.
--
--   client -> {"type":"join","room":"draw-1"}      joined: color; then a snapshot: strokes, the oldest first
--   client -> {"type":"cursor","x":0.5,"y":0.25}   relayed to the others
--   client -> {"type":"stroke","points":[0.5,0.25,0.52,0.3],"color":"#e6194b","width":3}     relayed with "id" and "by"
--   client -> {"type":"undo"}                      takes back your last stroke: {"type":"removed","ids":[7]}
--   client -> {"type":"clear"}                     {"type":"cleared","by":1}
--   room   -> {"type":"removed","ids":[1,2]}       also when the board is full: the oldest go
--
-- Params of the room (config.toml, [rooms.params]): strokes, points.

local rules = gavel.rules()

-- Parts of the board's width and height; x and y by turns.
local coordinate = gavel.number { min = 0, max = 1 }

rules.messages.cursor = { x = coordinate, y = coordinate }
rules.messages.stroke = {
  points = gavel.list(coordinate, { min = 2, max = 1000 }),
  color = gavel.string { min = 1, max = 32 },
  width = gavel.number { min = 0.5, max = 100 },
}
rules.messages.undo = {}
rules.messages.clear = {}

rules.options.cursor = { class = "latest", echo = false, rate = "60/1s" }
rules.options.stroke = { rate = "100/10s" }
rules.options.clear = { rate = "3/10s" }

rules.params = {
  strokes = gavel.integer { min = 1, max = 2000, default = 1000 },        -- that are kept
  points = gavel.integer { min = 1000, max = 40000, default = 20000 },    -- numbers in all of them
}

local colors = { "#e6194b", "#3cb44b", "#4363d8", "#f58231", "#911eb4", "#008080", "#9a6324", "#800000" }

-- Takes the stroke at the place off the board.
local function remove(s, i)
  local stroke = table.remove(s.strokes, i)
  s.points = s.points - #stroke.points
  return stroke.id
end

-- Takes the oldest off, as many as are too many. Their ids.
local function trim(room)
  local s, gone, n, points = room.state, {}, #room.state.strokes, room.state.points
  while n - #gone > room.params.strokes or points > room.params.points do
    local oldest = s.strokes[#gone + 1]
    points = points - #oldest.points
    gone[#gone + 1] = oldest.id
  end
  if #gone > 0 then
    s.points = points
    table.move(s.strokes, #gone + 1, n, 1)      -- once for all: each element that moves is a write
    for i = n, n - #gone + 1, -1 do s.strokes[i] = nil end
  end
  return gone
end

function rules.on_create(room)
  room.state = { strokes = {}, points = 0, drawn = 0 }
end

function rules.commands.join(room, client)
  return { color = colors[(client.id - 1) % #colors + 1] }
end

function rules.filters.stroke(room, client, msg)
  local s = room.state
  if #msg.points % 2 ~= 0 then gavel.reject("odd", "Each point has an x and a y.") end
  s.drawn = s.drawn + 1
  s.points = s.points + #msg.points
  local stroke = { id = s.drawn, by = client.id, points = msg.points, color = msg.color, width = msg.width }
  table.insert(s.strokes, stroke)
  local gone = trim(room)
  if #gone > 0 then room:broadcast { type = "removed", ids = gone } end
  return stroke
end

function rules.commands.undo(room, client)
  local strokes = room.state.strokes
  for i = #strokes, 1, -1 do
    if strokes[i].by == client.id then
      room:broadcast { type = "removed", ids = { remove(room.state, i) } }
      return
    end
  end
  gavel.reject("nothing", "There is no stroke of yours.")
end

function rules.commands.clear(room, client)
  room.state.strokes, room.state.points = {}, 0
  room:broadcast { type = "cleared", by = client.id }
end

function rules.snapshot(room)
  return { strokes = room.state.strokes }
end

return rules
