// The commands of the relay over HTTP: those that only look by GET, those that act by POST, streams over a WebSocket each,
// of which a browser has many, while it has six other connections to a server for all its tabs.

export class Refusal extends Error {
  /** @param {number} status 0: there was no answer. */
  constructor(status, code, text) {
    super(text);
    this.status = status;
    this.code = code;
  }
}

const base = new URL("/api/v1/", location.href);

export class Api {
  constructor(token) {
    this.token = token;
  }

  async #fetch(name, { query = {}, ...options }) {
    const url = new URL(name, base);
    for (const [key, value] of Object.entries(query)) {
      if (value !== undefined && value !== null && value !== "") url.searchParams.set(key, value);
    }
    const headers = { ...options.headers, authorization: `Bearer ${this.token}` };
    let answer;
    try {
      answer = await fetch(url, { ...options, headers, cache: "no-store" });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Refusal(0, "unreachable", "The relay does not answer.");
    }
    if (answer.ok) return answer;
    const { error } = await answer.json().catch(() => ({}));
    throw new Refusal(answer.status, error?.code ?? "failed", error?.text ?? `The relay answered with ${answer.status}.`);
  }

  /** Asks for something. */
  async look(name, query, signal) {
    return (await this.#fetch(name, { query, signal })).json();
  }

  /** Has something done. */
  async act(name, what = {}) {
    const headers = { "content-type": "application/json" };
    return (await this.#fetch(name, { method: "POST", headers, body: JSON.stringify(what) })).json();
  }

  /**
   * Tells each line of a stream, an empty one when it begins, until that ends or `signal` ends it. One that is silent
   * for longer than `silence` milliseconds is taken for dead. It ends, too, when the page has not been seen for some
   * seconds: the relay observes rooms only while somebody looks.
   */
  async stream(name, what, onLine, signal, { silence = 25_000, unseen = 10_000 } = {}) {
    const socket = new WebSocket(new URL("socket", base.href.replace(/^http/, "ws")));
    let silent, hidden, finish;
    const ended = new Promise((resolve, reject) => { finish = (error) => (error ? reject(error) : resolve()); });
    const giveUp = (reason) => finish(new DOMException(reason, "AbortError"));
    const stop = () => giveUp("Nobody listens any more.");
    const heard = () => {
      clearTimeout(silent);
      silent = setTimeout(giveUp, silence, "The relay has not been heard for a while.");
    };
    const seen = () => {
      clearTimeout(hidden);
      if (document.hidden) hidden = setTimeout(stop, unseen);
    };
    socket.onopen = () => {
      socket.send(JSON.stringify({ token: this.token }));
      socket.send(JSON.stringify({ command: name, arguments: what }));
      onLine({});
    };
    socket.onmessage = ({ data }) => {
      heard();
      const { line, error } = JSON.parse(data);
      if (line) onLine(line);
      else finish(error && new Refusal(200, error.code, error.text));
    };
    socket.onclose = ({ code }) => {
      if (code === 1008) finish(new Refusal(401, "unauthorized", "The relay has another token by now."));
      finish(code === 1006 && new Refusal(0, "unreachable", "The relay does not answer."));
    };
    signal.addEventListener("abort", stop);
    document.addEventListener("visibilitychange", seen);
    heard();
    seen();
    if (signal.aborted) stop();
    try {
      await ended;
    } finally {
      clearTimeout(silent);
      clearTimeout(hidden);
      signal.removeEventListener("abort", stop);
      document.removeEventListener("visibilitychange", seen);
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
  }
}

/** Waits until the page can be seen. */
export async function inSight(signal) {
  while (document.hidden && !signal.aborted) {
    await new Promise((resolve) => {
      document.addEventListener("visibilitychange", resolve, { once: true });
      signal.addEventListener("abort", resolve, { once: true });
    });
  }
}

/** Waits, at most until `signal` says that nobody does any more. */
export function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}
