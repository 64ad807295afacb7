import { $, el, start } from "./play.js";

const game = start({ room: "draw-1" });
const { gavel } = game;
const canvas = $("#canvas");
const context = canvas.getContext("2d");
const colors = {
  "#e6194b": "red", "#3cb44b": "green", "#4363d8": "blue", "#f58231": "orange", "#911eb4": "purple", "#008080": "teal",
  "#9a6324": "brown", "#1d1f24": "black",
};
let strokes = []; // { id, by, points, color, width }, the oldest first
let color = "#1d1f24";
let current = null; // the points of the stroke under way
let waiting = []; // strokes that the room has not answered yet
const cursors = new Map();

const swatches = Object.entries(colors).map(([value, name]) => {
  const swatch = el("button", { class: "swatch", "aria-label": name, onclick: () => choose(value) });
  swatch.style.background = value;
  $("#colors").append(swatch);
  return { swatch, value };
});
function choose(value) {
  color = value;
  for (const { swatch, value: other } of swatches) swatch.setAttribute("aria-pressed", other === value);
}
choose(color);

function trace({ points, color, width }) {
  context.strokeStyle = context.fillStyle = color;
  context.lineWidth = width * 1.5;
  context.lineCap = context.lineJoin = "round";
  context.beginPath();
  context.moveTo(points[0] * canvas.width, points[1] * canvas.height);
  for (let i = 2; i < points.length; i += 2) context.lineTo(points[i] * canvas.width, points[i + 1] * canvas.height);
  if (points.length === 2) context.lineTo(points[0] * canvas.width + 0.1, points[1] * canvas.height);
  context.stroke();
}

function paint() {
  context.clearRect(0, 0, canvas.width, canvas.height);
  for (const stroke of strokes) trace(stroke);
  context.globalAlpha = 0.4;
  for (const stroke of waiting) trace(stroke);
  context.globalAlpha = 1;
  if (current) trace({ points: current, color, width: Number($("#width").value) });
  if (pen.isShown) {
    context.strokeStyle = "#2b5fd9";
    context.lineWidth = 3;
    context.beginPath();
    context.arc(pen.x * canvas.width, pen.y * canvas.height, pen.isDown ? 6 : 14, 0, 7);
    context.stroke();
  }
}

const round = (value) => Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000;

async function finish() {
  const points = current;
  current = null;
  if (!points) return;
  const stroke = { points, color, width: Number($("#width").value) };
  waiting.push(stroke);
  paint();
  await game.ask({ type: "stroke", ...stroke });
  waiting = waiting.filter((other) => other !== stroke);
  paint();
}

function extend(x, y) {
  if (!current) return;
  current.push(x, y);
  // As many as a message may have; the line goes on in another.
  if (current.length >= 1000) {
    finish();
    current = [x, y];
  }
  paint();
}

let pointed = null;
/** Tells where the pen is, twenty times a second at most, and in the end where it stopped. */
function point(x, y) {
  if (!pointed) {
    setTimeout(() => {
      const { x, y } = pointed;
      pointed = null;
      if (gavel.room !== null && gavel.state !== "closed") gavel.send({ type: "cursor", x, y }, { latest: "cursor" });
    }, 50);
  }
  pointed = { x, y };
}

const placeOf = (event) => {
  const box = canvas.getBoundingClientRect();
  return [round((event.clientX - box.left) / box.width), round((event.clientY - box.top) / box.height)];
};
canvas.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  canvas.setPointerCapture(event.pointerId);
  pen.isShown = false;
  current = placeOf(event);
  paint();
});
canvas.addEventListener("pointermove", (event) => {
  const [x, y] = placeOf(event);
  extend(x, y);
  point(x, y);
});
canvas.addEventListener("pointerup", finish);
canvas.addEventListener("pointercancel", finish);

// With the keyboard: arrows move the pen, space sets it down and lifts it.
const pen = { x: 0.5, y: 0.5, isDown: false, isShown: false };
canvas.addEventListener("keydown", (event) => {
  const step = event.shiftKey ? 0.05 : 0.01;
  const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
  if (event.key === " ") {
    pen.isDown = !pen.isDown;
    if (pen.isDown) current = [pen.x, pen.y];
    else finish();
  } else if (moves[event.key]) {
    pen.x = round(pen.x + moves[event.key][0]);
    pen.y = round(pen.y + moves[event.key][1]);
    if (pen.isDown) extend(pen.x, pen.y);
    point(pen.x, pen.y);
  } else return;
  event.preventDefault();
  pen.isShown = true;
  paint();
});
canvas.addEventListener("blur", () => {
  if (pen.isDown) finish();
  pen.isDown = pen.isShown = false;
  paint();
});

$("#undo").addEventListener("click", () => game.ask({ type: "undo" }));
$("#clear").addEventListener("click", () => game.ask({ type: "clear" }));

function forgetCursor(id) {
  cursors.get(id)?.remove();
  cursors.delete(id);
}

gavel.on("joined", ({ color: given, recovered }) => {
  if (given) choose(colors[given] ? given : color);
  if (!recovered) for (const id of [...cursors.keys()]) forgetCursor(id);
});
gavel.on("snapshot", (message) => {
  strokes = message.strokes;
  paint();
});
gavel.on("stroke", ({ id, by, points, color, width }) => {
  strokes.push({ id, by, points, color, width });
  paint();
});
gavel.on("removed", ({ ids }) => {
  strokes = strokes.filter(({ id }) => !ids.includes(id));
  paint();
});
gavel.on("cleared", ({ by }) => {
  strokes = [];
  game.note(`${game.name(by)} cleared the board.`);
  paint();
});
gavel.on("cursor", ({ client_id, x, y }) => {
  if (client_id === gavel.id) return;
  let cursor = cursors.get(client_id);
  if (!cursor) {
    cursor = el("span", {}, game.name(client_id));
    const shades = Object.keys(colors);
    cursor.style.background = shades[(client_id - 1) % (shades.length - 1)];
    $("#cursors").append(cursor);
    cursors.set(client_id, cursor);
  }
  cursor.style.left = `${x * 100}%`;
  cursor.style.top = `${y * 100}%`;
});
gavel.on("client_left", ({ client_id }) => forgetCursor(client_id));
