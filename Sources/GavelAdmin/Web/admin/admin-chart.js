// Lines over time. A chart is drawn anew for each sample, as wide as it stands in the page.
import { el, svg } from "../elements.js";
import { clock } from "./admin-figures.js";

const height = 168;
const edge = { left: 58, right: 12, top: 10, bottom: 22 };
let drawn = 0;

/** A number at or above `value` that people like: 1, 2 or 5 and zeros. In powers of two for bytes. */
function ceiling(value, isBytes) {
  if (!(value > 0)) return 1;
  let scale = 1;
  if (isBytes) while (scale * 1024 <= value) scale *= 1024;
  const size = 10 ** Math.floor(Math.log10(value / scale));
  return scale * size * [1, 2, 5, 10].find((step) => step * size * scale >= value * 0.999);
}

export class Chart {
  /**
   * @param {object} options `title`, `note`; `format` of values; `series`: `{ name, of(sample, previous) }` each, a
   *   value or undefined; `span` milliseconds that are shown; `scale`: "linear", "log" or "bytes".
   */
  constructor({ title, note, format, series, span, scale = "linear" }) {
    Object.assign(this, { title, format, series, span, scale });
    this.points = [];
    this.marks = [];
    this.pointed = null;
    this.clip = `chart-${++drawn}`;
    this.values = series.map(() => el("span", { class: "value" }));
    this.time = el("span", { class: "time small soft" });
    this.picture = svg("svg", { class: "chart", role: "img", height });
    this.empty = el("p", { class: "soft small none" }, "Nothing measured yet.");
    this.element = el("section", { class: "panel chart-panel", "aria-label": title },
      el("div", { class: "row between" }, el("h2", {}, title), this.time),
      el("ul", { class: "legend" }, series.map(({ name }, index) => el("li", { class: `series-${index}` },
        el("span", { class: "swatch-line", "aria-hidden": "true" }), name, " ", this.values[index]))),
      el("div", { class: "canvas-box" }, this.picture, this.empty),
      note && el("p", { class: "small soft" }, note));
    this.picture.addEventListener("pointermove", (event) => this.#point(event));
    this.picture.addEventListener("pointerleave", () => this.#point(null));
    this.sizes = new ResizeObserver(() => this.#draw());
    this.sizes.observe(this.picture);
  }

  close() { this.sizes.disconnect(); }

  /** Shows samples, the oldest first; `marks` are times of what is to be seen in all charts. */
  show(samples, marks = []) {
    this.points = samples.map((sample, index) => ({
      time: sample.time,
      values: this.series.map(({ of }) => of(sample, samples[index - 1])),
    }));
    this.marks = marks;
    this.#draw();
  }

  #point(event) {
    this.pointed = event && event.clientX - this.picture.getBoundingClientRect().left;
    this.#draw();
  }

  /** Lowest and highest value of the axis, and where it has lines. */
  #axis(values) {
    if (this.scale === "log") {
      const low = 10 ** Math.floor(Math.log10(Math.max(1, Math.min(...values))));
      const high = Math.max(low * 10, 10 ** Math.ceil(Math.log10(Math.max(1, ...values))));
      const ticks = [];
      for (let tick = low; tick <= high * 1.001; tick *= 10) ticks.push(tick);
      return { ticks, share: (value) => Math.log10(Math.max(low, value) / low) / Math.log10(high / low) };
    }
    const high = ceiling(Math.max(0, ...values), this.scale === "bytes");
    const ticks = high < 2 ? [0, high] : [0, high / 2, high];
    return { ticks, share: (value) => value / high };
  }

  #draw() {
    const width = this.picture.clientWidth;
    const values = this.points.flatMap((point) => point.values).filter(Number.isFinite);
    this.empty.hidden = values.length > 0;
    if (width === 0) return;
    const end = this.points.at(-1)?.time ?? Date.now();
    const x = (time) => width - edge.right - ((end - time) / this.span) * (width - edge.left - edge.right);
    const { ticks, share } = this.#axis(values.length > 0 ? values : [0]);
    const y = (value) => height - edge.bottom - share(value) * (height - edge.top - edge.bottom);
    const upright = (kind, time) =>
      svg("line", { class: kind, x1: x(time), x2: x(time), y1: edge.top, y2: height - edge.bottom });
    const parts = ticks.flatMap((tick) => [
      svg("line", { class: "grid", x1: edge.left, x2: width - edge.right, y1: y(tick), y2: y(tick) }),
      values.length > 0 && svg("text", { x: edge.left - 8, y: y(tick) + 4, "text-anchor": "end" }, this.format(tick)),
    ]);
    const minutes = this.span / 60_000;
    const step = (width - edge.left - edge.right) / minutes < 64 ? 2 : 1;
    for (let minute = 0; minute <= minutes; minute += step) {
      const [text, anchor, aside] = minute === 0 ? ["now", "end", edge.right] : [`−${minute} min`, "middle", 0];
      parts.push(svg("text", { x: x(end - minute * 60_000) + aside, y: height - 5, "text-anchor": anchor }, text));
    }
    for (const mark of this.marks) {
      if (mark.time > end - this.span) parts.push(upright(`mark ${mark.kind}`, mark.time));
    }
    this.series.forEach((_, index) => parts.push(...this.#line(index, x, y, end)));
    const shown = this.#nearest(x);
    if (shown && this.pointed !== null) {
      parts.push(upright("pointer", shown.time));
      shown.values.forEach((value, index) => {
        if (!Number.isFinite(value)) return;
        parts.push(svg("circle", { class: `dot series-${index}`, cx: x(shown.time), cy: y(value), r: 3.5 }));
      });
    }
    this.time.textContent = shown && this.pointed !== null ? clock(shown.time) : "";
    const texts = this.series.map((_, index) => this.format(shown?.values[index]));
    texts.forEach((text, index) => { this.values[index].textContent = text; });
    const label = this.series.map(({ name }, index) => `${name} ${texts[index]}`).join(", ");
    this.picture.setAttribute("aria-label", `${this.title}: ${label}`);
    this.picture.replaceChildren(...parts.filter(Boolean));
  }

  /** A series as a path, broken where nothing was measured. */
  #line(index, x, y, end) {
    let path = "";
    let last = null;
    for (const { time, values } of this.points) {
      const value = values[index];
      if (time < end - this.span || !Number.isFinite(value)) continue;
      path += `${last !== null && time - last < 10_000 ? "L" : "M"}${x(time).toFixed(1)} ${y(value).toFixed(1)}`;
      last = time;
    }
    return path ? [svg("path", { class: `line series-${index}`, d: path })] : [];
  }

  /** The sample under the pointer, or the latest. */
  #nearest(x) {
    if (this.pointed === null) return this.points.at(-1);
    let [best, distance] = [undefined, Infinity];
    for (const point of this.points) {
      const away = Math.abs(x(point.time) - this.pointed);
      if (away < distance) [best, distance] = [point, away];
    }
    return best;
  }
}
