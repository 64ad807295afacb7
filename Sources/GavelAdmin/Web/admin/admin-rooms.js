// All rooms, searched and sorted by the relay.
import { el } from "../elements.js";
import { bytes, count } from "./admin-figures.js";
import { roomLink, tag } from "./admin-parts.js";

const columns = [
  { name: "Room", sort: "name", cell: ({ room }) => roomLink(room) },
  { name: "Clients", sort: "clients", isNumber: true, cell: ({ clients }) => count(clients) },
  { name: "Messages", sort: "messages", isNumber: true, cell: ({ last_message }) => count(last_message) },
  { name: "Memory", sort: "memory", isNumber: true, cell: (room) => bytes(room.history_bytes + room.backlog_bytes) },
  { name: "Rules", isWhole: true, cell: (room) => rulesOf(room) },
  { name: "State", cell: (room) => tags(room) },
];

function rulesOf({ rules, version }) {
  return rules ? [`${rules} `, el("code", { class: "soft" }, version ?? "")] : el("span", { class: "soft" }, "none");
}

/** What is special about a room. */
export function tags(room) {
  return [
    room.away > 0 && tag(`${room.away} away`),
    room.is_locked && tag("locked"),
    room.is_on_probation && tag("on probation", "warn"),
    room.is_opening && tag("opening"),
    room.is_observed && tag("watched", "info"),
  ].filter(Boolean);
}

const page = 100;

export function rooms({ api, tell, place, every }) {
  const wanted = { search: place.get("search") ?? "", sort: place.get("sort") ?? "clients", limit: page };
  const search = el("input", { type: "search", class: "grow", placeholder: "Room or rules", autocomplete: "off" });
  search.ariaLabel = "Search rooms";
  search.value = wanted.search;
  const sortable = columns.filter((column) => column.sort);
  const sort = el("select", {}, sortable.map((column) => el("option", { value: column.sort }, column.name)));
  const heads = columns.map((column) => el("th", { scope: "col", class: column.isNumber ? "number" : "" },
    column.sort ? el("button", { class: "plain", onclick: () => sortBy(column.sort) }, column.name) : column.name));
  const rows = el("tbody");
  const summary = el("p", { class: "soft small", role: "status" });
  const more = el("button", { hidden: true }, "Show more");
  const table = el("table", { "aria-label": "Rooms" }, el("thead", {}, el("tr", {}, heads)), rows);
  const none = el("p", { class: "none soft", hidden: true });
  const element = el("div", { class: "view" },
    el("div", { class: "row head" }, el("h2", { class: "title" }, "Rooms"), summary),
    el("div", { class: "row" }, search, el("label", { class: "inline sorting" }, "Sort by", sort)),
    el("div", { class: "panel flush" }, table, none), el("div", { class: "row center" }, more));

  function sortBy(key) {
    wanted.sort = key;
    apply();
  }
  function apply() {
    sort.value = wanted.sort;
    columns.forEach((column, index) => {
      const way = column.sort === "name" ? "ascending" : "descending";
      if (column.sort) heads[index].ariaSort = column.sort === wanted.sort ? way : "none";
    });
    place.set({ search: wanted.search, sort: wanted.sort });
    load.now();
  }
  let typing;
  search.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => {
      wanted.search = search.value.trim();
      wanted.limit = page;
      apply();
    }, 200);
  });
  sort.addEventListener("change", () => sortBy(sort.value));
  more.addEventListener("click", () => {
    wanted.limit = Math.min(10_000, wanted.limit + 4 * page);
    load.now();
  });

  function show({ rooms, matched, total }) {
    summary.textContent = matched === total ? `${count(total)} in all` : `${count(matched)} of ${count(total)}`;
    table.hidden = rooms.length === 0;
    none.hidden = rooms.length > 0;
    none.textContent = total === 0 ? "There are no rooms. One begins when the first client joins it."
      : `No room and no rules have “${wanted.search}” in their name.`;
    more.hidden = rooms.length === matched;
    const focused = rows.contains(document.activeElement) && document.activeElement.hash;
    rows.replaceChildren(...rooms.map((room) => el("tr", {}, columns.map(({ name, isNumber, isWhole, cell }) => {
      const content = [cell(room)].flat();
      const kind = isNumber ? "number" : isWhole ? "whole" : content.length === 0 ? "nothing" : null;
      return el("td", { class: kind, "data-name": name }, content);
    }))));
    if (focused) [...rows.querySelectorAll("a")].find(({ hash }) => hash === focused)?.focus({ preventScroll: true });
  }

  const load = every(2000, async (signal) => {
    const { search, sort, limit } = wanted;
    show(await api.look("rooms", { search, sort, limit }, signal));
  }, (error) => tell(error.message, "bad"));
  apply();
  return { element, title: "Rooms" };
}
