-- For games that a lobby sends players to (see lobby.lua): tells the lobby how a game ended, and sends everyone back.
--
--   local match = require "lib.match"
--   match.joined(room, request)       in commands.join
--   match.started(room)               when a game begins
--   match.over(room, result)          when it ends; result: a table for the lobby's rules.signals.over

local rules = gavel.rules()
local match = {}

function match.joined(room, request)
  local moved = request.moved
  if not moved or not moved.lobby or room.state.lobby then return end
  room.state.lobby = moved.lobby
  room:after("20s", "match_back")    -- in case the others do not come
end

function match.started(room) room:cancel("match_back") end

function match.over(room, result)
  if not room.state.lobby then return end
  gavel.signal(room.state.lobby, "over", result)
  room:after("15s", "match_back")    -- time to look, or to play again
end

function rules.timers.match_back(room) room:move(room.clients, room.state.lobby) end

return match
