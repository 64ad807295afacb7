local test = gavel.test("quiz.lua")

-- A host and two who answer; everyone has read all.
local function three(t)
  local host, bo, cy = t:join("Host"), t:join("Bo"), t:join("Cy")
  t:read()
  return host, bo, cy
end

local question = { type = "ask", question = "2 + 2?", choices = { "3", "4", "5" }, right = 2, seconds = 20 }

test("the first to come is the host", function(t)
  local host = t:join("Host")
  local bo = t:join("Bo")
  t:equal(bo.joined.host, host.id)
  bo:expect { type = "snapshot", host = host.id, question = gavel.absent }
  bo:send(question)
  bo:expect_error("not_host")
end)

test("a question goes to everyone, and does not say what is right", function(t)
  local host, bo, cy = three(t)
  host:send(question)
  t:expect_all { type = "question", number = 1, question = "2 + 2?", choices = { "3", "4", "5" }, right = gavel.absent }
  host:send(question)
  host:expect_error("not_now")
end)

test("the faster the answer, the more points", function(t)
  local host, bo, cy = three(t)
  host:send(question)
  t:equal(bo:ask { type = "answer", choice = 2 }.choice, 2)
  t:expect_all { type = "answered", count = 1, of = 2 }
  t:advance "10s"
  cy:send { type = "answer", choice = 2 }
  t:expect_all {
    type = "result", right = 2, answers = { 0, 2, 0 },
    scores = { { id = bo.id, points = 100 }, { id = cy.id, points = 75 }, { id = host.id, points = 0 } },
  }
end)

test("a question is over when its time is up", function(t)
  local host, bo = three(t)
  host:send { type = "ask", question = "Who?", choices = { "I", "you" }, right = 1 }
  t:advance "19s"
  bo:expect_none { type = "result" }
  t:advance "1s"
  bo:expect { type = "result", answers = { 0, 0 } }
end)

test("the host need not wait", function(t)
  local host, bo, cy = three(t)
  host:send { type = "reveal" }
  host:expect_error("not_now")
  host:send(question)
  bo:send { type = "answer", choice = 1 }
  bo:send { type = "reveal" }
  bo:expect_error("not_host")
  host:send { type = "reveal" }
  t:expect_all { type = "result", answers = { 1, 0, 0 }, scores = { { points = 0 }, { points = 0 }, { points = 0 } } }
end)

test("what cannot be answered", function(t)
  local host, bo = three(t)
  bo:send { type = "answer", choice = 1 }
  bo:expect_error("not_now")
  host:send { type = "ask", question = "?", choices = { "a", "b" }, right = 3 }
  host:expect_error("no_such_choice")
  host:send(question)
  host:send { type = "answer", choice = 2 }
  host:expect_error("host")
  bo:send { type = "answer", choice = 4 }
  bo:expect_error("no_such_choice")
  bo:send { type = "answer", choice = 3 }
  bo:send { type = "answer", choice = 2 }
  bo:expect_error("answered")
end)

test("the host can be another one", function(t)
  local host, bo, cy = three(t)
  host:send { type = "hand_over", to = host.id }
  host:expect_error("no_such_client")
  host:send { type = "hand_over", to = cy.id }
  t:expect_all { type = "host", id = cy.id }
  t:equal(t.state.host, cy.id)
end)

test("the end shows the best first, and the next quiz begins at nothing", function(t)
  local host, bo, cy = three(t)
  host:send(question)
  cy:send { type = "answer", choice = 2 }
  bo:send { type = "answer", choice = 1 }
  host:send { type = "finish" }
  bo:expect { type = "final", scores = { { name = "Cy" }, { name = "Host" }, { name = "Bo" } } }
  t:equal(t.state.points, { 0, 0, 0 })
end)

test("where the host leaves in the middle, the next one takes over and does not answer", function(t)
  local host, bo, cy = three(t)
  host:send(question)
  bo:send { type = "answer", choice = 2 }
  host:leave()
  cy:expect { type = "host", id = bo.id }
  cy:expect { type = "answered", count = 0, of = 1 }
  cy:leave()
  bo:expect { type = "result" }
  bo:leave()
  assert(t.state.host == nil)
end)

test("who comes late sees the question", function(t)
  local host, bo = three(t)
  host:send(question)
  t:advance "5s"
  t:join("Late"):expect { type = "snapshot", question = "2 + 2?", answered = false, left_ms = 15000 }
end)
