local test = gavel.test("chat.lua", { params = { flood = 3, longest = 20, welcome = "Hello." } })

local function two(t)
  local ada, bo = t:join("Ada"), t:join("Bo")
  t:read()
  return ada, bo
end

test("the first to come moderates, and a newcomer is told who is there", function(t)
  local ada = t:join("Ada")
  local bo = t:join("Bo")
  t:equal(bo.joined.moderator, ada.id)
  t:equal(bo.joined.who, { { id = 1, nick = "Ada" }, { id = 2, nick = "Bo" } })
  t:equal(bo.joined.welcome, "Hello.")
  ada:expect { type = "came", id = bo.id, nick = "Bo" }
  t:equal(bo:ask { type = "who" }.moderator, ada.id)
end)

test("names are unique, whoever has none is a guest", function(t)
  t:join("Ada")
  t:equal(t:join("ada").joined.nick, "ada2")
  t:equal(t:join().joined.nick, "guest")
  t:equal(t:join("  a name that is much too long  ").joined.nick, "a name that is much too ")
end)

test("a line is relayed tidied, with the name", function(t)
  local ada, bo = two(t)
  ada:send { type = "say", text = "  hello there  " }
  t:expect_all { type = "say", text = "hello there", nick = "Ada", client_id = ada.id }
  ada:send { type = "say", text = ("ä"):rep(30) }
  bo:expect { type = "say", text = ("ä"):rep(20) }
  ada:send { type = "say", text = "   " }
  ada:expect_error("empty")
  bo:send { type = "me", text = "waves" }
  t:expect_all { type = "emote", nick = "Bo", text = "waves" }
end)

test("a name can be changed to one that is free", function(t)
  local ada, bo = two(t)
  bo:send { type = "nick", name = "ADA" }
  bo:expect_error("taken", { nick = "ADA" })
  bo:send { type = "nick", name = " " }
  bo:expect_error("empty")
  t:equal(bo:ask { type = "nick", name = "Grace" }.nick, "Grace")
  t:expect_all { type = "renamed", from = "Bo", to = "Grace" }
  t:equal(bo.data.nick, "Grace")
end)

test("who floods is muted for a while", function(t)
  local ada, bo = two(t)
  for i = 1, 4 do bo:send { type = "say", text = "line " .. i } end
  bo:expect { type = "muted", seconds = 15 }
  ada:expect { type = "say", text = "line 3" }
  ada:expect_none { type = "say" }
  bo:send { type = "me", text = "shouts" }
  bo:expect { type = "muted" }
  t:advance "15s"
  bo:send { type = "say", text = "sorry" }
  ada:expect { type = "say", text = "sorry" }
end)

test("the moderator mutes and slows down, and nobody else does", function(t)
  local ada, bo = two(t)
  bo:send { type = "slow", seconds = 10 }
  bo:expect_error("not_moderator")
  ada:send { type = "mute", id = bo.id, seconds = 60 }
  bo:expect { type = "muted", seconds = 60 }
  bo:send { type = "say", text = "hello" }
  bo:expect { type = "muted", seconds = 60 }
  ada:send { type = "mute", id = 9, seconds = 60 }
  ada:expect_error("no_such_client")
  ada:send { type = "slow", seconds = 10 }
  t:expect_all { type = "slow", seconds = 10 }
  t:advance "60s"
  bo:send { type = "say", text = "one" }
  bo:send { type = "say", text = "two" }
  bo:expect { type = "muted", seconds = 10 }
end)

test("who is kicked is out, and the others hear of it", function(t)
  local ada, bo = two(t)
  ada:send { type = "kick", id = bo.id, reason = "Enough." }
  bo:expect { type = "left", reason = "kicked", message = "Enough." }
  bo:expect_closed(4502)
  ada:expect { type = "went", id = bo.id, nick = "Bo", reason = "kicked" }
end)

test("a locked room takes nobody", function(t)
  local ada, bo = two(t)
  ada:send { type = "lock" }
  t:expect_all { type = "locked", locked = true }
  t:try_join("Eve"):expect_error("locked")
  ada:send { type = "unlock" }
  t:join("Eve")
end)

test("where the moderator leaves, who has been there longest is the next", function(t)
  local ada, bo = two(t)
  ada:send { type = "lock" }
  ada:leave()
  bo:expect { type = "went", id = ada.id, moderator = bo.id }
  bo:leave()
  t:equal(t:join("Cy").joined.moderator, 3)
end)
