import { $, el, start } from "./play.js";

const lines = [[0, 1, 2], [3, 4, 5], [6, 7, 8], [0, 3, 6], [1, 4, 7], [2, 5, 8], [0, 4, 8], [2, 4, 6]];
const game = start({ room: "tictactoe-1" });
const { gavel } = game;
const state = { board: Array(9).fill(0), seats: [], turn: null, result: null, last: -1, pending: -1, away: new Set() };

const cells = state.board.map((_, index) => {
  const cell = el("button", { class: "cell", onclick: () => play(index) });
  $("#board").append(cell);
  return cell;
});

async function play(index) {
  if (state.pending >= 0) return;
  state.pending = index;
  show();
  await game.ask({ type: "move", cell: index + 1 });
  state.pending = -1;
  show();
}

$("#again").addEventListener("click", () => game.ask({ type: "again" }));

const markOf = (id) => ["X", "O"][state.seats.indexOf(id)] ?? "";
const won = () => lines.find(([a, b, c]) => state.board[a] && state.board[a] === state.board[b] && state.board[a] === state.board[c]);

function headline() {
  const { turn, result, seats } = state;
  if (!gavel.room) return "You are not in the room.";
  if (state.pending >= 0 && gavel.state !== "online") return "Your move is sent when you are back";
  if (turn) return turn === gavel.id ? "Your turn" : `${game.name(turn)} to move`;
  if (result || won()) {
    const reasons = { line: "three in a row", walkover: "the other one left", time: "the time was up" };
    const { winner, reason } = result ?? { winner: state.board[won()[0]], reason: "line" };
    if (!winner) return "A draw";
    return `${winner === gavel.id ? "You win" : `${game.name(winner)} wins`}: ${reasons[reason]}`;
  }
  return seats.length < 2 ? "Waiting for a second player. Open this page in another tab." : "Waiting for the game to begin";
}

function show() {
  const line = state.turn ? undefined : won();
  cells.forEach((cell, index) => {
    const owner = state.board[index];
    const isPending = index === state.pending && !owner;
    const mark = owner ? markOf(owner) : isPending ? markOf(gavel.id) : "";
    cell.textContent = mark;
    cell.className = `cell ${mark.toLowerCase()}`;
    cell.classList.toggle("pending", isPending);
    cell.classList.toggle("line", line?.includes(index) ?? false);
    cell.classList.toggle("last", index === state.last);
    // What is allowed the rules know best: they say so to who is too early, or takes a cell that is taken.
    cell.disabled = !state.turn;
    cell.setAttribute("aria-disabled", Boolean(owner) || state.turn !== gavel.id);
    cell.setAttribute("aria-label", `Row ${Math.floor(index / 3) + 1}, column ${(index % 3) + 1}: ${mark || "empty"}`);
  });
  for (const seat of [1, 2]) {
    const id = state.seats[seat - 1];
    const box = $(`#seat-${seat}`);
    box.classList.toggle("turn", id !== undefined && id === state.turn);
    box.replaceChildren(
      el("div", { class: "mark" }, seat === 1 ? "X" : "O"),
      el("div", {}, id === undefined ? "nobody yet" : game.name(id)),
      state.away.has(id) ? el("span", { class: "tag" }, "reconnecting…") : "",
    );
  }
  $("#headline").textContent = headline();
  $("#again").hidden = state.turn !== null || state.seats.length < 2 || !state.seats.includes(gavel.id);
}

game.tagOf = (id) => markOf(id) || "watching";
game.onPeople = show;

function take({ board, seats, turn }) {
  Object.assign(state, { board, seats, turn: turn ?? null });
  state.away.clear();
}

gavel.on("gavel.state", show);
gavel.on("joined", (message) => {
  if (message.board) {
    take(message);
    Object.assign(state, { result: null, last: -1 });
  }
  show();
});
gavel.on("board", (message) => {
  take(message);
  show();
});
gavel.on("start", (message) => {
  take(message);
  Object.assign(state, { result: null, last: -1 });
  game.note(message.turn === gavel.id ? "A new game: you begin." : `A new game: ${game.name(message.turn)} begins.`);
  game.showPeople();
});
gavel.on("move", ({ cell, client_id }) => {
  state.board[cell - 1] = client_id;
  state.last = cell - 1;
  state.turn = state.seats.find((id) => id !== client_id) ?? null;
  show();
});
gavel.on("over", ({ winner, reason }) => {
  state.turn = null;
  state.result = { winner, reason };
  show();
  game.note(`${headline()}.`);
});
gavel.on("away", ({ player }) => {
  state.away.add(player);
  game.note(`${game.name(player)} lost the connection.`);
  show();
});
gavel.on("back", ({ player }) => {
  state.away.delete(player);
  game.note(`${game.name(player)} is back.`);
  show();
});
gavel.on("client_left", ({ client_id }) => {
  state.seats = state.seats.filter((id) => id !== client_id);
  game.showPeople();
});
show();
