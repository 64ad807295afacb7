/** Types of gavel.js, the client of the Gavel relay. */

/** A message: what `type` says, and what the room's rules or the sender put into it. */
export interface Message {
  type: string;
  /** Who sent it: a client of the room; 0: the relay or the rules. */
  client_id?: number;
  /** Its place in the room's order; without one it was sent to this client alone, or is of class `latest`. */
  msg_id?: number;
  ref?: string | number;
  [field: string]: any;
}

export interface Joined extends Message {
  type: "joined";
  client_id: number;
  room: string;
  msg_id: number;
  epoch: string;
  /** With presence: who was there before. */
  clients?: { client_id: number; name: string }[];
  /** Of a return: whether all that was missed follows. */
  recovered?: boolean;
  /** Of a return that is not recovered: why. */
  reason?: "epoch" | "history" | "future" | "session";
}

export interface RelayError extends Message {
  type: "error";
  code: string;
  /** With `rejected`: the rules' own code. */
  reason?: string;
  message?: string;
  /** The type of the message that was refused. */
  to?: string;
  temporary: boolean;
  retry_after_ms?: number;
}

export interface Left extends Message {
  type: "left";
  room: string;
  reason: "left" | "moved" | "kicked" | "closed";
  message?: string;
}

export interface Snapshot extends Message {
  type: "snapshot";
  /** It contains all up to this number. */
  as_of: number;
}

export type State = "idle" | "connecting" | "online" | "away" | "closed";

/** The client's state changed. */
export interface StateEvent {
  type: "gavel.state";
  state: State;
  /**
   * Of "away": `lost`, `silent`, `gap`, `moved`. Of "closed": `closed`, `kicked`, `replaced`, `unauthorized`,
   * `forbidden`, `bad_messages`, `refused`, `fault`, `bad_url`.
   */
  reason: string;
  /** The close code, where there was one. */
  code?: number;
  /** When the next attempt is made. */
  retry_in_ms?: number;
}

/** Numbers are missing. The client comes back from before them, once; then it goes on behind them. */
export interface GapEvent {
  type: "gavel.gap";
  expected: number;
  got: number;
}

/** The client was away for too long, and is a new one: these of its messages were perhaps not taken. */
export interface LostEvent {
  type: "gavel.lost";
  messages: Message[];
}

/** What the client needs of a clock. */
export interface Clock {
  now(): number;
  setTimeout(work: () => void, milliseconds: number): unknown;
  clearTimeout(timer: any): void;
}

/** Times are in milliseconds. */
export interface GavelOptions {
  /** The class to connect with. Default: the global one. */
  WebSocket?: new (url: string) => any;
  /** Whether to ask for a session, and come back to it. Default: true. */
  resume?: boolean;
  /** After so long a silence the relay is asked whether it is there. Default: 15000. */
  pingAfter?: number;
  /** How long it may take to answer that. Default: 5000. */
  pingTimeout?: number;
  /** How long a handshake, and a join, may take. Default: 10000. */
  joinTimeout?: number;
  /** How long `request` waits. Default: 10000. */
  requestTimeout?: number;
  /** The first wait before connecting again; it doubles with each failure, up to the second. Defaults: 500, 20000. */
  backoff?: number;
  backoffMost?: number;
  /** How much may wait to be sent, or to be known to have been taken. Defaults: 1000, 1 MiB. */
  bufferMessages?: number;
  bufferBytes?: number;
  /** The largest message; the relay's `limits.message_bytes`. Default: 64 KiB. */
  messageBytes?: number;
  /** Where to keep the session for a reload of the page: `sessionStorage`. Default: nowhere. */
  storage?: Pick<Storage, "getItem" | "setItem" | "removeItem"> | null;
  /** Under which name. Default: "gavel". */
  storageKey?: string;
  /** The window whose `online`, `visibilitychange` and `pagehide` matter; null: none. */
  page?: any;
  /** What a listener threw is given to this. Default: the global `reportError`. */
  reportError?: (error: unknown) => void;
  /** For tests. */
  random?: () => number;
  /** For tests. */
  clock?: Clock;
}

export class GavelError extends Error {
  readonly code: string;
  readonly reason?: string;
  /** The relay's `error`, where there was one. */
  readonly details: Partial<RelayError> & { close?: number };
  constructor(code: string, text?: string, details?: object);
}

export class Gavel {
  constructor(url: string, options?: GavelOptions);
  url: string;
  readonly state: State;
  readonly reason: string;
  readonly room: string | null;
  readonly id: number | null;
  readonly pending: number;

  on(type: "gavel.state", listener: (event: StateEvent) => void): () => void;
  on(type: "gavel.gap", listener: (event: GapEvent) => void): () => void;
  on(type: "gavel.lost", listener: (event: LostEvent) => void): () => void;
  on(type: "joined", listener: (message: Joined) => void): () => void;
  on(type: "left", listener: (message: Left) => void): () => void;
  on(type: "error", listener: (message: RelayError) => void): () => void;
  on(type: "snapshot", listener: (message: Snapshot) => void): () => void;
  on(type: string, listener: (message: any) => void): () => void;

  join(
    room: string,
    fields?: { name?: string; token?: string; history?: number; [field: string]: unknown },
  ): Promise<Joined>;
  send(message: Message, options?: { latest?: string }): void;
  request(message: Message, options?: { timeout?: number }): Promise<Message>;
  leave(): Promise<void>;
  close(): void;
}
