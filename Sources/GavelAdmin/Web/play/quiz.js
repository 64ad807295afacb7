import { $, el, makeClock, start } from "./play.js";

const samples = [
  ["Which planet has the most moons?", ["Jupiter", "Saturn", "Neptune", "Mars"], 2],
  ["How many sides has a dodecagon?", ["10", "11", "12", "20"], 3],
  ["Which of these is a moon?", ["Ceres", "Titan", "Vesta", "Eris"], 2],
  ["Who wrote the first program for a machine?", ["Ada Lovelace", "Alan Turing", "Grace Hopper", "Konrad Zuse"], 1],
  ["What does a gavel call for?", ["Music", "Order", "Dinner", "A taxi"], 2],
  ["Which number is prime?", ["51", "57", "87", "97"], 4],
];
const game = start({ room: "quiz-1", lists: false });
const { gavel } = game;
const clock = makeClock($("#clock"));
const state = {
  host: null, scores: [], open: false, number: 0, question: "", choices: [], mine: null, right: null, counts: null,
  answered: null, final: false,
};
let next = Math.floor(Math.random() * samples.length);

const inputs = [1, 2, 3, 4].map((number) => {
  const text = el("input", { maxlength: 300, required: number <= 2, class: "grow", "aria-label": `Choice ${number}` });
  const right = el("input", { type: "radio", name: "right", value: number, "aria-label": `Choice ${number} is right` });
  $("#options").append(el("div", { class: "row" }, right, text));
  return { text, right };
});
function fill() {
  const [question, choices, right] = samples[next++ % samples.length];
  $("#question").value = question;
  inputs.forEach(({ text, right: radio }, index) => {
    text.value = choices[index];
    radio.checked = index + 1 === right;
  });
}
fill();

$("#sample").addEventListener("click", fill);
$("#ask").addEventListener("submit", async (event) => {
  event.preventDefault();
  const choices = inputs.map(({ text }) => text.value.trim()).filter(Boolean);
  const right = inputs.findIndex(({ right }) => right.checked) + 1;
  if (await game.ask({ type: "ask", question: $("#question").value, choices, right, seconds: 20 })) fill();
});
$("#reveal").addEventListener("click", () => game.ask({ type: "reveal" }));
$("#finish").addEventListener("click", () => game.ask({ type: "finish" }));

async function answer(choice) {
  state.mine = choice;
  show();
  const reply = await game.ask({ type: "answer", choice });
  if (!reply && state.open) state.mine = null;
  show();
}

const isHost = () => state.host === gavel.id;

function headline() {
  if (!gavel.room) return "You are not in the room.";
  if (state.final) {
    const best = state.scores[0];
    if (!(best?.points > 0)) return "The quiz is over";
    return best.id === gavel.id ? "You win the quiz" : `${best.name} wins the quiz`;
  }
  if (state.question) return `${state.number}. ${state.question}`;
  return isHost() ? "You are the host: ask something." : "Waiting for the host's question…";
}

function show() {
  $("#headline").textContent = headline();
  $("#choices").replaceChildren(...state.choices.map((text, index) => {
    const choice = index + 1;
    const isMine = choice === state.mine;
    const count = state.counts && el("span", { class: "tag" }, `${choice === state.right ? "✓ " : ""}${state.counts[index]}×`);
    return el("button", {
      class: `${choice === state.right ? "right" : ""} ${isMine ? "mine" : ""}`, "aria-pressed": isMine ? "true" : null,
      disabled: !state.open || isHost() || state.mine !== null, onclick: () => answer(choice),
    }, el("span", {}, text), count);
  }));
  const told = state.answered && `${state.answered.count} of ${state.answered.of} answered.`;
  const asked = isHost() ? "The others answer." : state.mine ? "Answered. The faster, the more points." : "Choose an answer.";
  $("#count").textContent = state.open ? [asked, told].filter(Boolean).join(" ") : "";
  $("#ask").hidden = !isHost() || state.open;
  $("#reveal").hidden = !isHost() || !state.open;
  $("#scores").replaceChildren(...state.scores.map(({ id, name, points }) => el("li", {},
    el("span", {}, id === gavel.id ? `${name} (you)` : name || `Player ${id}`, " ", id === state.host ? el("span", { class: "tag" }, "host") : ""),
    el("span", { class: "row" },
      isHost() && id !== gavel.id && !state.open
        ? el("button", { class: "little", onclick: () => game.ask({ type: "hand_over", to: id }) }, "Make host")
        : "",
      el("span", { class: "points" }, points)))));
}

gavel.on("joined", ({ host }) => {
  if (host) state.host = host;
  show();
});
gavel.on("snapshot", ({ host, scores, question, number, choices, left_ms, answered }) => {
  Object.assign(state, { host, scores, open: Boolean(question), mine: answered ? state.mine ?? 0 : null });
  for (const { id, name } of scores) game.people.set(id, name);
  if (question) {
    Object.assign(state, { question, number, choices, right: null, counts: null });
    clock.run(left_ms, 20_000);
  } else clock.stop();
  show();
});
gavel.on("question", ({ number, question, choices, seconds }) => {
  Object.assign(state, { number, question, choices, open: true, mine: null, right: null, counts: null, final: false, answered: null });
  clock.run(seconds * 1000);
  show();
});
gavel.on("answered", (message) => {
  state.answered = message;
  show();
});
gavel.on("result", ({ right, answers, scores }) => {
  Object.assign(state, { open: false, right, counts: answers, scores });
  clock.stop();
  const isRight = state.mine === right;
  if (!isHost()) game.tell(isRight ? "Right!" : state.mine ? "Not this time." : "Too late.", isRight ? "good" : "warn");
  game.note(`${state.number}: ${state.choices[right - 1]}.`);
  show();
});
gavel.on("host", ({ id }) => {
  state.host = id;
  game.note(id === gavel.id ? "You are the host now." : `${game.name(id)} is the host now.`);
  show();
});
gavel.on("final", ({ scores }) => {
  Object.assign(state, { scores, final: true, question: "", choices: [], open: false });
  clock.stop();
  show();
});
show();
