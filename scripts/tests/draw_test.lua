local test = gavel.test("draw.lua")

local function stroke(points)
  return { type = "stroke", points = points or { 0.1, 0.2, 0.3, 0.4 }, color = "#e6194b", width = 3 }
end

test("everyone has a color, and a newcomer sees the strokes", function(t)
  local ada = t:join("Ada")
  t:equal(ada.joined.color, "#e6194b")
  ada:send(stroke())
  ada:expect { type = "stroke", id = 1, by = ada.id, width = 3 }
  local bo = t:join("Bo")
  t:equal(bo.joined.color, "#3cb44b")
  bo:expect { type = "snapshot", strokes = { { id = 1, by = ada.id, points = { 0.1, 0.2, 0.3, 0.4 } } } }
end)

test("a cursor goes to the others only, and is not numbered", function(t)
  local ada, bo, cy = t:join("Ada"), t:join("Bo"), t:join("Cy")
  t:read()
  ada:send { type = "cursor", x = 0.5, y = 0.25 }
  t:expect_others(ada, { type = "cursor", x = 0.5, y = 0.25, client_id = ada.id, msg_id = gavel.absent })
  ada:expect_nothing()
end)

test("points come in pairs, inside of the board", function(t)
  local ada = t:join("Ada")
  ada:send(stroke { 0.1, 0.2, 0.3 })
  ada:expect_error("odd")
  ada:send(stroke { 0.1, 1.5 })
  ada:expect_error("bad_message")
  t:equal(t.state.strokes, {})
end)

test("one's own last stroke can be taken back", function(t)
  local ada, bo = t:join("Ada"), t:join("Bo")
  ada:send(stroke())
  bo:send(stroke())
  ada:send { type = "undo" }
  t:expect_all { type = "removed", ids = { 1 } }
  ada:send { type = "undo" }
  ada:expect_error("nothing")
  t:equal(t.state.points, 4)
end)

test("the board can be cleared, but not all the time", function(t)
  local ada = t:join("Ada")
  ada:send(stroke())
  for _ = 1, 3 do ada:send { type = "clear" } end
  ada:expect { type = "cleared", by = ada.id }
  t:equal(t.state.strokes, {})
  ada:send { type = "clear" }
  ada:expect_error("rate_limited", { retry_after_ms = gavel.any })
  t:read()
  t:advance "10s"
  ada:send { type = "clear" }
  ada:expect { type = "cleared" }
end)

local small = gavel.test("draw.lua", { params = { strokes = 2, points = 1000 } })

small("of a full board the oldest strokes go", function(t)
  local ada = t:join("Ada")
  for _ = 1, 3 do ada:send(stroke()) end
  ada:expect { type = "stroke", id = 3 }
  ada:expect { type = "removed", ids = { 1 } }
  t:equal({ #t.state.strokes, t.state.points }, { 2, 8 })
end)
