// The commands of the relay over HTTP: those that only look by GET, those that act by POST, streams line by line.

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
   * seconds: a browser has no more than six connections to a server for all its tabs.
   */
  async stream(name, query, onLine, signal, { silence = 25_000, unseen = 10_000 } = {}) {
    const ended = new AbortController();
    const end = () => ended.abort();
    let silent, hidden;
    const heard = () => {
      clearTimeout(silent);
      silent = setTimeout(end, silence);
    };
    const seen = () => {
      clearTimeout(hidden);
      if (document.hidden) hidden = setTimeout(end, unseen);
    };
    signal.addEventListener("abort", end);
    document.addEventListener("visibilitychange", seen);
    heard();
    seen();
    try {
      const answer = await this.#fetch(name, { query, signal: ended.signal });
      onLine({});
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let rest = ""; ;) {
        const { value, done } = await reader.read();
        if (done) return;
        heard();
        const lines = (rest + value).split("\n");
        rest = lines.pop();
        for (const line of lines) {
          if (line === "") continue;
          const told = JSON.parse(line);
          if (told.error) throw new Refusal(200, told.error.code, told.error.text);
          onLine(told);
        }
      }
    } finally {
      clearTimeout(silent);
      clearTimeout(hidden);
      signal.removeEventListener("abort", end);
      document.removeEventListener("visibilitychange", seen);
      end();
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
