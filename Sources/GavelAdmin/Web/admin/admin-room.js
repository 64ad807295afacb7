// One room: who is in it, what its rules keep, and what happens in it.
import { el } from "../elements.js";
import { ask } from "./admin-dialog.js";
import { bytes, count, counted, printable, soon } from "./admin-figures.js";
import { inspector } from "./admin-inspector.js";
import { facts, littleButton, named, panel, tag } from "./admin-parts.js";
import { tags } from "./admin-rooms.js";

export function room({ api, tell, every, ended }, key) {
  const shown = printable(key);
  const heading = el("span", { class: "row" });
  const clients = el("ul", { class: "people" });
  const about = el("dl", { class: "facts" });
  const timers = el("ul", { class: "timers" });
  const state = el("div", { class: "state", tabindex: "0", role: "region", "aria-label": "What the rules keep" });
  const failure = el("section", { class: "notice bad", "aria-label": "Last failure", hidden: true });
  const gone = el("p", { class: "notice warn", hidden: true },
    "There is no such room at the moment. It begins when somebody joins it.");
  const close = el("button", { class: "danger" }, "Close room");
  const say = el("button", {}, "Notice");
  const side = el("div", { class: "side" },
    panel("Clients", clients), panel("Room", about), panel("Timers", timers), panel("State", state));
  const element = el("div", { class: "view" },
    el("div", { class: "row head" },
      el("h2", { class: "title grow" }, el("a", { href: "#/rooms" }, "Rooms"), " / ", named(key), " ", heading),
      el("div", { class: "row" }, say, close)),
    gone, failure,
    el("div", { class: "room-table" }, inspector({ api, room: key, ended, nameOf: (client) => names.get(client) }), side));

  say.addEventListener("click", () => ask({
    title: "Notice to a room",
    text: `Everyone in ${shown} is told.`,
    action: "Send",
    fields: [{ name: "text", label: "Text", isRequired: true, isLong: true }],
    run: async ({ text }) => {
      await api.act("notice", { text, room: key });
      tell(`Told in ${shown}.`, "good");
    },
  }));
  close.addEventListener("click", () => ask({
    title: "Close this room?",
    text: `${shown} ends for all who are in it, and what it kept is lost.`,
    action: "Close room",
    isDangerous: true,
    fields: [{ name: "reason", label: "Reason that everyone is told (may be empty)" }],
    run: async ({ reason }) => {
      tell((await api.act("close", { room: key, ...(reason && { reason }) })).done, "good");
      load.now();
    },
  }));
  const kick = ({ client, name }) => ask({
    title: `Kick ${name ? printable(name) : `client ${client}`}?`,
    text: `Client ${client} is taken out of ${shown}. Its connection is closed with 4502, after which it does not come `
      + "back by itself.",
    action: "Kick",
    isDangerous: true,
    fields: [{ name: "reason", label: "Reason that the client is told (may be empty)" }],
    run: async ({ reason }) => {
      tell((await api.act("kick", { room: key, client, ...(reason && { reason }) })).done, "good");
      load.now();
    },
  });

  const names = new Map();
  const kicks = new Map();
  function kickButton(client) {
    if (!kicks.has(client.client)) {
      const who = client.name ? printable(client.name) : `client ${client.client}`;
      kicks.set(client.client, littleButton("Kick", who, () => kick(client)));
    }
    return kicks.get(client.client);
  }

  function show(view) {
    const { overview } = view;
    for (const { client, name } of view.clients) names.set(client, name);
    heading.replaceChildren(...tags(overview));
    const focused = document.activeElement;
    clients.replaceChildren(...view.clients.map((client) => el("li", { class: client.is_connected ? "" : "is-away" },
      el("span", { class: "number soft" }, client.client),
      el("span", { class: "who" }, client.name ? named(client.name) : el("span", { class: "soft" }, "no name")),
      !client.is_connected && tag("away"),
      client.is_slow && tag(`slow, ${bytes(client.queued_bytes)} wait`, "warn"),
      kickButton(client))));
    if (clients.contains(focused)) focused.focus({ preventScroll: true });
    if (view.clients.length === 0) clients.append(el("li", { class: "soft" }, "Nobody is in it."));
    const rules = overview.rules ? [overview.rules, " ", el("code", {}, overview.version ?? "")] : ["none: a plain relay"];
    about.replaceChildren(...facts([
      ["Rules", rules], ["Last message", [`#${count(overview.last_message)}`]], ["Epoch", [el("code", {}, overview.epoch)]],
      ["History", [bytes(overview.history_bytes)]], ["Waits for the room", [bytes(overview.backlog_bytes)]],
      ["Hooks that failed", [`${count(view.failures)}, ${count(view.failures_of_last_minute)} in a minute`]],
      view.probation && ["Probation", probation(view.probation)],
    ].filter(Boolean)));
    timers.replaceChildren(...view.timers.map((timer) => el("li", { class: "row between" },
      el("code", {}, printable(timer.key === undefined ? timer.name : `${timer.name} ${timer.key}`)),
      Number.isFinite(timer.in_milliseconds) ? el("span", { class: "soft" }, due(timer)) : tag("waits for other rules", "warn"))));
    if (view.timers.length === 0) timers.append(el("li", { class: "soft" }, "None is set."));
    showState(view.state);
    failure.hidden = !view.last_failure;
    if (view.last_failure) {
      failure.replaceChildren(el("strong", {}, `${count(view.failures)} failed, the last in ${view.last_failure.hook}: `),
        el("code", {}, printable(view.last_failure.text)), " ", el("a", { href: "#/rules" }, "All failures"));
    }
  }

  let stateText;
  function showState(text) {
    if (text === stateText) return;
    const before = stateText && lines(stateText);
    stateText = text;
    if (!text) return state.replaceChildren(el("span", { class: "soft" }, "These rooms have no rules that keep anything."));
    // What is another than a moment ago is marked for as long as it stays so.
    state.replaceChildren(...lines(text).map((line, index) =>
      el("div", { class: before && before[index] !== line ? "changed" : "" }, line)));
  }

  const load = every(2000, async (signal) => {
    try {
      show(await api.look("room", { room: key }, signal));
      gone.hidden = true;
    } catch (error) {
      if (error.status !== 404) throw error;
      gone.hidden = false;
      failure.hidden = true;
      heading.replaceChildren();
    }
    side.hidden = !gone.hidden;
    for (const button of [close, say]) button.disabled = !gone.hidden;
  }, (error) => tell(error.message, "bad"));
  return { element, title: shown };
}

const probation = ({ previous, most_failures }) =>
  ["back to ", el("code", {}, previous), ` at ${counted(most_failures, "failure")}`];

/** When a timer runs: `in 9 s, every 15 s`. */
function due({ in_milliseconds, every_milliseconds }) {
  return `in ${soon(in_milliseconds)}${every_milliseconds ? `, every ${soon(every_milliseconds)}` : ""}`;
}

/** JSON in lines of at most about 40 characters where lists and objects allow it; other text as it is. */
function lines(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return printable(text).split("\n");
  }
  const written = (value, indent, lead, tail) => {
    const whole = `${indent}${lead}${JSON.stringify(value)}${tail}`;
    if (value === null || typeof value !== "object" || whole.length <= 40) return [printable(whole)];
    const [open, end] = Array.isArray(value) ? "[]" : "{}";
    const inner = Object.entries(value).flatMap(([name, item], index, { length }) =>
      written(item, `${indent}  `, Array.isArray(value) ? "" : `${name}: `, index < length - 1 ? "," : ""));
    return [`${indent}${printable(lead)}${open}`, ...inner, `${indent}${end}${tail}`];
  };
  return written(value, "", "", "");
}
