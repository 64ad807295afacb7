import { $, el, start } from "./play.js";

const game = start({ room: "escape-1" });
const { gavel } = game;
const state = { phase: "waiting", locks: [], end: 0, tries: [] };

$("#start").addEventListener("click", () => game.ask({ type: "start" }));

const headlines = {
  waiting: "Three locks, ten minutes. Start when all are there.",
  playing: "Find the codes!",
  escaped: "All locks are open: you escaped!",
  caught: "The time is up. You are caught.",
};

const clockText = (milliseconds) => {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
};

setInterval(() => { if (state.phase === "playing") $("#left").textContent = clockText(state.end - Date.now()); }, 250);

/** Made once for each lock, so that what somebody types stays. */
const boxes = [];
function boxOf(index) {
  if (boxes[index]) return boxes[index];
  const code = el("input", { "aria-label": `Code of lock ${index + 1}`, maxlength: 32, autocomplete: "off", placeholder: "Code" });
  const hint = el("button", { type: "button", onclick: () => game.ask({ type: "hint", lock: index + 1 }) }, "Hint");
  const form = el("form", { class: "row" }, code, el("button", { class: "primary" }, "Try"), hint);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!code.value) return;
    game.ask({ type: "try", lock: index + 1, code: code.value });
    code.select();
  });
  const parts = {
    title: el("strong"), clue: el("span", { class: "soft small" }), digits: el("span", { class: "digits" }),
    tries: el("div", { class: "tries" }), form,
  };
  const box = el("section", { class: "lock", "aria-label": `Lock ${index + 1}` },
    el("div", { class: "row between" }, el("div", {}, parts.title, el("br"), parts.clue), parts.digits), form, parts.tries);
  return (boxes[index] = { box, ...parts });
}

function show() {
  const { phase, locks } = state;
  $("#headline").textContent = gavel.room ? headlines[phase] : "You are not in the room.";
  $("#left").hidden = phase === "waiting" || phase === "caught";
  $("#locks").replaceChildren(...locks.map((lock, index) => {
    const parts = boxOf(index);
    parts.box.classList.toggle("open", lock.open);
    parts.title.textContent = `Lock ${index + 1}${lock.open ? ": open" : ""}`;
    parts.clue.textContent = lock.clue ? (/^[\d ]+$/.test(lock.clue) ? `Its digits, in order: ${lock.clue}` : lock.clue) : "";
    parts.digits.textContent = lock.shown;
    parts.form.hidden = lock.open || phase !== "playing";
    const tries = state.tries.filter((one) => one.lock === index + 1);
    parts.tries.replaceChildren(...tries.map(({ code, right }) => el("span", { class: "tag" }, `${code}: ${right} right`)));
    return parts.box;
  }));
  $("#start").hidden = phase === "playing" || !gavel.room;
  $("#start").textContent = phase === "waiting" ? "Start the clock" : "Play again";
}

function setLeft(left) {
  if (left === undefined) return;
  state.end = Date.now() + left;
  $("#left").textContent = clockText(left);
}

const who = (id) => game.name(id);
game.onPeople = show;
gavel.on("snapshot", ({ phase, locks, left_ms }) => {
  Object.assign(state, { phase, locks });
  setLeft(left_ms);
  show();
});
gavel.on("started", ({ left_ms, locks }) => {
  Object.assign(state, { phase: "playing", locks, tries: [] });
  setLeft(left_ms);
  game.note("The clock runs.");
  show();
});
gavel.on("tried", ({ by, lock, code, right, left_ms }) => {
  state.tries.push({ lock, code, right });
  setLeft(left_ms);
  game.note(`${who(by)} tried ${code} at lock ${lock}: ${right} right.`);
  show();
});
gavel.on("opened", ({ by, lock, code, left_ms }) => {
  Object.assign(state.locks[lock - 1], { open: true, shown: code });
  setLeft(left_ms);
  game.note(`${who(by)} opened lock ${lock}.`);
  show();
});
gavel.on("hint", ({ by, lock, shown, left_ms }) => {
  state.locks[lock - 1].shown = shown;
  setLeft(left_ms);
  game.note(`${who(by)} took a hint for lock ${lock}.`);
  show();
});
gavel.on("escaped", ({ left_ms }) => {
  state.phase = "escaped";
  setLeft(left_ms);
  game.note("All locks are open.");
  show();
});
gavel.on("caught", () => {
  state.phase = "caught";
  game.note("The time is up.");
  show();
});
gavel.on("joined", show);
show();
