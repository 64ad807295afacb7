// A WebSocket without a network, and a clock that the test moves.
import { Gavel } from "../../Sources/GavelAdmin/Web/gavel.js";

export class FakeClock {
  time = 0;
  timers = new Map();
  last = 0;

  now = () => this.time;
  setTimeout = (work, delay) => {
    this.timers.set(++this.last, { at: this.time + delay, work });
    return this.last;
  };
  clearTimeout = (timer) => this.timers.delete(timer);

  /** Goes on by so many milliseconds, and does what is due on the way, in order. */
  advance(milliseconds) {
    const end = this.time + milliseconds;
    for (let steps = 0; steps < 10_000; steps++) {
      const due = [...this.timers].filter(([, timer]) => timer.at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
      if (!due) break;
      this.timers.delete(due[0]);
      this.time = Math.max(this.time, due[1].at);
      due[1].work();
    }
    this.time = end;
  }
}

/** A client with sockets that the test plays the relay of. */
export function client(options = {}) {
  const clock = new FakeClock();
  const sockets = [];
  class FakeSocket {
    readyState = 0;
    sent = [];
    closedWith = null;
    constructor(url) {
      if (url === "nonsense") throw new SyntaxError("no address");
      this.url = url;
      sockets.push(this);
    }
    send(text) {
      if (this.readyState !== 1) throw new Error("not open");
      this.sent.push(JSON.parse(text));
    }
    close(code) {
      this.closedWith = code;
      this.readyState = 2;
    }

    // What the other side does.
    open() {
      this.readyState = 1;
      this.onopen();
    }
    say(message) { this.onmessage?.({ data: JSON.stringify(message) }); }
    end(code, reason = "") {
      this.readyState = 3;
      this.onclose?.({ code, reason });
    }
    /** What was sent since the last call. */
    take() { return this.sent.splice(0); }
    /** Answers the last join. */
    admit(fields = {}) {
      const join = this.sent.findLast((message) => message.type === "join");
      this.sent.length = 0;
      const session = join.resume ? { session: "secret", handled: 0 } : {};
      this.say({ type: "joined", client_id: 1, room: join.room, msg_id: 0, epoch: "e1", ref: join.ref, ...session, ...fields });
    }
  }
  const gavel = new Gavel("ws://relay", { WebSocket: FakeSocket, clock, random: () => 1, page: null, ...options });
  const events = [];
  gavel.on("*", (message) => events.push(message));
  return {
    gavel, clock, sockets, events,
    get socket() { return sockets.at(-1); },
    /** The types of what came, or of one type all of it. */
    types: () => events.map((event) => event.type),
    of: (type) => events.filter((event) => event.type === type),
    /** A client in the room "r", as client 1, with the last number 0. */
    async enter(fields = {}, joined = {}) {
      const entered = gavel.join("r", fields);
      sockets.at(-1).open();
      sockets.at(-1).admit(joined);
      await entered;
      events.length = 0;
      return this;
    },
    /** Loses the link and makes it again; the join is left to be answered. */
    comeBack(code = 1006, wait = 500) {
      sockets.at(-1).end(code);
      clock.advance(wait);
      sockets.at(-1).open();
      return sockets.at(-1).sent.find((message) => message.type === "join");
    },
  };
}

/** What a promise is rejected with. */
export async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it was not rejected");
}

/** A page's storage. */
export class FakeStorage {
  items = new Map();
  getItem = (key) => this.items.get(key) ?? null;
  setItem = (key, value) => void this.items.set(key, value);
  removeItem = (key) => void this.items.delete(key);
}
