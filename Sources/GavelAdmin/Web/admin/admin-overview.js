// The whole relay at a glance.
import { el } from "../elements.js";
import { Chart } from "./admin-chart.js";
import { ask } from "./admin-dialog.js";
import { bytes, clock, count, counted, duration, micros, short } from "./admin-figures.js";
import { rate, refused, span } from "./admin-live.js";
import { aside, button, facts, panel, tag } from "./admin-parts.js";

const levels = ["trace", "debug", "info", "notice", "warning", "error", "critical"];

const messageHooks = (sample) => sample.hooks.find(({ hook }) => hook === "message")?.microseconds;

function charts() {
  const total = (name) => (sample, previous) => rate(sample, previous, name);
  const now = (name) => (sample) => sample.now[name];
  const latency = (of, name) => (sample) => (of(sample)?.count > 0 ? of(sample)[name] : undefined);
  const percentiles = (of) =>
    [["half", "p50"], ["99 %", "p99"], ["longest", "maximum"]].map(([name, key]) => ({ name, of: latency(of, key) }));
  const times = { format: micros, span, scale: "log" };
  return [
    new Chart({ title: "Messages a second", format: short, span, series: [
      { name: "in", of: total("messages_received") }, { name: "out", of: total("messages_sent") },
      { name: "refused", of: total(refused) },
    ] }),
    new Chart({ title: "Clients and rooms", format: short, span, series: [
      { name: "connected", of: now("connections") }, { name: "rooms", of: now("rooms") },
    ] }),
    new Chart({ title: "Time in the relay", ...times, series: percentiles((sample) => sample.message_microseconds) }),
    new Chart({ title: "Time in rules", ...times, series: percentiles(messageHooks) }),
    new Chart({ title: "Memory", format: bytes, span, scale: "bytes", series: [
      { name: "process", of: (sample) => sample.memory_bytes }, { name: "histories", of: now("history_bytes") },
      { name: "waiting for clients", of: now("queued_bytes") },
    ] }),
    new Chart({ title: "Slow and away", format: short, span, series: [
      { name: "slow clients", of: now("slow_clients") }, { name: "away", of: now("away_clients") },
    ] }),
    new Chart({ title: "Lag of the loops", ...times, series: percentiles((sample) => sample.loop_lag_microseconds) }),
  ];
}

const tiles = [
  ["Clients", ({ now }) => count(now.connections), ({ now }) => `${count(now.away_clients)} away`],
  ["Rooms", ({ now }) => count(now.rooms), (s) => (s.total.failed_rooms > 0 ? `${count(s.total.failed_rooms)} given up` : "")],
  ["Messages in", (s, p) => `${short(rate(s, p, "messages_received"))}/s`, (s, p) => `${short(rate(s, p, refused))}/s refused`],
  ["Messages out", (s, p) => `${short(rate(s, p, "messages_sent"))}/s`, (s, p) => `${bytes(rate(s, p, "bytes_sent"))}/s`],
  ["Time in the relay", ({ message_microseconds: time }) => micros(time?.count > 0 ? time.p99 : NaN), () => "99 % take less"],
  ["Memory", (s) => bytes(s.memory_bytes), ({ now }) => `${bytes(now.queued_bytes)} waiting`],
  ["Reloads", (s) => count(s.reloads), (s) => `${count(s.refused_reloads)} refused, ${count(s.rollbacks)} back`],
  ["Slow clients", ({ now }) => count(now.slow_clients), ({ total }) => `${count(total.cut_clients)} cut so far`],
];

const totals = [
  ["Messages in", (s) => s.messages_received], ["Messages out", (s) => s.messages_sent], ["Refused", refused],
  ["Joins", (s) => s.joins], ["Left out for newer ones", (s) => s.total.conflated_messages],
  ["Clients cut for reading slowly", (s) => s.total.cut_clients],
  ["Came back and missed nothing", (s) => s.total.recovered_resumes],
  ["Came back and missed something", (s) => s.total.unrecovered_resumes],
  ["Did not come back in time", (s) => s.total.expired_sessions],
  ["Rooms given other rules", (s) => s.reloads], ["Rooms that refused them", (s) => s.refused_reloads],
  ["Rooms that went back", (s) => s.rollbacks], ["Rooms given up by the log", (s) => s.total.failed_rooms],
  ["Signals lost between rooms", (s) => s.total.lost_signals],
];

export function overview({ live, api, tell }) {
  const shown = charts();
  const about = el("p", { class: "soft small grow" });
  const level = el("button", {}, "Log level");
  const drain = el("button", { class: "danger" }, "Drain");
  const values = tiles.map(() => [el("dd", { class: "big" }), el("dd", { class: "small soft" })]);
  const sums = el("dl", { class: "facts" });
  const refusals = el("dl", { class: "facts" });
  const events = el("ol", { class: "events" });
  const element = el("div", { class: "view" },
    el("div", { class: "row head" },
      el("h2", { class: "title" }, "Overview"), about,
      el("div", { class: "row" }, button("Notice", notice), level, drain)),
    el("dl", { class: "tiles" }, tiles.map(([name], index) => el("div", { class: "panel" }, el("dt", {}, name), values[index]))),
    el("div", { class: "charts" }, shown.map((chart) => chart.element),
      panel("Reloads", events)),
    panel("Since the start", sums),
    panel("Refused, by reason", refusals));

  function notice() {
    ask({
      title: "Notice to all rooms",
      text: "Everyone in every room is told.",
      action: "Send",
      fields: [{ name: "text", label: "Text", isRequired: true, isLong: true }],
      run: async ({ text }) => tell(`Told in ${counted((await api.act("notice", { text })).rooms, "room")}.`, "good"),
    });
  }
  level.addEventListener("click", async () => {
    try {
      const now = (await api.act("log-level")).level;
      ask({
        title: "Log level",
        text: `Logged from ${now} on. What is set here holds until the relay ends.`,
        action: "Set",
        fields: [{ name: "level", label: "Least severe level", choices: levels, value: now }],
        run: async ({ level }) => {
          const done = await api.act("log-level", { level });
          tell(`Logged from ${done.level} on.`, "good");
        },
      });
    } catch (error) {
      tell(error.message, "bad");
    }
  });
  drain.addEventListener("click", () => ask({
    title: "Drain the relay?",
    text: "It takes nobody in any more, sends what is queued, tells all clients to come back later, and ends. "
      + "Somebody or something has to start it again.",
    action: "Drain and end",
    isDangerous: true,
    run: async () => { await api.act("drain"); },
  }));

  return {
    element,
    title: "Overview",
    update() {
      const [sample, previous] = [live.latest, live.samples.at(-2)];
      if (!sample) return;
      const { version, process, address } = live.about;
      const uptime = duration(sample.uptime_seconds);
      about.textContent = `gavel ${version} · process ${process} · up for ${uptime}${address ? ` · ${address}` : ""}`;
      drain.disabled = sample.is_draining;
      tiles.forEach(([, value, more], index) => {
        values[index][0].textContent = value(sample, previous);
        values[index][1].textContent = more(sample, previous);
      });
      sums.replaceChildren(...facts(totals.map(([name, of]) => [name, count(of(sample))])));
      const reasons = sample.refusals.map((refusal) => [el("code", {}, refusal.reason), count(refusal.count)]);
      refusals.replaceChildren(...facts(reasons));
      if (reasons.length === 0) refusals.append(el("dd", { class: "soft" }, "Nothing was refused yet."));
      for (const chart of shown) chart.show(live.samples, live.marks);
      const marks = live.marks.slice(-8).reverse();
      events.replaceChildren(...marks.map(({ time, kind, what, count }) =>
        el("li", {}, el("span", { class: "time" }, clock(time)), tag(what, kind), counted(count, "room"))));
      if (marks.length === 0) {
        events.append(el("li", {}, aside("None while this page has been open. They also stand as lines in the charts.")));
      }
    },
    close() { for (const chart of shown) chart.close(); },
  };
}
