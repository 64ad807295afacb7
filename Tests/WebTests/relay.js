// A relay of the tests' own, with a log that is strict, and a network to it that fails.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const installed = "/usr/share/nodejs/ws"; // where Debian's node-ws is, which not every node looks for
export const WebSocket = require(existsSync(installed) ? installed : "ws").WebSocket;

const build = fileURLToPath(new URL("../../.build/", import.meta.url));
const binaries = [process.env.GAVEL, `${build}release/gavel`, `${build}debug/gavel`];
export const binary = binaries.find((path) => path && existsSync(path));

const rules = `
local rules = gavel.rules()
rules.messages.tell = { n = gavel.integer, author = gavel.string }
rules.messages.say = { n = gavel.integer, author = gavel.string }
rules.messages.refuse, rules.messages.roll = {}, {}
rules.messages.go = { to = gavel.string }
rules.messages.cursor = { x = gavel.integer }
rules.options.cursor = { class = "latest", echo = false }
function rules.on_create(room) room.state = { told = 0 } end
function rules.filters.tell(room, client, msg)
  room.state.told = room.state.told + 1
  return { n = msg.n, author = msg.author, told = room.state.told }
end
function rules.filters.refuse() gavel.reject("no", "Never.") end
function rules.commands.roll(room) return { told = room.state.told } end
function rules.commands.go(room, client, msg) room:move(client, msg.to) end
function rules.snapshot(room) return { told = room.state.told } end
return rules
`;

/** A port that was free a moment ago. */
async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export class Relay {
  static async start() {
    const relay = new Relay();
    relay.port = await freePort();
    relay.folder = mkdtempSync(join(tmpdir(), "gavel-web-"));
    mkdirSync(join(relay.folder, "scripts"));
    writeFileSync(join(relay.folder, "scripts", "test.lua"), rules);
    writeFileSync(join(relay.folder, "config.toml"), `
      [server]
      drain = "2s"
      [storage]
      kind = "sqlite"
      durability = "strict"
      [[rooms]]
      match = "ruled-*"
      rules = "test.lua"
      [rooms.history]
      messages = 100_000
      bytes = "64MiB"
      [[rooms]]
      match = "plain-*"
      presence = true
      [rooms.history]
      messages = 100_000
      bytes = "64MiB"
    `);
    relay.config = join(relay.folder, "config.toml");
    await relay.run();
    return relay;
  }

  /** One with the configuration and the games of the repository, which keeps nothing. */
  static async ofRepository() {
    const relay = new Relay();
    relay.port = await freePort();
    relay.config = fileURLToPath(new URL("../../config.toml", import.meta.url));
    await relay.run();
    return relay;
  }

  /** One with rules of its own, `a.lua`, that can be watched over HTTP. */
  static async ofOperators(rules) {
    const relay = new Relay();
    relay.port = await freePort();
    relay.httpPort = await freePort();
    relay.folder = mkdtempSync(join(tmpdir(), "gavel-admin-"));
    relay.config = join(relay.folder, "config.toml");
    relay.write(rules);
    writeFileSync(relay.config, `
      [server]
      drain = "2s"
      [control]
      socket = "off"
      [http]
      port = ${relay.httpPort}
      token = "${relay.token}"
      [reload]
      errors = 100
      [[rooms]]
      match = "*"
      rules = "a.lua"
      linger = "1s"
    `);
    await relay.run();
    return relay;
  }

  /** What operators of such a relay show. */
  token = "a-token-for-tests-alone";
  get admin() { return `http://127.0.0.1:${this.httpPort}/admin`; }

  /** Saves its rules. */
  write(rules) {
    mkdirSync(join(this.folder, "scripts"), { recursive: true });
    writeFileSync(join(this.folder, "scripts", "a.lua"), rules);
  }

  async run() {
    const words = ["serve", "--config", this.config, "--port", String(this.port)];
    this.process = spawn(binary, words, {
      stdio: ["ignore", "ignore", "pipe"],
      env: this.httpPort ? process.env : { ...process.env, GAVEL_HTTP_HOST: "off" },
    });
    this.log = "";
    this.process.stderr.on("data", (data) => { this.log += data; });
    this.ended = new Promise((resolve) => this.process.once("exit", resolve));
    for (let tries = 0; tries < 400; tries++) {
      if (/listening/.test(this.log)) return;
      if (this.process.exitCode !== null) break;
      await sleep(50);
    }
    throw new Error(`the relay did not start:\n${this.log}`);
  }

  async stop(signal) {
    this.process.kill(signal);
    await this.ended;
  }

  async remove() {
    await this.stop("SIGKILL");
    if (this.folder) rmSync(this.folder, { recursive: true });
  }
}

/** Passes bytes on to the relay, until it is told to do that badly. */
export class Network {
  links = new Set();

  static async open(port) {
    const network = new Network();
    network.server = net.createServer((near) => network.#link(near, net.connect(port, "127.0.0.1")));
    await new Promise((resolve) => network.server.listen(0, "127.0.0.1", resolve));
    network.url = `ws://127.0.0.1:${network.server.address().port}`;
    return network;
  }

  #link(near, far) {
    const link = { near, far, isDead: false };
    this.links.add(link);
    for (const [from, to] of [[near, far], [far, near]]) {
      from.on("data", (data) => { if (!link.isDead) to.write(data); });
      from.on("end", () => { if (!link.isDead) to.end(); });
      from.on("error", () => {});
      from.on("close", () => {
        this.links.delete(link);
        if (!link.isDead) to.destroy();
      });
    }
  }

  /** Ends a link in both directions. */
  cut(link) {
    link.near.destroy();
    link.far.destroy();
  }

  /** Ends it with a reset. */
  reset(link) {
    link.near.resetAndDestroy();
    link.far.resetAndDestroy();
  }

  /** Nothing passes any more, and nobody is told. */
  halfOpen(link) {
    link.isDead = true;
    setTimeout(() => this.cut(link), 3000).unref();
  }

  /** The relay's side is gone, the client's does not hear of it. */
  loseFar(link) {
    link.isDead = true;
    link.far.destroy();
    setTimeout(() => this.cut(link), 3000).unref();
  }

  /** All waits for a while, then goes on. */
  async stall(link, milliseconds) {
    for (const socket of [link.near, link.far]) socket.pause();
    await sleep(milliseconds);
    for (const socket of [link.near, link.far]) socket.resume();
  }

  close() {
    for (const link of this.links) this.cut(link);
    this.server.close();
  }
}

/** Numbers by chance, the same for the same seed: from 0 up to 1. */
export function chance(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Waits until something holds, at most so long. */
export async function until(holds, milliseconds, what) {
  const end = Date.now() + milliseconds;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`in ${milliseconds} ms it did not come about that ${what()}`);
    await sleep(10);
  }
}
