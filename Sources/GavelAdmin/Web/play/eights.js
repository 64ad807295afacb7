import { $, el, start } from "./play.js";

const suits = { C: ["♣", "clubs"], D: ["♦", "diamonds"], H: ["♥", "hearts"], S: ["♠", "spades"] };
const ranks = { T: "10", J: "jack", Q: "queen", K: "king", A: "ace" };
const game = start({ room: "eights-1" });
const { gavel } = game;
const state = { players: [], hand: null, turn: null, top: null, suit: null, result: null, eight: null };

const spoken = (card) => `${ranks[card[0]] ?? card[0]} of ${suits[card[1]][1]}`;
const isPlayable = (card) => card[0] === "8" || card[0] === state.top?.[0] || card[1] === state.suit;

/** A card, to look at or, as a button, to play. */
function face(card, name = "div", { extra = "", ...attributes } = {}) {
  const color = "DH".includes(card[1]) ? "red" : "";
  return el(
    name,
    { class: `playing-card ${color} ${extra}`, "aria-label": spoken(card), role: name === "div" && "img", ...attributes },
    card[0] === "T" ? "10" : card[0],
    el("span", { class: "suit", "aria-hidden": "true" }, `${suits[card[1]][0]}\uFE0E`),
  );
}

async function play(card, suit) {
  if (card[0] === "8" && !suit && state.hand.length > 1) {
    state.eight = card;
    show();
    return $("#suits button").focus();
  }
  state.eight = null;
  const reply = await game.ask({ type: "play", card, ...(suit && { suit }) });
  if (reply) state.hand = state.hand?.filter((other) => other !== card) ?? null;
  show();
}

$("#suits").append(el("span", { class: "soft" }, "Which suit shall be next?"), ...Object.entries(suits).map(([suit, [sign, word]]) =>
  el("button", { onclick: () => play(state.eight, suit), "aria-label": word }, `${sign}\uFE0E`)));
$("#start").addEventListener("click", () => game.ask({ type: "start" }));
$("#draw").addEventListener("click", async () => {
  const reply = await game.ask({ type: "draw" });
  if (reply?.card && state.hand && !state.hand.includes(reply.card)) state.hand.push(reply.card);
  if (reply) game.note(reply.card ? `You drew the ${spoken(reply.card)}.` : "There was no card to draw.");
  show();
});

function headline() {
  const { turn, result } = state;
  if (!gavel.room) return "You are not in the room.";
  if (turn) return turn === gavel.id ? "Your turn: play a card, or draw one" : `${game.name(turn)} to play`;
  if (result) {
    if (result.reason === "stuck") return "Nobody can play any more";
    const who = result.winner === gavel.id ? "You win" : `${game.name(result.winner)} wins`;
    return result.reason === "walkover" ? `${who}: all others left` : who;
  }
  return "Two to six can play. Deal when all are there.";
}

function show() {
  const isMine = state.turn === gavel.id;
  $("#headline").textContent = headline();
  $("#players").replaceChildren(...state.players.map(({ id, cards }) =>
    el("li", { class: id === state.turn ? "turn" : "" }, `${game.name(id)}: ${cards} ${cards === 1 ? "card" : "cards"}`)));
  $("#felt").replaceChildren(...(state.top && state.turn
    ? [el("div", { class: "playing-card back", role: "img", "aria-label": "The deck" }), face(state.top),
      state.top[0] === "8" ? el("span", {}, "Next: ", el("strong", {}, suits[state.suit][1])) : ""]
    : [el("span", { class: "soft" }, "No game is being played.")]));
  const hadFocus = $("#hand").contains(document.activeElement);
  $("#hand").replaceChildren(...(state.turn && state.hand ? state.hand.map((card) => face(card, "button", {
    onclick: () => play(card), disabled: !isMine, extra: isMine && isPlayable(card) ? "playable" : "",
  })) : []));
  if (hadFocus) $("#hand button:not(:disabled)")?.focus();
  $("#suits").hidden = !state.eight || !isMine;
  $("#draw").hidden = !isMine;
  $("#start").hidden = Boolean(state.turn) || !gavel.room;
  $("#start").textContent = state.result ? "Deal again" : "Deal";
}

const setCards = (id, cards) => {
  const player = state.players.find((one) => one.id === id);
  if (player) player.cards = cards;
};

game.onPeople = show;
gavel.on("joined", show);
gavel.on("left", () => {
  Object.assign(state, { players: [], hand: null, turn: null, result: null });
  show();
});
gavel.on("snapshot", ({ players, hand, turn, top, suit }) => {
  if (turn && !state.turn) game.note("The cards are dealt.");
  Object.assign(state, { players, hand: hand ?? null, turn: turn ?? null, top, suit, eight: null });
  if (turn) state.result = null;
  show();
});
gavel.on("played", ({ player, card, suit, left, turn }) => {
  Object.assign(state, { top: card, suit, turn });
  if (player === gavel.id) state.hand = state.hand?.filter((other) => other !== card) ?? null;
  setCards(player, left);
  game.note(`${game.name(player)} played the ${spoken(card)}${card[0] === "8" ? `, and wants ${suits[suit][1]}` : ""}.`);
  show();
});
gavel.on("drew", ({ player, left, turn }) => {
  state.turn = turn;
  setCards(player, left);
  if (player !== gavel.id) game.note(`${game.name(player)} drew a card.`);
  show();
});
gavel.on("gone", ({ player, turn }) => {
  state.turn = turn ?? null;
  state.players = state.players.filter(({ id }) => id !== player);
  show();
});
gavel.on("over", ({ winner, reason }) => {
  Object.assign(state, { turn: null, result: { winner, reason }, eight: null });
  show();
  game.note(`${headline()}.`);
});
show();
