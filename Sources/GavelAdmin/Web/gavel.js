// Gavel's client: joins a room of a relay, notices when the link is dead, comes back, and misses nothing.
//
//   import { Gavel } from "./gavel.js";
//   const gavel = new Gavel("ws://127.0.0.1:8765");
//   gavel.on("move", (move) => draw(move));
//   await gavel.join("tictactoe-1", { name: "Ada" });
//   gavel.send({ type: "move", cell: 5 });
//
// For browsers, and for Node from 18 on, which needs a WebSocket to be passed (the package ws has one).

/** Why a promise was rejected or a call refused. `code` is the relay's, or one of the client's own. */
export class GavelError extends Error {
  constructor(code, text, details = {}) {
    super(text || code);
    this.name = "GavelError";
    this.code = code;
    /** With the code `rejected`: why the rules said no. */
    this.reason = details.reason;
    /** The relay's `error` or the close, where one was the cause. */
    this.details = details;
  }
}

const OPEN = 1;
const PING = '{"type":"gavel.ping"}';
/** Errors that come in the room's order: it has taken what was sent before the message refused, too. */
const ERRORS_IN_ORDER = ["rejected", "rules_failed", "unknown_type"];
/** Close codes after which to connect again would be to make the same mistake again. */
const FAULTS = [1002, 1003, 1007, 1009];
/** What the others say that end it for good; every one from 4500 on does. */
const FINAL = {
  1000: "closed", 4500: "unauthorized", 4501: "forbidden", 4502: "kicked", 4503: "bad_messages", 4505: "replaced",
};

/** What a session sends: what waits, and, numbered, what was sent, until the room is known to have taken it. */
class Outbox {
  queue = []; // { text, bytes, ref, latest, number }, in order
  sent = [];
  count = 0; // text messages sent in the session
  taken = 0; // how many of them the room has taken for certain
  read = 0; // how many of them the relay has read for certain
  asked; // the ref of the message whose answer will tell how far the room has got

  get unanswered() { return this.sent.filter((entry) => entry.number > this.taken); }
  get waiting() { return [...this.unanswered, ...this.queue]; }

  /** Numbers a message that is sent now, and gives its text. One at a time carries a ref, so that it is answered. */
  stamp(entry, freshRef) {
    if (this.asked === undefined) {
      if (entry.ref === undefined) {
        entry.ref = freshRef();
        entry.stamped = `${entry.text.slice(0, -1)},"ref":${entry.ref}}`;
      }
      this.asked = entry.ref;
    }
    entry.number = ++this.count;
    this.sent.push(entry);
    return entry.stamped ?? entry.text;
  }

  /** The message with this ref was answered; `isInOrder`: by the room, behind all that was sent before it. */
  answered(ref, isInOrder) {
    if (ref === undefined) return;
    if (ref === this.asked) this.asked = undefined;
    const entry = isInOrder && this.sent.find((sent) => sent.ref === ref);
    if (!entry || entry.number <= this.taken) return;
    this.taken = entry.number;
    this.read = Math.max(this.read, this.taken);
    // A few are kept all the same: a relay whose log is not strict forgets the last moments in a crash.
    this.sent = this.sent.filter((sent) => sent.number > this.taken - 64);
  }

  /** The session goes on, and the room has taken so many; what follows these is to be sent again, before all else. */
  takeUp(handled) {
    const again = this.sent.filter((entry) => entry.number > handled);
    this.restart();
    this.count = this.taken = this.read = handled;
    this.queue = [...again, ...this.queue];
  }

  /** Another session begins. */
  restart() {
    this.sent = [];
    this.count = this.taken = this.read = 0;
    this.asked = undefined;
  }
}

/** A client of a relay: one connection, and one room at a time. */
export class Gavel {
  #options;
  #listeners = new Map();
  #state = "idle";
  #reason = "";
  #socket = null;
  #timers = new Map();
  #attempts = 0;
  #wait = 0; // what the relay asked to wait before the next connection, in milliseconds
  #heardAt = 0;
  #pinged = null; // the number of the ping that is not answered

  #wanted = null; // the room to be in, with the other fields of the join
  #caller = null; // who waits for the join: { resolve, reject }
  #joinRef = null; // of the join that is not answered
  #leaver = null; // who waits for `left`
  #isMoving = false; // between `left` with the reason "moved" and the next `joined`
  #here = null; // { room, client_id }, also while away
  #isIn = false; // whether this connection is in the room, and messages may be sent

  #session = null; // { session, epoch }
  #position = 0; // the last number that came
  #isLoose = false; // whether the next number may be any: history was asked for
  #asOf = 0; // what the last snapshot contains
  #gap = null; // where numbers were missing
  #missedUntil = null; // after a return: the last number of what was missed

  #outbox = new Outbox();
  #refs = 0;
  #requests = new Map(); // by ref: { resolve, reject, timer }

  /**
   * @param {string} url The relay's: ws://… or wss://…
   * @param {import("./gavel.js").GavelOptions} [options]
   */
  constructor(url, options = {}) {
    this.url = url;
    this.#options = {
      WebSocket: globalThis.WebSocket,
      resume: true,
      pingAfter: 15000,
      pingTimeout: 5000,
      joinTimeout: 10000,
      requestTimeout: 10000,
      backoff: 500,
      backoffMost: 20000,
      bufferMessages: 1000,
      bufferBytes: 1 << 20,
      messageBytes: 64 << 10,
      storage: null,
      storageKey: "gavel",
      page: globalThis,
      random: Math.random,
      // Browsers have it; elsewhere the error is thrown where nothing of the client is under way.
      reportError: globalThis.reportError?.bind(globalThis) ?? ((error) => queueMicrotask(() => { throw error; })),
      clock: {
        now: () => Date.now(),
        setTimeout: (work, milliseconds) => setTimeout(work, milliseconds),
        clearTimeout: (timer) => clearTimeout(timer),
      },
      ...options,
    };
    if (!this.#options.WebSocket) throw new GavelError("no_websocket", "Pass a WebSocket in the options.");
    this.#watchPage();
  }

  /** "idle", "connecting", "online", "away" (the link is lost, and will be made again), "closed" (for good). */
  get state() { return this.#state; }
  /** Why: "lost", "silent", "gap", "moved"; of a closed one "closed", "kicked", "replaced", "refused", "fault", … */
  get reason() { return this.#reason; }
  /** The room that the client is in, also while it is away; else null. */
  get room() { return this.#here?.room ?? null; }
  /** The client's number in that room; else null. */
  get id() { return this.#here?.client_id ?? null; }
  /** How many messages wait to be sent, or have been sent and not answered. */
  get pending() { return this.#outbox.waiting.length; }

  // What the page or program calls

  /**
   * Has `listener` called with each message of a type; "*" stands for any. Types of the client itself begin with
   * "gavel.": `gavel.state`, `gavel.gap`, `gavel.lost`.
   * @returns {() => void} What ends it.
   */
  on(type, listener) {
    if (!this.#listeners.has(type)) this.#listeners.set(type, new Set());
    this.#listeners.get(type).add(listener);
    return () => this.#listeners.get(type).delete(listener);
  }

  /**
   * Enters a room, out of the present one; connects first where that is needed.
   * @param {string} room
   * @param {object} [fields] `name`, `token`, `history`, and what the rules want to know.
   * @returns {Promise<object>} `joined`. Rejected where the relay or the rules refuse, or the client is closed.
   */
  join(room, fields = {}) {
    this.#caller?.reject(new GavelError("superseded", "Another join was made."));
    if (this.#session || !this.#restore(room)) this.#endSession("left");
    this.#here = null;
    this.#isMoving = false;
    this.#wanted = { ...fields, room };
    return new Promise((resolve, reject) => {
      this.#caller = { resolve, reject };
      if (this.#socket?.readyState === OPEN) this.#sendJoin();
      else if (!this.#socket) this.#connect();
    });
  }

  /**
   * Sends a message to the room: now, or when the link is back; once, also if the link breaks meanwhile.
   * @param {{type: string}} message
   * @param {{latest?: string}} [options] While it waits, a newer one with the same `latest` takes its place.
   * @throws {GavelError} `not_joined`, `too_large`, `bad_message`; `buffer_full`: too much waits already.
   */
  send(message, { latest } = {}) {
    if (!this.#wanted) throw new GavelError("not_joined", "Join a room first.");
    if (typeof message?.type !== "string") throw new GavelError("bad_message", "A message has a type.");
    const outbox = this.#outbox;
    const text = JSON.stringify(message);
    const bytes = new TextEncoder().encode(text).length;
    if (bytes > this.#options.messageBytes) throw new GavelError("too_large", "The message is too large.");
    if (latest !== undefined) outbox.queue = outbox.queue.filter((entry) => entry.latest !== latest);
    const waiting = outbox.waiting;
    const total = waiting.reduce((sum, entry) => sum + entry.bytes, bytes);
    if (waiting.length >= this.#options.bufferMessages || total > this.#options.bufferBytes) {
      throw new GavelError("buffer_full", "Too much waits to be sent.");
    }
    outbox.queue.push({ text, bytes, ref: message.ref, latest });
    this.#flush();
  }

  /**
   * Sends a message and waits for its answer: the reply, or its own relayed copy.
   * @param {{type: string}} message
   * @param {{timeout?: number}} [options] Milliseconds.
   * @returns {Promise<object>} Rejected with the relay's error, or with `timeout`, `left`, `lost` (so was the session),
   *   `answer_lost` (the room took it, and what it answered came while the client was away).
   */
  request(message, { timeout = this.#options.requestTimeout } = {}) {
    return new Promise((resolve, reject) => {
      const ref = message.ref ?? ++this.#refs;
      if (this.#requests.has(ref)) throw new GavelError("bad_message", "Another request has that ref.");
      const timer = this.#options.clock.setTimeout(() => this.#settle(ref, new GavelError("timeout")), timeout);
      this.#requests.set(ref, { resolve, reject, timer });
      try {
        this.send({ ...message, ref });
      } catch (error) {
        this.#settle(ref, error);
      }
    });
  }

  /** Leaves the room and keeps the connection. Resolved when it is done. */
  leave() {
    if (!this.#wanted) return Promise.resolve();
    this.#wanted = null;
    this.#caller?.reject(new GavelError("left"));
    this.#caller = null;
    if (this.#socket?.readyState !== OPEN || !(this.#isIn || this.#joinRef || this.#isMoving)) {
      this.#here = null;
      this.#endSession("left");
      return Promise.resolve();
    }
    this.#socket.send('{"type":"leave"}');
    return new Promise((resolve) => { this.#leaver = resolve; });
  }

  /** Leaves the room and closes the connection. Only another `join` opens it again. */
  close() {
    this.#finish("closed", "", 1000);
  }

  // The connection

  #connect() {
    this.#cancel("retry");
    this.#setState("connecting");
    // It bounds the handshake as well.
    this.#after("join", this.#options.joinTimeout, () => this.#lose("silent"));
    let socket;
    try {
      socket = this.#socket = new this.#options.WebSocket(this.url);
    } catch (error) {
      return this.#finish("bad_url", error.message);
    }
    socket.onopen = () => {
      this.#heard();
      if (this.#wanted) return this.#sendJoin();
      this.#cancel("join");
      this.#setState("online");
    };
    socket.onmessage = (event) => {
      this.#heard();
      if (typeof event.data === "string") this.#receive(JSON.parse(event.data));
    };
    socket.onclose = ({ code, reason }) => {
      if (FAULTS.includes(code)) return this.#finish("fault", reason, code);
      if (code === 1000 || (code >= 4500 && code <= 4999)) return this.#finish(FINAL[code] ?? "refused", reason, code);
      if (code === 4005) this.#wait = Math.max(this.#wait, 5000);
      this.#lose("lost", code);
    };
    socket.onerror = () => {}; // its close follows
  }

  /** The link is lost, or given up. It is made again after a while. */
  #lose(reason, code, wait = this.#wait) {
    this.#abandon();
    if (!this.#session && this.#here) {
      this.#here = null;
      this.#endSession("lost");
    }
    if (!this.#wanted) return this.#setState("idle", reason, { code });
    const { backoff, backoffMost, random } = this.#options;
    wait ||= Math.min(backoffMost, backoff * 2 ** this.#attempts) * (0.5 + random() / 2);
    this.#attempts = Math.min(this.#attempts + 1, 16);
    this.#wait = 0;
    this.#after("retry", wait, () => this.#connect());
    this.#setState("away", reason, { code, retry_in_ms: wait });
  }

  /** The end. What waits for an answer is rejected. */
  #finish(reason, text, code) {
    this.#abandon(code);
    this.#cancel("retry");
    this.#here = this.#wanted = null;
    this.#attempts = this.#wait = 0;
    this.#endSession(reason);
    this.#setState("closed", reason, { code });
    this.#caller?.reject(new GavelError(reason, text, { close: code }));
    this.#caller = null;
  }

  /** Hears no more of the socket, which may take long to end. */
  #abandon(code) {
    for (const timer of ["join", "ping", "pong", "rejoin"]) this.#cancel(timer);
    const socket = this.#socket;
    this.#socket = this.#joinRef = this.#pinged = null;
    if (this.#leaver || this.#isMoving) {
      this.#here = null;
      this.#endSession("left");
    }
    this.#isMoving = this.#isIn = false;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    if (code === 1000) socket.close(1000);
    else if (socket.terminate) socket.terminate();
    else socket.close(4000);
  }

  #heard() {
    this.#heardAt = this.#options.clock.now();
    this.#cancel("pong");
    if (!this.#timers.has("ping")) this.#after("ping", this.#options.pingAfter, () => this.#listen());
  }

  /** After a silence it asks whether the relay is there: a page cannot send WebSocket's own pings. */
  #listen() {
    const rest = this.#heardAt + this.#options.pingAfter - this.#options.clock.now();
    this.#after("ping", rest > 0 ? rest : this.#options.pingAfter, () => this.#listen());
    if (rest <= 0) this.#ping();
  }

  #ping() {
    // Before `joined` nothing else may be sent: there the time for the join is the limit.
    if (this.#socket?.readyState !== OPEN || (this.#wanted && !this.#isIn) || this.#timers.has("pong")) return;
    if (this.#pinged === null) {
      if (this.#isIn) this.#pinged = ++this.#outbox.count;
      this.#socket.send(PING);
    }
    this.#after("pong", this.#options.pingTimeout, () => this.#lose("silent"));
  }

  // Joining and leaving

  #sendJoin() {
    this.#cancel("rejoin");
    this.#isIn = false;
    this.#joinRef = ++this.#refs;
    const join = { type: "join", ...this.#wanted, ref: this.#joinRef };
    if (this.#options.resume) join.resume = this.#session ? { ...this.#session, msg_id: this.#position } : true;
    this.#after("join", this.#options.joinTimeout, () => this.#lose("silent"));
    this.#socket.send(JSON.stringify(join));
  }

  #joined(message) {
    if (this.#joinRef && message.ref !== this.#joinRef) return; // a later join is on its way
    const wasMoved = !this.#joinRef;
    const isReturn = !wasMoved && this.#session !== null && message.reason !== "session";
    // Of what was on its way when a room sent us on, the new one counts some. Only a return tells how many.
    const strays = wasMoved && this.#outbox.count > this.#outbox.read && message.session !== undefined;
    if (!wasMoved && !isReturn && this.#session) this.#loseSession();
    if (wasMoved && this.#wanted) {
      const { name, token } = this.#wanted;
      this.#wanted = { name, token, room: message.room };
    }

    this.#cancel("join");
    this.#attempts = 0;
    this.#joinRef = null;
    this.#isMoving = false;
    this.#isIn = !strays;
    this.#here = { room: message.room, client_id: message.client_id };
    this.#asOf = 0;
    this.#isLoose = !isReturn && !wasMoved && this.#wanted?.history > 0;
    if (!message.recovered) this.#position = message.msg_id;
    if (isReturn) {
      this.#missedUntil = message.msg_id;
      this.#outbox.takeUp(message.handled);
    } else {
      this.#outbox.restart();
    }
    this.#session = message.session ? { session: message.session, epoch: message.epoch } : null;
    this.#store();
    this.#setState("online");
    const caller = this.#caller;
    this.#caller = null;
    this.#emit(message);
    caller?.resolve(message);
    this.#checkReturned();
    if (strays && this.#here) this.#lose("moved", undefined, 1);
    else this.#flush();
  }

  /** The room says no to a join. */
  #refused(error) {
    this.#cancel("join");
    const isRepeated = this.#joinRef && !this.#caller && this.#wanted;
    this.#joinRef = null;
    this.#isMoving = false;
    if (isRepeated && error.temporary) {
      const wait = error.retry_after_ms ?? this.#options.backoff * 2 ** Math.min(this.#attempts++, 5);
      return this.#after("rejoin", wait, () => this.#sendJoin());
    }
    this.#here = this.#wanted = null;
    this.#endSession(error.code);
    this.#setState("online");
    this.#caller?.reject(new GavelError(error.code, error.message, error));
    this.#caller = null;
  }

  #left(reason) {
    if (this.#joinRef) return; // a join of ours took us out, and the next `joined` decides
    this.#here = null;
    this.#isIn = false;
    if (reason === "moved") {
      const { count, read } = this.#outbox;
      this.#isMoving = true;
      this.#endSession("left");
      Object.assign(this.#outbox, { count, read });
      this.#after("join", this.#options.joinTimeout, () => this.#lose("silent"));
    } else {
      this.#wanted = null;
      this.#endSession("left");
    }
  }

  /** The relay knows the session no more. What it may not have taken is told, and not sent: all may have changed. */
  #loseSession() {
    const messages = this.#outbox.waiting.map((entry) => JSON.parse(entry.text));
    this.#endSession("lost");
    this.#emit({ type: "gavel.lost", messages });
  }

  #endSession(code) {
    this.#session = this.#missedUntil = this.#gap = null;
    this.#outbox.restart();
    this.#outbox.queue = [];
    for (const ref of [...this.#requests.keys()]) this.#settle(ref, new GavelError(code));
    this.#leaver?.();
    this.#leaver = null;
    this.#store();
  }

  // Sending and receiving

  #flush() {
    if (!this.#isIn || this.#leaver || this.#socket?.readyState !== OPEN) return;
    for (const entry of this.#outbox.queue.splice(0)) {
      // Without a session nothing can be sent again.
      const text = this.#session ? this.#outbox.stamp(entry, () => ++this.#refs) : entry.text;
      this.#socket.send(text);
    }
  }

  #receive(message) {
    const { type, ref, msg_id: id } = message;
    if (type === "joined") return this.#joined(message);
    if (type === "gavel.pong") return this.#ponged();
    if (type === "left") this.#left(message.reason);
    else if (type === "closing") this.#wait = Math.max(1, message.reconnect_in_ms);
    else if (type === "error" && (this.#joinRef ? ref === this.#joinRef : this.#isMoving && message.to === "join")) {
      this.#refused(message);
    } else if (type === "error") this.#failed(message);
    else if (this.#joinRef) return; // of the room before
    else if (type === "snapshot") this.#asOf = message.as_of;
    if (id !== undefined && !this.#follows(id)) return;
    if (type !== "gavel.skip" && !(id <= this.#asOf)) this.#emit(message);
    const isAnswer = type === "reply" || (id !== undefined && message.client_id === this.id);
    if (isAnswer && ref !== undefined) {
      this.#outbox.answered(ref, true);
      this.#settle(ref, null, message);
    }
    if (id !== undefined) this.#checkReturned();
  }

  #ponged() {
    if (this.#pinged !== null) this.#outbox.read = Math.max(this.#outbox.read, this.#pinged);
    this.#pinged = null;
  }

  #failed(error) {
    this.#outbox.answered(error.ref, ERRORS_IN_ORDER.includes(error.code));
    if (error.ref !== undefined) this.#settle(error.ref, new GavelError(error.code, error.message, error));
  }

  /** Whether a number is the next. Where some are missing the client goes and gets them. */
  #follows(id) {
    const isLoose = this.#isLoose && id <= this.#position + 1;
    this.#isLoose = false;
    if (id > this.#position + 1 && !isLoose) {
      const expected = this.#position + 1;
      const isFirst = this.#gap !== expected && this.#session;
      this.#gap = expected;
      this.#emit({ type: "gavel.gap", expected, got: id });
      if (isFirst) {
        this.#lose("gap", undefined, 1);
        return false;
      }
    } else if (id <= this.#position && !isLoose) {
      return false;
    }
    this.#position = id;
    return true;
  }

  /** When all that was missed has come, answers that did not come with it never will. */
  #checkReturned() {
    if (this.#missedUntil === null || this.#position < this.#missedUntil) return;
    const waiting = new Set(this.#outbox.waiting.map((entry) => entry.ref));
    this.#missedUntil = null;
    for (const ref of [...this.#requests.keys()]) {
      if (!waiting.has(ref)) this.#settle(ref, new GavelError("answer_lost", "The room took it; the answer is lost."));
    }
  }

  #settle(ref, error, message) {
    const request = this.#requests.get(ref);
    if (!request) return;
    this.#requests.delete(ref);
    this.#options.clock.clearTimeout(request.timer);
    if (error) request.reject(error);
    else request.resolve(message);
  }

  #emit(message) {
    for (const type of [message.type, "*"]) {
      for (const listener of [...(this.#listeners.get(type) ?? [])]) {
        try {
          listener(message);
        } catch (error) {
          this.#options.reportError(error); // the listener's mistake, which stops nothing here
        }
      }
    }
  }

  #setState(state, reason = "", details = {}) {
    if (state === this.#state && reason === this.#reason) return;
    this.#state = state;
    this.#reason = reason;
    this.#emit({ type: "gavel.state", state, reason, ...details });
  }

  #after(name, delay, work) {
    this.#cancel(name);
    const timer = this.#options.clock.setTimeout(() => {
      this.#timers.delete(name);
      work();
    }, delay);
    this.#timers.set(name, timer);
  }

  #cancel(name) {
    this.#options.clock.clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }

  // The page around it

  #watchPage() {
    const { page } = this.#options;
    if (!page?.addEventListener || !page.document) return;
    const look = () => {
      if (this.#state === "online") return this.#ping();
      if (this.#state !== "away") return;
      this.#attempts = 0;
      this.#connect();
    };
    page.addEventListener("online", look);
    page.addEventListener("pagehide", () => this.#store());
    page.document.addEventListener("visibilitychange", () => {
      if (page.document.visibilityState === "visible") look();
      else this.#store();
    });
  }

  /** Keeps the session for the page that a reload makes of this one. */
  #store() {
    const { storage, storageKey } = this.#options;
    if (!storage) return;
    if (!this.#session) return storage.removeItem(storageKey);
    const { room } = this.#here ?? this.#wanted;
    const { count, sent, queue } = this.#outbox;
    const { session } = this.#session;
    storage.setItem(storageKey, JSON.stringify({ url: this.url, room, session, refs: this.#refs, count, sent, queue }));
  }

  /** Takes up what the page before a reload kept. Its picture of the room is gone: it asks to be shown all anew. */
  #restore(room) {
    const kept = JSON.parse(this.#options.storage?.getItem(this.#options.storageKey) ?? "null");
    if (kept?.room !== room || kept.url !== this.url || !this.#options.resume) return false;
    this.#session = { session: kept.session, epoch: "" };
    this.#position = 0;
    this.#refs = Math.max(this.#refs, kept.refs);
    Object.assign(this.#outbox, { count: kept.count, sent: kept.sent, queue: kept.queue });
    return true;
  }
}
