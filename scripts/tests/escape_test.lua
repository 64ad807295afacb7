local test = gavel.test("escape.lua", {
  params = { minutes = 10, wrong = 10, hint = 60, codes = { "4711", "OWL" }, clues = { "The coin", "Who looks down?" } },
})

local function playing(t)
  local ada, bo = t:join("Ada"), t:join("Bo")
  ada:send { type = "start" }
  t:read()
  return ada, bo
end

test("the clock starts, and the codes are not shown", function(t)
  local ada = t:join("Ada")
  ada:expect { type = "snapshot", phase = "waiting", locks = {} }
  ada:send { type = "start" }
  ada:expect {
    type = "started", left_ms = 600000,
    locks = { { clue = "The coin", shown = "____", open = false }, { clue = "Who looks down?", shown = "___" } },
  }
  ada:send { type = "start" }
  ada:expect_error("not_now")
end)

test("a wrong code costs time, and tells how much of it is right", function(t)
  local ada, bo = playing(t)
  bo:send { type = "try", lock = 1, code = "4712" }
  t:expect_all { type = "tried", by = bo.id, lock = 1, code = "4712", right = 3, left_ms = 590000 }
end)

test("all locks open: they have escaped", function(t)
  local ada, bo = playing(t)
  t:advance "1m"
  ada:send { type = "try", lock = 1, code = "4711" }
  t:expect_all { type = "opened", by = ada.id, lock = 1, code = "4711", left_ms = 540000 }
  ada:send { type = "try", lock = 1, code = "4711" }
  ada:expect_error("open")
  t:join("Late"):expect { type = "snapshot", phase = "playing", locks = { { shown = "4711", open = true }, { open = false } } }
  bo:send { type = "try", lock = 2, code = "owl" }
  t:expect_all { type = "escaped", left_ms = 540000 }
  t:advance "10m"
  bo:expect_none { type = "caught" }
end)

test("out of time they are caught, and can play again", function(t)
  local ada, bo = playing(t)
  t:advance "10m"
  t:expect_all { type = "caught" }
  bo:send { type = "try", lock = 1, code = "4711" }
  bo:expect_error("not_now")
  bo:send { type = "start" }
  t:expect_all { type = "started" }
end)

test("the last wrong code ends it at once", function(t)
  local ada = playing(t)
  t:advance "595s"
  ada:send { type = "try", lock = 1, code = "0000" }
  ada:expect { type = "tried", right = 0, left_ms = 0 }
  ada:expect { type = "caught" }
end)

test("hints show one letter after the other, but never all", function(t)
  local ada = playing(t)
  ada:send { type = "hint", lock = 2 }
  ada:expect { type = "hint", lock = 2, shown = "O__", left_ms = 540000 }
  ada:send { type = "hint", lock = 2 }
  ada:expect { type = "hint", shown = "OW_" }
  ada:send { type = "hint", lock = 2 }
  ada:expect_error("no_more_hints")
  ada:send { type = "hint", lock = 3 }
  ada:expect_error("no_such_lock")
  t:advance "430s"
  ada:send { type = "hint", lock = 1 }
  ada:expect_error("no_time")
end)

local made_up = gavel.test("escape.lua", { params = { locks = 3 } })

made_up("without codes of its own a room makes some up", function(t)
  local ada = t:join("Ada")
  ada:send { type = "start" }
  local started = ada:expect { type = "started" }
  t:equal(#started.locks, 3)
  for i, lock in ipairs(t.state.locks) do
    t:equal(#lock.code, 4)
    ada:send { type = "try", lock = i, code = lock.code }
  end
  ada:expect { type = "escaped" }
end)
