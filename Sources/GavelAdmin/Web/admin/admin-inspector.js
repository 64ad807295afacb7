// What happens in a room, message by message.
import { el } from "../elements.js";
import { inSight, pause } from "./admin-api.js";
import { count, instant, micros, printable } from "./admin-figures.js";
import { codeLines, facts, longText, named, tag } from "./admin-parts.js";

const remembered = 1000;
const shownAtMost = 250;

const rate = 200;
const bytes = 2048;

const kinds = { relayed: "good", changed: "info", handled: "", dropped: "warn", refused: "bad", failed: "bad" };
const isRefused = (call) => call.verdict === "refused" || call.verdict === "failed";

/** Why something was refused, in a few words. */
const why = ({ code, reason, detail }) => [reason ?? code, detail].filter(Boolean).join(": ");

/** @param {object} page Beside what all views have: `room`, its key; `nameOf(client)`: what a client calls itself. */
export function inspector({ api, room, ended, nameOf }) {
  let calls = [];
  let held = [];
  let isPaused = false;
  let left = 0;
  let isPending = false;
  const types = new Set();
  const clients = new Set();

  const client = el("select", {}, el("option", { value: "" }, "All clients"));
  const type = el("select", {}, el("option", { value: "" }, "All types"));
  const refused = el("input", { type: "checkbox" });
  const pausing = el("button", { "aria-pressed": "false" }, "Pause");
  const clear = el("button", {}, "Clear");
  const state = el("p", { class: "small soft", role: "status" }, "Connecting…");
  const list = el("ol", { class: "calls" });
  const none = el("p", { class: "none soft" });
  const heads = ["Time", "No.", "Sender", "Type", "Verdict", "Rule", "Took", "To"];
  const element = el("section", { class: "panel inspector", "aria-label": "Inspector" },
    el("div", { class: "row between" }, el("h2", {}, "Inspector"), state),
    el("div", { class: "row filters" }, el("label", { class: "hear", for: "by-client" }, "Client"), client,
      el("label", { class: "hear", for: "by-type" }, "Type"), type,
      el("label", { class: "inline check" }, refused, "Refused only"), el("span", { class: "grow" }), clear, pausing),
    el("div", { class: "calls-box", tabindex: "0", role: "region", "aria-label": "What happened, newest first" },
      el("div", { class: "call-line heads", "aria-hidden": "true" }, heads.map((head) => el("span", {}, head))), list, none));
  client.id = "by-client";
  type.id = "by-type";

  const matches = (call) => (!client.value || String(call.client) === client.value)
    && (!type.value || (call.type ?? call.kind) === type.value) && (!refused.checked || isRefused(call));

  function show() {
    const shown = [];
    for (let index = calls.length - 1; index >= 0 && shown.length < shownAtMost; index--) {
      if (matches(calls[index])) shown.push(calls[index].line ?? (calls[index].line = entry(calls[index].call)));
    }
    list.replaceChildren(...shown);
    tellState();
  }

  function entry(call) {
    const kind = call.kind === "signal" ? `signal ${printable(call.name)}` : call.kind;
    const name = call.client ? nameOf(call.client) : "";
    const cell = (className, ...content) => el("span", { class: className }, ...content);
    const told = isRefused(call) ? why(call) : call.message ?? call.detail ?? call.reason ?? call.effects?.[0] ?? "";
    const line = el("summary", { class: "call-line" },
      cell("at", instant(call.time)),
      cell("id", call.msg_id ? `#${call.msg_id}` : ""),
      cell("from", name && named(name), call.client > 0 && cell("soft", name ? ` ${call.client}` : `client ${call.client}`)),
      cell("kind", call.type ? printable(call.type) : cell("soft", kind)),
      cell("verdict", call.verdict && tag(call.verdict, kinds[call.verdict])),
      cell("rule", call.place ?? ""),
      cell("took", Number.isFinite(call.microseconds) ? micros(call.microseconds) : ""),
      cell("to", call.recipients ? count(call.recipients) : ""),
      cell("told", printable(told)));
    const details = el("details", {}, line);
    // What most entries never show is made when somebody asks for it, and the list then stands still.
    details.addEventListener("toggle", () => {
      if (details.open && details.children.length === 1) details.append(more(call));
      if (details.open) hold(true);
    });
    return el("li", { class: isRefused(call) && "refused" }, details);
  }

  function more(call) {
    const known = [
      ["Hook", call.hook && [call.hook, call.place].filter(Boolean).join(", ")], ["Code", call.code], ["Reason", call.reason],
      ["Size", call.bytes && `${count(call.bytes)} bytes`],
    ].filter(([, value]) => value);
    const answer = call.verdict === "changed" ? "As it was relayed" : "Answer";
    return el("div", { class: "more" },
      known.length > 0 && el("dl", { class: "facts" }, facts(known.map(([name, value]) => [name, printable(value)]))),
      call.message && [el("h3", {}, "As it was sent"), longText(call.message)],
      call.answer && [el("h3", {}, answer), longText(call.answer)],
      call.effects && [el("h3", {}, "What the rules did besides"), codeLines(call.effects)]);
  }

  function tellState() {
    const skipped = left > 0 ? ` · ${count(left)} left out` : "";
    state.textContent = failure ?? (isPaused ? `Paused · ${count(held.length)} new` : `${count(calls.length)} seen`) + skipped;
    none.hidden = list.children.length > 0;
    const nothing = calls.length === 0 ? "Nothing has happened since you began to look." : "Nothing of that kind.";
    none.textContent = failure ? "" : nothing;
  }

  function hold(wants) {
    isPaused = wants;
    pausing.setAttribute("aria-pressed", isPaused);
    pausing.textContent = isPaused ? "Go on" : "Pause";
    if (isPaused) return tellState();
    take(held);
    held = [];
    show();
  }

  function take(more) {
    calls.push(...more);
    if (calls.length > remembered) calls = calls.slice(-remembered);
  }

  /** Offers what was seen as a filter. */
  function offer({ call }) {
    const kind = call.type ?? call.kind;
    if (!types.has(kind) && types.size < 200) {
      types.add(kind);
      type.append(el("option", { value: kind }, printable(kind)));
    }
    if (call.client > 0 && !clients.has(call.client) && clients.size < 500) {
      clients.add(call.client);
      const name = nameOf(call.client);
      client.append(el("option", { value: call.client }, name ? `${printable(name)} (${call.client})` : `Client ${call.client}`));
    }
  }

  function hear(call) {
    failure = null;
    if (call.kind) tries = 0;
    if (call.kind === "skipped") left += call.skipped;
    if (!call.kind || call.kind === "skipped" || call.kind === "idle") return tellSoon();
    const heard = { call, client: call.client, type: call.type, kind: call.kind, verdict: call.verdict };
    offer(heard);
    if (!isPaused) take([heard]);
    else if (held.push(heard) > remembered) held.shift();
    tellSoon();
  }

  /** Draws some times a second, however much happens. */
  function tellSoon() {
    if (isPending) return;
    isPending = true;
    setTimeout(() => {
      isPending = false;
      if (isPaused) tellState();
      else show();
    }, 200);
  }

  for (const filter of [client, type, refused]) filter.addEventListener("change", show);
  pausing.addEventListener("click", () => hold(!isPaused));
  clear.addEventListener("click", () => {
    [calls, held, left] = [[], [], 0];
    show();
  });

  let failure = "Connecting…";
  let tries = 0;
  (async () => {
    while (!ended.aborted) {
      try {
        await inSight(ended);
        await api.stream("watch", { room, rate, bytes }, hear, ended);
        failure = "The connection has ended. Trying again…";
      } catch (error) {
        if (error.name === "AbortError" && document.hidden) {
          failure = "Nothing is looked at while the page is out of sight.";
          tellState();
          continue;
        }
        failure = `${error.message} Trying again…`;
      }
      if (ended.aborted) return;
      tellState();
      await pause(Math.min(10_000, 1000 * 2 ** tries++), ended);
    }
  })();
  tellState();
  return element;
}
