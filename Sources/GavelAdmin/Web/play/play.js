// What all the games share: the bar with the state of the link, who is there, what happened, and refusals.
import { $, el } from "../elements.js";
import { Gavel } from "../gavel.js";

export { $, el };

const names = ["Ada", "Bo", "Cleo", "Dan", "Eve", "Finn", "Grace", "Hugo", "Ida", "Jon", "Kira", "Leo", "Mia", "Nils", "Olga", "Pia"];

/**
 * Where the relay is: `?relay=ws://…`; else what the page's server wrote into <meta name="gavel-relay" content="…">, a
 * whole address or ":9000" for another port of the same host; else port 8765 of the host that the page is from.
 */
export function relayAddress() {
  const given = new URLSearchParams(location.search).get("relay") || $("meta[name=gavel-relay]")?.content || ":8765";
  if (!given.startsWith(":")) return given;
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.hostname || "127.0.0.1"}${given}`;
}

/** The network of this page, which its visitor may switch off to see what happens then. */
const network = { isOff: false, socket: null };

class SwitchedOff {
  readyState = 0;
  constructor() { setTimeout(() => this.onclose?.({ code: 1006, reason: "" }), 200); }
  send() {}
  close() {}
}

function Socket(url) {
  network.socket = network.isOff ? new SwitchedOff() : new WebSocket(url);
  return network.socket;
}

function remembered(key, make) {
  let value = sessionStorage.getItem(key);
  if (!value) sessionStorage.setItem(key, (value = make()));
  return value;
}

const stateTexts = {
  idle: () => "In no room",
  connecting: (gavel) => (gavel.room ? "Connection lost. Reconnecting…" : "Connecting…"),
  online: (gavel) => (gavel.room ? "Online" : "In no room"),
  away: () => "Connection lost. Reconnecting…",
  closed: (gavel) => ({
    kicked: "You were sent out",
    replaced: "Open in another tab",
    bad_messages: "Closed: too many bad messages",
    forbidden: "You may not enter here",
    unauthorized: "You are not signed in",
    fault: "Closed after a fault",
  }[gavel.reason] ?? "Closed"),
};

/**
 * Joins the room that the page's address names behind #, and makes the page around the game.
 * @param {{room: string, fields?: object, lists?: boolean, logs?: boolean}} options The room where the address names none; what else
 *   its join says; whether the page lists who is there, and what happened, by itself.
 */
export function start({ room, fields = {}, lists = true, logs = true }) {
  const gavel = new Gavel(relayAddress(), { WebSocket: Socket, storage: sessionStorage, backoffMost: 4000 });
  const people = new Map();
  const title = document.title.split(" · ")[0];
  const game = { gavel, people, tagOf: () => null, onPeople: () => {} };

  game.name = (id) => (id === gavel.id ? "You" : people.get(id) || `Player ${id}`);
  /** What happened, newest first. */
  game.note = (text) => {
    log.prepend(el("li", {}, text));
    while (log.children.length > 40) log.lastChild.remove();
  };
  /** Tells something for some seconds. */
  game.tell = (text, kind = "") => {
    const toast = el("div", { class: `notice ${kind}` }, text);
    toasts.append(toast);
    while (toasts.children.length > 3) toasts.firstChild.remove();
    setTimeout(() => toast.remove(), 5000);
  };
  /** Asks the room for something. Undefined where it says no, which is told. */
  game.ask = async (message) => {
    try {
      return await gavel.request(message, { timeout: 30_000 });
    } catch (error) {
      game.refused(error);
    }
  };
  game.refused = (error) => {
    if (error.code === "left" || error.code === "answer_lost" || error.code === "superseded") return;
    const texts = {
      rate_limited: "Not so fast.",
      timeout: "The room did not answer.",
      buffer_full: "Too much waits to be sent.",
      lost: "You were away for too long.",
      rules_failed: "The rules of this room failed on that.",
      room_full: "The room is full.",
      locked: "The room is locked.",
    };
    game.tell(error.code === "rejected" ? error.message : texts[error.code] ?? error.message, "bad");
  };
  game.enter = async (key) => {
    isEntering = true;
    try {
      await gavel.join(key, { ...fields, name: me.value || "Guest" });
    } catch (error) {
      game.refused(error);
      game.note(`Not let in: ${error.message}`);
    }
    isEntering = false;
    showState();
  };

  // The page

  const status = el("span", { class: "status", role: "status" });
  const roomName = el("code");
  $(".bar").append(
    el("a", { class: "brand", href: "../index.html" }, "Gavel"), el("h1", {}, title),
    el("span", { class: "room small" }, "room ", roomName), status,
  );
  const me = el("input", { name: "name", maxlength: 24, autocomplete: "off", class: "grow" });
  const anyName = () => names[Math.floor(Math.random() * names.length)];
  me.value = new URLSearchParams(location.search).get("name") || remembered("name", anyName);
  const naming = el("form", { class: "row" }, me, el("button", {}, "Rename"));
  naming.addEventListener("submit", (event) => {
    event.preventDefault();
    sessionStorage.setItem("name", me.value);
    game.enter(gavel.room ?? wanted());
  });
  me.setAttribute("aria-label", "Your name");
  const list = el("ul", { class: "people" });
  const log = el("ol", { class: "log", role: "log", "aria-label": "What happened" });
  const offline = el("button", { class: "little", "aria-pressed": "false" }, "Go offline");
  offline.addEventListener("click", () => {
    network.isOff = !network.isOff;
    offline.setAttribute("aria-pressed", network.isOff);
    offline.textContent = network.isOff ? "Go online" : "Go offline";
    if (network.isOff) network.socket?.close(4000);
    else dispatchEvent(new Event("online"));
  });
  const copy = el("button", { class: "little" }, "Copy link");
  copy.addEventListener("click", async () => {
    // Pages that came without TLS from another machine may not copy.
    const copied = await navigator.clipboard?.writeText(location.href).then(() => true, () => false);
    game.tell(copied ? "Copied. Open it in another tab, or send it to a friend." : location.href);
  });
  const again = el("a", { class: "small", href: location.href, target: "_blank", rel: "noopener" }, "Open a second tab");
  const side = $(".side");
  side.append(
    el("section", { class: "panel", "aria-label": "You" }, el("h2", {}, "You"), naming),
    el("section", { class: "panel people-panel", "aria-label": "Who is here", hidden: !lists }, el("h2", {}, "Who is here"), list),
    el("section", { class: "panel", "aria-label": "Try it" }, el("h2", {}, "Try it"),
      el("p", { class: "small soft" },
        "Go offline for a moment while the others play on: you come back to your place, and nothing is missed."),
      el("div", { class: "row" }, offline, copy, again)),
    el("section", { class: "panel", hidden: !logs }, el("h2", {}, "What happened"), log),
  );
  const outside = el("div", { class: "notice warn row between", hidden: true }, el("span"),
    el("button", { onclick: () => game.enter(wanted()) }, "Join again"));
  $(".stage").prepend(outside);
  const toasts = el("div", { class: "toasts", role: "alert" });
  document.body.append(toasts);

  // The link

  const wanted = () => decodeURIComponent(location.hash.slice(1)) || room;
  let wasAway = false;
  let isEntering = true;

  function showState() {
    status.className = `status ${gavel.state === "online" && !gavel.room ? "" : gavel.state}`;
    status.textContent = stateTexts[gavel.state](gavel);
    document.body.classList.toggle("away-from-it", gavel.state !== "online");
    document.body.dataset.state = gavel.state; // for tests
    outside.hidden = gavel.room !== null || isEntering || !["closed", "idle", "online"].includes(gavel.state);
    outside.firstChild.textContent = gavel.state === "closed" ? `${stateTexts.closed(gavel)}.` : "You are not in the room.";
  }

  game.showPeople = () => {
    const entries = [...people].map(([id, name]) => {
      const tag = game.tagOf(id);
      return el("li", { class: id === gavel.id ? "you" : "" },
        el("span", { class: "who" }, name || `Player ${id}`, id === gavel.id && " (you)"), tag && el("span", { class: "tag" }, tag));
    });
    list.replaceChildren(...entries);
    game.onPeople();
  };

  gavel.on("gavel.state", ({ state, reason }) => {
    if (state === "away") {
      if (!wasAway) game.note(reason === "moved" ? "On the way to another room…" : "The connection was lost.");
      wasAway = reason !== "moved";
    }
    showState();
  });
  gavel.on("joined", (message) => {
    if (message.recovered !== true || message.clients) people.clear();
    for (const { client_id, name } of message.clients ?? []) people.set(client_id, name);
    people.set(message.client_id, me.value);
    roomName.textContent = message.room;
    history.replaceState(null, "", `#${encodeURIComponent(message.room)}`);
    again.href = location.href;
    if (message.recovered && wasAway) {
      game.tell("You are back. Nothing was missed.", "good");
      game.note("You are back; nothing was missed.");
    } else if (message.reason === "session") {
      game.tell("You were away for too long, and come as somebody new.", "warn");
    } else if (message.recovered === false && wasAway) {
      game.tell("You are back. Some of it was missed.", "warn");
    }
    wasAway = isEntering = false;
    showState();
    game.showPeople();
  });
  gavel.on("left", ({ reason, message }) => {
    isEntering = reason === "moved";
    people.clear();
    if (reason === "kicked" || reason === "closed") {
      game.tell(message || (reason === "kicked" ? "You were sent out." : "The room was closed."), "warn");
      game.note(reason === "kicked" ? "You were sent out." : "The room was closed.");
    }
    showState();
    game.showPeople();
  });
  gavel.on("client_joined", ({ client_id, name }) => {
    people.set(client_id, name ?? "");
    if (client_id !== gavel.id) game.note(`${game.name(client_id)} came.`);
    game.showPeople();
  });
  gavel.on("client_left", ({ client_id, reason }) => {
    const ways = { lost: "lost the connection and is gone", kicked: "was sent out" };
    game.note(`${game.name(client_id)} ${ways[reason] ?? "went"}.`);
    people.delete(client_id);
    game.showPeople();
  });
  gavel.on("gavel.lost", ({ messages }) => {
    if (messages.length > 0) game.tell("What you did meanwhile was not taken.", "bad");
  });
  addEventListener("hashchange", () => { if (wanted() !== gavel.room) game.enter(wanted()); });

  roomName.textContent = wanted();
  showState();
  // After the game has set its listeners.
  queueMicrotask(() => game.enter(wanted()));
  return game;
}

/** A bar that shows how much time is left. `clock.run(left, whole)` starts it, `clock.stop()` hides it. */
export function makeClock(element) {
  const text = el("span", { class: "small soft" });
  const bar = el("progress", { max: 1, "aria-hidden": "true" });
  element.classList.add("clock");
  element.append(bar, text);
  element.hidden = true;
  let end = 0, whole = 1, timer;
  const show = () => {
    const left = Math.max(0, end - Date.now());
    bar.value = left / whole;
    text.textContent = `${Math.ceil(left / 1000)} s left`;
    element.classList.toggle("late", left < 5000);
    if (left === 0) clearInterval(timer);
  };
  return {
    run(left, of = left) {
      clearInterval(timer);
      end = Date.now() + left;
      whole = Math.max(of, left, 1);
      element.hidden = false;
      timer = setInterval(show, 200);
      show();
    },
    stop() {
      clearInterval(timer);
      element.hidden = true;
    },
  };
}
