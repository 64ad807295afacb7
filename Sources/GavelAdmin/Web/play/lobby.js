// A lobby, and the tables that it takes its people to: one connection all the while.
import { $, start } from "./play.js";
import { tableView } from "./rps-view.js";

const game = start({ room: "lobby-1" });
const { gavel } = game;
const table = tableView(game);
game.onPeople = table.show;
let isQueued = false;
let counts = {};
let played = 0;

function show() {
  const isHere = gavel.room === null || gavel.room.startsWith("lobby-");
  $("#lobby").hidden = !isHere;
  $("#rps").hidden = isHere;
  $("#lobby-headline").textContent = isQueued ? "Looking for an opponent…" : "Ready to play?";
  $("#queue .primary").hidden = isQueued;
  $("#rank").disabled = isQueued;
  $("#cancel").hidden = !isQueued;
  const waiting = Object.entries(counts).map(([mode, count]) => `${count} ${count === 1 ? "waits" : "wait"} for ${mode}`).join(", ");
  $("#lobby-counts").textContent = [waiting, `${played} played so far`].filter(Boolean).join(" · ");
}

$("#queue").addEventListener("submit", async (event) => {
  event.preventDefault();
  const reply = await game.ask({ type: "queue", mode: "rps", rank: Number($("#rank").value) });
  if (!reply || !gavel.room?.startsWith("lobby-")) return;
  isQueued = true;
  counts.rps = reply.waiting;
  show();
});
$("#cancel").addEventListener("click", async () => {
  if (await game.ask({ type: "cancel" })) isQueued = false;
  show();
});

gavel.on("snapshot", ({ waiting, played: count }) => {
  if (waiting) [counts, played] = [waiting, count];
  show();
});
gavel.on("result", ({ winner, reason }) => {
  played++;
  game.note(winner ? `${winner} won a game${reason === "walkover" ? ": the other one left" : ""}.` : "A game ended without a winner.");
  show();
});
gavel.on("left", ({ reason }) => {
  isQueued = false;
  if (reason === "moved") game.note("On the way to another room…");
  show();
});
gavel.on("joined", ({ room, recovered }) => {
  if (recovered === undefined) game.note(room.startsWith("lobby-") ? "You are in the lobby." : "You sit at a table of your own.");
  if (recovered === undefined || recovered === false) isQueued = false;
  show();
});
show();
