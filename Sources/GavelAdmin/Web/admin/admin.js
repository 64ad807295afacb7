// The admin page: the token, the connection, and which view is shown.
import { $, el } from "../elements.js";
import { Api, pause, Refusal } from "./admin-api.js";
import { Live } from "./admin-live.js";
import { overview } from "./admin-overview.js";
import { room } from "./admin-room.js";
import { rooms } from "./admin-rooms.js";
import { rules } from "./admin-rules.js";

const stored = "gavel-admin-token";
const main = $("main");
const nav = $("nav");
const status = $(".status");
const banner = $(".banner");
let api = null;
let live = null;
let view = null;
let viewEnded = null;

function tell(text, kind = "") {
  const toast = el("div", { class: `notice ${kind}` }, text);
  const toasts = $(".toasts");
  if ([...toasts.children].some((other) => other.textContent === text)) return;
  toasts.append(toast);
  while (toasts.children.length > 3) toasts.firstChild.remove();
  setTimeout(() => toast.remove(), 6000);
}

// The address: `#/rooms?search=…`

function address() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [name, ...rest] = path.split("/");
  return { name: name || "overview", key: decode(rest.join("/")), query: new URLSearchParams(query) };
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What a view keeps in the address. */
const place = {
  get: (name) => address().query.get(name),
  set: (values) => {
    const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value));
    history.replaceState(null, "", `#/${address().name}${query.size > 0 ? `?${query}` : ""}`);
  },
};

function show() {
  viewEnded?.abort();
  view?.close?.();
  viewEnded = new AbortController();
  const { name, key } = address();
  const page = { api, live, tell, place, every, ended: viewEnded.signal };
  const views = { rooms, rules, room: (page) => room(page, key) };
  view = (views[name] ?? overview)(page);
  for (const link of nav.children) {
    const isHere = link.hash === `#/${name === "room" ? "rooms" : name === "overview" ? "" : name}`;
    if (isHere) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${view.title} · Gavel admin`;
  main.replaceChildren(view.element);
  view.update?.();
}

/** Does something again and again for the view that is shown, while the page is in sight; `now` does it at once. */
function every(milliseconds, body, onError) {
  const { signal } = viewEnded;
  let wake = () => {};
  let round = 0;
  let hasFailed = false;
  const once = async () => {
    const mine = ++round;
    try {
      await body(signal);
      hasFailed = false;
    } catch (error) {
      // The banner tells of a relay that does not answer, and of a wrong token.
      if (signal.aborted || mine !== round || error.status === 0 || error.status === 401) return;
      if (!hasFailed) onError(error);
      hasFailed = true;
      if (!(error instanceof Refusal)) throw error;
    }
  };
  (async () => {
    // After the view is made.
    await null;
    while (!signal.aborted) {
      if (!document.hidden) await once().catch(reportError);
      await Promise.race([pause(milliseconds, signal), new Promise((resolve) => { wake = resolve; })]);
    }
  })();
  return { now: () => wake() };
}

// The connection

const says = {
  connecting: ["connecting", "Connecting…"],
  online: ["online", "Live"],
  draining: ["away", "Draining"],
  lost: ["closed", "Not connected"],
};

function showConnection() {
  const state = live.state === "online" && live.isDraining ? "draining" : live.state;
  if (state === "denied") return signOut(live.error.status === 401 ? "This is not the relay's token." : live.error.message);
  const [kind, text] = says[state];
  if (status.textContent !== text) status.textContent = text;
  status.className = `status ${kind}`;
  document.body.dataset.state = state; // for tests
  main.classList.toggle("stale", state === "lost");
  if (state === "lost") {
    const seconds = Math.max(0, Math.ceil((live.retryAt - Date.now()) / 1000));
    const was = live.isDraining ? "It was draining, and has probably ended." : live.latest ? "What is shown here is old." : "";
    setBanner("bad", `Not connected: ${live.error.message} ${was}`,
      el("span", { class: "soft" }, seconds > 0 ? `Next try in ${seconds} s.` : "Trying…"),
      el("button", { class: "little", onclick: () => live.retry() }, "Try now"));
  } else if (state === "draining") {
    setBanner("warn", "The relay is draining: it takes nobody in any more, and ends when its clients are told.");
  } else {
    banner.hidden = true;
  }
  view?.update?.();
}

function setBanner(kind, text, ...more) {
  banner.className = `banner notice ${kind}`;
  banner.hidden = false;
  // What a screen reader has read already is not told again each second.
  if (banner.firstChild?.textContent !== text) banner.replaceChildren(el("span", { class: "grow" }, text), ...more);
  else if (more.length > 0) banner.children[1].textContent = more[0].textContent;
}

setInterval(() => { if (live?.state === "lost") showConnection(); }, 1000);

// The token

function signIn(token) {
  sessionStorage.setItem(stored, token);
  api = new Api(token);
  live = new Live(api);
  live.addEventListener("change", showConnection);
  nav.hidden = $("#sign-out").hidden = false;
  show();
  showConnection();
  live.run();
}

function signOut(reason) {
  live?.close();
  viewEnded?.abort();
  view?.close?.();
  [live, view] = [null, null];
  sessionStorage.removeItem(stored);
  nav.hidden = $("#sign-out").hidden = banner.hidden = true;
  status.className = "status";
  status.textContent = "Not connected";
  document.body.dataset.state = "signed-out";
  for (const dialog of document.querySelectorAll("dialog")) dialog.close();
  document.title = "Admin · Gavel";
  const input = el("input", { type: "password", id: "token", required: true, autocomplete: "off", "aria-describedby": "where" });
  const form = el("form", { class: "panel gate form" },
    el("h2", { class: "title" }, "Watch and steer this relay"),
    reason && el("p", { class: "notice bad", role: "alert" }, reason),
    el("label", { for: "token" }, "Token", input),
    el("p", { class: "small soft", id: "where" }, "The one below [http] in config.toml. Where there is none, the relay makes "
      + "one at each start and tells it in its log, in the line that ends in “serving pages”. This tab keeps it until "
      + "it is closed."),
    el("div", { class: "row end" }, el("button", { class: "primary" }, "Connect")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    signIn(input.value.trim());
  });
  main.classList.remove("stale");
  main.replaceChildren(form);
  input.focus();
}

/** Takes a token out of the address, where it should not stay. */
function tokenOfAddress() {
  const token = /^#token=(.+)$/.exec(location.hash)?.[1];
  if (token) history.replaceState(null, "", "#/");
  return token && decode(token);
}

function begin() {
  const token = tokenOfAddress() ?? sessionStorage.getItem(stored);
  if (token) signIn(token);
  else signOut();
}

$("#sign-out").addEventListener("click", () => signOut());
addEventListener("hashchange", () => {
  if (/^#token=/.test(location.hash)) return begin();
  if (!live) return;
  show();
  main.focus({ preventScroll: true });
  scrollTo(0, 0);
});
begin();
