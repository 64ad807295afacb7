import { $, el, start } from "./play.js";

const game = start({ room: "chat-lobby", fields: { history: 50 }, logs: false });
const { gavel } = game;
const nicks = new Map();
let moderator = null;
let slow = 0;
let isLocked = false;

function line(content, kind = "", nick = null) {
  const list = $("#lines");
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  const item = el("li", { class: kind }, nick && el("span", { class: "nick" }, nick), content);
  list.append(item);
  while (list.children.length > 300) list.firstChild.remove();
  if (isAtEnd || kind.includes("mine")) list.scrollTop = list.scrollHeight;
  return item;
}
const tell = (text) => line(text, "told");
const isModerator = () => moderator === gavel.id;
const nickOf = (id) => nicks.get(id) ?? `client ${id}`;

const commands = {
  me: (rest) => game.ask({ type: "me", text: rest }),
  nick: (rest) => game.ask({ type: "nick", name: rest }),
};

$("#say").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = $("#text").value.trim();
  if (!text) return;
  $("#text").value = "";
  const [, word, rest] = /^\/(\w+)\s*(.*)$/.exec(text) ?? [];
  if (word) return commands[word] ? commands[word](rest) : game.tell(`There is no /${word}.`, "warn");
  const pending = line(text, "mine pending");
  await game.ask({ type: "say", text });
  pending.remove();
});
$("#slow").addEventListener("click", () => game.ask({ type: "slow", seconds: slow ? 0 : 5 }));
$("#lock").addEventListener("click", () => game.ask({ type: isLocked ? "unlock" : "lock" }));

function showPeople() {
  const list = $(".people");
  list.replaceChildren(...[...nicks].map(([id, nick]) => el("li", { class: id === gavel.id ? "you" : "" },
    el("span", { class: "who" }, nick, id === gavel.id && " (you)"),
    id === moderator && el("span", { class: "tag" }, "moderator"),
    isModerator() && id !== gavel.id && [
      el("button", { class: "little", "aria-label": `Mute ${nick} for a minute`, onclick: () => mute(id, nick) }, "Mute"),
      el("button", { class: "little", "aria-label": `Send ${nick} out`, onclick: () => game.ask({ type: "kick", id }) }, "Kick"),
    ])));
  $("#moderation").hidden = !isModerator();
  $("#slow").setAttribute("aria-pressed", slow > 0);
  $("#lock").setAttribute("aria-pressed", isLocked);
  const modes = [slow > 0 && `Slow mode: one line each in ${slow} seconds.`, isLocked && "The room is locked."];
  $("#mode").textContent = modes.filter(Boolean).join(" ");
}
game.onPeople = showPeople;

async function mute(id, nick) {
  if (await game.ask({ type: "mute", id, seconds: 60 })) tell(`You muted ${nick} for a minute.`);
}

function takeWho({ who, moderator: one }) {
  nicks.clear();
  for (const { id, nick } of who) nicks.set(id, nick);
  moderator = one ?? null;
  showPeople();
}

gavel.on("joined", async (message) => {
  if (message.who) {
    $("#welcome").textContent = message.welcome;
    takeWho(message);
    tell(`You are ${message.nick}.`);
  } else if (!message.recovered) {
    const reply = await game.ask({ type: "who" });
    $("#welcome").textContent = "Welcome back.";
    if (reply) takeWho(reply);
  }
});
gavel.on("left", () => {
  nicks.clear();
  showPeople();
});
gavel.on("say", ({ client_id, nick, text }) => line(text, client_id === gavel.id ? "mine" : "", client_id === gavel.id ? null : nick));
gavel.on("emote", ({ nick, text }) => tell(`${nick} ${text}`));
gavel.on("came", ({ id, nick }) => {
  nicks.set(id, nick);
  tell(`${nick} came.`);
  showPeople();
});
gavel.on("went", ({ id, nick, reason, moderator: one }) => {
  nicks.delete(id);
  moderator = one ?? null;
  tell(`${nick} ${reason === "kicked" ? "was sent out" : "went"}.`);
  showPeople();
});
gavel.on("renamed", ({ id, from, to }) => {
  nicks.set(id, to);
  tell(`${from} is now ${to}.`);
  showPeople();
});
gavel.on("muted", ({ seconds }) => {
  if (seconds > 0) game.tell(`You may not speak for ${seconds} seconds.`, "warn");
  else game.tell("You may speak again.", "good");
});
gavel.on("slow", ({ seconds }) => {
  slow = seconds;
  tell(seconds > 0 ? `Slow mode: one line each in ${seconds} seconds.` : "Slow mode is off.");
  showPeople();
});
gavel.on("locked", ({ locked }) => {
  isLocked = locked;
  tell(locked ? "The room is locked." : "The room is open again.");
  showPeople();
});
