// How the relay fares, second by second, for as long as the page is open.
import { inSight, pause } from "./admin-api.js";

/** How far back the page remembers, in milliseconds. */
export const span = 5 * 60_000;

export class Live extends EventTarget {
  /** connecting, online, lost or denied */
  state = "connecting";
  /** The oldest first. */
  samples = [];
  /** When rules were exchanged, refused or taken back: `{ time, kind, text }`. */
  marks = [];
  /** What `status` told when the stream began. */
  about = null;
  /** Why the stream is lost. */
  error = null;
  #begun = 0;
  #ended = new AbortController();
  #wake = () => {};

  constructor(api) {
    super();
    this.api = api;
  }

  get latest() { return this.samples.at(-1); }
  get isDraining() { return this.latest?.is_draining ?? false; }

  /** Returns when the token is refused, or after `close`. */
  async run() {
    for (let tries = 0; !this.#ended.signal.aborted; tries++) {
      try {
        await inSight(this.#ended.signal);
        this.about = await this.api.look("status", {}, this.#ended.signal);
        let isFirst = false;
        await this.api.stream("live", {}, (line) => {
          if (line.now) {
            tries = 0;
            this.#take(line, isFirst);
          }
          isFirst = !line.now;
        }, this.#ended.signal);
        this.error = new Error("The relay has ended the connection.");
      } catch (error) {
        if (error.name === "AbortError" && document.hidden) continue;
        this.error = error;
        if (error.status === 401 || error.status === 403) return this.#become("denied");
      }
      if (this.#ended.signal.aborted) return;
      const wait = Math.min(10_000, 500 * 2 ** tries);
      this.retryAt = Date.now() + wait;
      this.#become("lost");
      await Promise.race([pause(wait, this.#ended.signal), new Promise((resolve) => { this.#wake = resolve; })]);
    }
  }

  retry() { this.#wake(); }
  close() { this.#ended.abort(); }

  #become(state) {
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }

  #take(sample, isFirst) {
    // What was measured before somebody looked is not of this second.
    if (isFirst) Object.assign(sample, { message_microseconds: null, loop_lag_microseconds: null, hooks: [] });
    const previous = this.latest;
    // By the relay's clock, as lines may come late; by this machine's where it was stopped or started again.
    sample.time = this.#begun + sample.uptime_seconds * 1000;
    if (Math.abs(Date.now() - sample.time) > 3000) sample.time = Date.now();
    this.#begun = sample.time - sample.uptime_seconds * 1000;
    if (previous && sample.uptime_seconds < previous.uptime_seconds) this.samples = [];
    else if (previous) this.#mark(sample, previous);
    this.samples.push(sample);
    while (this.samples[0].time < sample.time - span - 5000) this.samples.shift();
    this.state = "online";
    this.dispatchEvent(new Event("change"));
  }

  #mark(sample, previous) {
    const kinds = [["reloads", "good", "reloaded"], ["refused_reloads", "bad", "refused"], ["rollbacks", "warn", "rolled back"]];
    for (const [name, kind, what] of kinds) {
      const more = sample[name] - previous[name];
      if (more > 0) this.marks.push({ time: sample.time, kind, what, count: more });
    }
    while (this.marks.length > 100) this.marks.shift();
  }
}

/** How many messages were refused since the relay began. */
export const refused = (sample) => sample.refusals.reduce((sum, { count }) => sum + count, 0);

/** How much a total grew in a second: of a name, or of what a function finds in a sample. */
export function rate(sample, previous, total) {
  if (!previous) return undefined;
  const of = typeof total === "function" ? total : (one) => one[total];
  return (of(sample) - of(previous)) / (sample.uptime_seconds - previous.uptime_seconds);
}
