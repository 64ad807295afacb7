// Pieces that several views are made of. What players wrote is shown in a way that cannot harm the text around it.
import { el } from "../elements.js";
import { printable } from "./admin-figures.js";

/** Something that players named. */
export const named = (text) => el("bdi", {}, printable(text));

export const roomLink = (key) => el("a", { href: `#/room/${encodeURIComponent(key)}` }, named(key));

export const tag = (text, kind = "") => el("span", { class: `tag ${kind}` }, text);

/** Quiet text beside something else. */
export const aside = (text) => el("span", { class: "soft small" }, text);

export const button = (text, onclick, kind = "") => el("button", { class: kind, onclick }, text);

/** A small button, with what it is for to those who hear the page. */
export const littleButton = (text, what, onclick) =>
  el("button", { class: "little", onclick }, text, el("span", { class: "hear" }, ` ${what}`));

/** What a list of facts consists of, from `[name, value]` each. */
export const facts = (pairs) => pairs.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)));

/** Lines of code below each other. */
export const codeLines = (lines) =>
  el("ol", { class: "lines-of-code" }, lines.map((line) => el("li", {}, el("code", {}, printable(line)))));

/** Text that may be long. */
export const longText = (text) => el("pre", { tabindex: "0" }, printable(text));

/** A part of a view with a heading. */
export const panel = (title, ...children) =>
  el("section", { class: "panel", "aria-label": title }, el("h2", {}, title), children);
