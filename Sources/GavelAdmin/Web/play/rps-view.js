// Rock, paper, scissors: the view of a table, for its own page and for the lobby's.
import { $, el, makeClock } from "./play.js";

const beats = { rock: "scissors", paper: "rock", scissors: "paper" };
const pictures = {
  rock: '<path d="M14 42 8 30l6-14 16-6 18 6 8 16-6 14-18 6z"/><path d="m20 22 10-4 10 4" fill="none"/>',
  paper: '<path d="M14 6h26l10 10v42H14z"/><path d="M40 6v10h10M22 26h20M22 36h20M22 46h12" fill="none"/>',
  scissors: '<circle cx="16" cy="48" r="8"/><circle cx="48" cy="48" r="8"/><path d="M21 42 46 8M43 42 18 8" fill="none"/>',
  none: '<path d="M22 22q2-12 12-10 12 3 6 14-8 6-8 14M32 50v2" fill="none"/>',
};

/** A picture of a hand. */
export function picture(hand) {
  const svg = new DOMParser().parseFromString(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" class="picture" aria-hidden="true">${pictures[hand]}</svg>`,
    "image/svg+xml",
  );
  return document.importNode(svg.documentElement, true);
}

/** Shows the table that `game`, of play.js, is at. */
export function tableView(game) {
  const { gavel } = game;
  const clock = makeClock($("#clock"));
  const blank = () => ({
    phase: "waiting", seats: [], score: [0, 0], round: 0, chosen: [], hand: null, shown: null, over: null,
  });
  let state = blank();

  const buttons = Object.keys(beats).map((hand) => el("button", {
    class: "hand",
    onclick: async () => {
      const reply = await game.ask({ type: "choose", hand });
      if (reply) state.hand = reply.hand;
      show();
    },
  }, picture(hand), hand[0].toUpperCase() + hand.slice(1)));
  $("#hands").append(...buttons);
  $("#again").addEventListener("click", () => game.ask({ type: "again" }));
  $("#sit").addEventListener("click", async () => {
    const reply = await game.ask({ type: "sit" });
    if (reply && !state.seats.includes(gavel.id)) state.seats.push(gavel.id);
    show();
  });

  const isSeated = () => state.seats.includes(gavel.id);

  function headline() {
    const { phase, seats, shown, over } = state;
    if (phase === "waiting" || (phase === "over" && !over && seats.length < 2)) {
      return "Waiting for a second player. Open this page in another tab.";
    }
    if (phase === "choosing") {
      if (!isSeated()) return `Round ${state.round}: they choose`;
      return state.hand ? "Chosen. Waiting for the other one" : `Round ${state.round}: choose`;
    }
    if (phase === "over" && over) {
      if (over.reason === "idle") return "Nobody chose. The game is over";
      const who = over.winner === gavel.id ? "You win the game" : `${game.name(over.winner)} wins the game`;
      return over.reason === "walkover" ? `${who}: the other one left` : who;
    }
    if (phase === "over") return "The game is over";
    if (!shown) return "The next round comes";
    if (!shown.winner) return "A draw";
    return shown.winner === gavel.id ? "The round is yours" : `The round goes to ${game.name(shown.winner)}`;
  }

  function show() {
    $("#headline").textContent = headline();
    const mayChoose = state.phase === "choosing" && isSeated() && !state.hand;
    for (const button of buttons) {
      const hand = button.textContent.toLowerCase();
      button.disabled = !mayChoose;
      button.setAttribute("aria-pressed", state.hand === hand);
    }
    const sides = [0, 1].map((seat) => {
      const id = state.seats[seat];
      const hand = state.shown?.hands[seat];
      const hasChosen = state.chosen.includes(id) || (id === gavel.id && state.hand);
      const doing = hasChosen ? "has chosen" : state.phase === "choosing" ? "is choosing" : " ";
      const text = hand ? (hand === "none" ? "out of time" : hand) : doing;
      return el("div", { class: hand && state.shown.winner === id ? "won" : "" },
        el("strong", {}, id === undefined ? "nobody yet" : game.name(id)),
        hand ? picture(hand) : "", el("span", { class: "small soft" }, text));
    });
    const score = el("span", { class: "score", "aria-label": "Score" }, state.score.join(" : "));
    $("#shown").replaceChildren(sides[0], score, sides[1]);
    $("#again").hidden = !(state.phase === "over" && state.seats.length === 2 && isSeated());
    $("#sit").hidden = isSeated() || state.seats.length >= 2 || !gavel.room;
  }

  gavel.on("joined", ({ seats, recovered }) => {
    if (recovered === undefined || recovered === false) state = blank();
    if (seats) state.seats = seats;
    show();
  });
  gavel.on("left", () => {
    clock.stop();
    state = blank();
    show();
  });
  gavel.on("snapshot", (message) => {
    if (message.phase === undefined) return;
    const { phase, seats, score, round, chosen, hand, left_ms } = message;
    Object.assign(state, { phase, seats, score, round, chosen, hand: hand ?? null });
    if (left_ms) clock.run(left_ms, 20_000);
    show();
  });
  gavel.on("round", ({ round, seconds }) => {
    Object.assign(state, { phase: "choosing", round, hand: null, chosen: [], shown: null, over: null });
    if (round === 1) state.score = [0, 0];
    clock.run(seconds * 1000);
    show();
  });
  gavel.on("chosen", ({ player }) => {
    state.chosen.push(player);
    show();
  });
  gavel.on("shown", ({ round, hands, winner, score }) => {
    Object.assign(state, { phase: "pause", shown: { hands, winner }, score, hand: null, chosen: [] });
    clock.stop();
    const outcome = !winner ? "a draw" : winner === gavel.id ? "you win" : `${game.name(winner)} wins`;
    game.note(`Round ${round}: ${hands.join(" against ")}, ${outcome}.`);
    show();
  });
  gavel.on("over", ({ winner, reason, score }) => {
    if (!score) return;
    Object.assign(state, { phase: "over", over: { winner, reason }, score });
    clock.stop();
    show();
    game.note(`${headline()}.`);
  });
  gavel.on("client_left", ({ client_id }) => {
    state.seats = state.seats.filter((id) => id !== client_id);
    show();
  });
  gavel.on("client_joined", ({ client_id }) => {
    const isFree = state.phase === "waiting" || state.phase === "over";
    if (isFree && state.seats.length < 2 && !state.seats.includes(client_id)) state.seats.push(client_id);
    show();
  });
  show();
  return { show };
}
