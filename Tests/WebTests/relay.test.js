// The client against a relay that is killed, over a network that fails. GAVEL names the relay's binary, else it is that
// of .build; WEB_SEED and WEB_SECONDS say which faults, and for how long.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Gavel } from "../../Sources/GavelAdmin/Web/gavel.js";
import { chance, Network, Relay, until, WebSocket } from "./relay.js";
import { failure } from "./fakes.js";

const seed = Number(process.env.WEB_SEED ?? 1);
const seconds = Number(process.env.WEB_SECONDS ?? 10);
const hasty = { WebSocket, pingAfter: 300, pingTimeout: 300, joinTimeout: 1500, backoff: 30, backoffMost: 200 };
let relay;
const clients = [];

before(async () => { relay = await Relay.start(); });
after(async () => {
  for (const client of clients) client.close();
  await relay.remove();
});

function connect(url = `ws://127.0.0.1:${relay.port}`, options = {}) {
  const gavel = new Gavel(url, { WebSocket, ...options });
  clients.push(gavel);
  return gavel;
}

test("join, send, request, refusal, snapshot, leave", async () => {
  const ada = connect();
  const bo = connect();
  let snapshot;
  ada.on("snapshot", (message) => { snapshot = message; });
  const joined = await ada.join("ruled-talk", { name: "Ada" });
  assert.deepEqual([joined.client_id, ada.id, ada.room, ada.state], [1, 1, "ruled-talk", "online"]);
  await until(() => snapshot, 1000, () => "a snapshot comes");
  await bo.join("ruled-talk", { name: "Bo" });
  const heard = new Promise((resolve) => bo.on("tell", resolve));
  const told = await ada.request({ type: "tell", n: 1, author: "Ada" });
  assert.deepEqual([told.told, told.client_id, (await heard).told], [1, 1, 1]);
  assert.equal((await bo.request({ type: "roll" })).told, 1);
  assert.equal((await bo.request({ type: "cursor", x: 1 })).type, "reply");
  assert.equal((await failure(bo.request({ type: "refuse" }))).reason, "no");
  assert.equal((await failure(bo.request({ type: "tell", n: "one" }))).code, "bad_message");
  await bo.request({ type: "roll" });
  assert.deepEqual([ada.pending, bo.pending], [0, 0]);
  await bo.leave();
  assert.equal(bo.room, null);
  assert.equal((await bo.join("plain-talk", { history: 5 })).room, "plain-talk");
});

test("a room sends a client on, with messages on their way; a return finds it there", async () => {
  const network = await Network.open(relay.port);
  const gavel = connect(network.url, hasty);
  const said = [];
  gavel.on("say", (message) => said.push(message.n));
  await gavel.join("ruled-from");
  gavel.send({ type: "go", to: "ruled-to" });
  for (let n = 1; n <= 5; n++) gavel.send({ type: "say", n, author: "stray" }); // who knows where these arrive
  await until(() => gavel.room === "ruled-to" && gavel.state === "online", 5000, () => "it is in the other room");
  await gavel.request({ type: "roll" });
  said.length = 0;
  for (let n = 11; n <= 40; n++) {
    gavel.send({ type: "say", n, author: "me" });
    if (n % 10 === 0) for (const link of network.links) network.cut(link);
    await sleep(2);
  }
  await until(() => said.length >= 30, 5000, () => `30 messages come, not ${said.length}`);
  await gavel.request({ type: "roll" });
  assert.deepEqual(said, Array.from({ length: 30 }, (_, index) => index + 11));
  network.close();
});

test("a second connection of the session replaces the first, for good", async () => {
  const items = new Map();
  const storage = { getItem: (key) => items.get(key) ?? null, setItem: (key, value) => items.set(key, value), removeItem() {} };
  const first = connect(undefined, { storage });
  const { client_id } = await first.join("plain-twice");
  const second = connect(undefined, { storage });
  assert.equal((await second.join("plain-twice")).client_id, client_id);
  await until(() => first.state === "closed", 3000, () => "the first is closed");
  assert.equal(first.reason, "replaced");
});

test("every message once, in order and at everybody, whatever breaks", { timeout: 60_000 }, async (t) => {
  t.diagnostic(`seed ${seed}, ${seconds} s`);
  const random = chance(seed);
  const network = await Network.open(relay.port);
  const rooms = ["ruled-1", "plain-1", "ruled-2"];
  const players = [];
  for (const room of rooms) {
    for (let place = 0; place < 3; place++) {
      const gavel = connect(network.url, hasty);
      const player = { gavel, room, author: `${room}/${place}`, n: 0, heard: [], returns: 0, reasons: [], gaps: 0, losses: 0 };
      gavel.on("*", (message) => { if (message.msg_id !== undefined && message.type !== "joined") player.heard.push(message); });
      gavel.on("joined", ({ recovered, reason }) => {
        if (recovered) player.returns++;
        else if (recovered === false) player.reasons.push(reason);
      });
      gavel.on("gavel.gap", () => player.gaps++);
      gavel.on("gavel.lost", () => player.losses++);
      const joined = await gavel.join(room);
      Object.assign(player, { id: joined.client_id, first: joined.msg_id + 1 });
      players.push(player);
    }
  }

  const end = Date.now() + seconds * 1000;
  const send = async (player) => {
    while (Date.now() < end) {
      const kind = random();
      const message = { n: ++player.n, author: player.author };
      if (kind < 0.1 && player.room.startsWith("ruled")) player.gavel.send({ type: "refuse" });
      if (kind > 0.9) player.gavel.send({ type: "cursor", x: player.n }, { latest: "cursor" });
      if (kind > 0.4 && kind < 0.5) player.gavel.request({ type: "tell", ...message }, { timeout: 50 }).catch(() => {});
      else player.gavel.send({ type: player.room.startsWith("ruled") && kind < 0.5 ? "tell" : "say", ...message });
      await sleep(4 + 10 * random());
    }
  };
  const breakLinks = async () => {
    while (Date.now() < end) {
      await sleep(60 + 200 * random());
      const links = [...network.links];
      const link = links[Math.floor(random() * links.length)];
      if (!link) continue;
      const fault = Math.floor(random() * 6);
      if (fault === 0) network.halfOpen(link);
      else if (fault === 1) network.loseFar(link);
      else if (fault === 2) await network.stall(link, 100 + 900 * random());
      else if (fault === 3) network.reset(link);
      else if (fault === 4) network.cut(link);
      else link.near.end();
    }
  };
  const breakRelay = async () => {
    for (const signal of ["SIGKILL", "SIGTERM", "SIGKILL"]) {
      await sleep(seconds * 1000 / 4);
      await relay.stop(signal);
      await relay.run();
    }
  };
  await Promise.all([...players.map(send), breakLinks(), breakRelay()]);

  // All is quiet now: everybody hears of everything.
  const isCalm = () => players.every((player) => player.gavel.state === "online");
  await until(isCalm, 20_000, () => `all are back: ${players.map((player) => player.gavel.state).join(", ")}`);
  for (const player of players) await player.gavel.request({ type: "say", n: ++player.n, author: player.author });
  assert.deepEqual(players.map((player) => player.gavel.pending), players.map(() => 0));
  const last = (player) => player.heard.at(-1)?.msg_id;
  const isEven = () => rooms.every((room) => new Set(players.filter((player) => player.room === room).map(last)).size === 1);
  await until(isEven, 5000, () => "everybody has heard the same");

  for (const player of players) {
    const peers = players.filter((peer) => peer.room === player.room);
    assert.deepEqual([player.gaps, player.losses, player.reasons, player.gavel.id], [0, 0, [], player.id]);
    player.heard.forEach((message, index) => assert.equal(message.msg_id, player.first + index, "numbers without gap or repeat"));
    assert.deepEqual(player.heard, peers[0].heard.slice(player.first - peers[0].first), "the same for all");
    for (const peer of peers) {
      const said = peers[0].heard.filter((message) => message.author === peer.author).map((message) => message.n);
      assert.deepEqual(said, Array.from({ length: peer.n }, (_, index) => index + 1), "each once, in its order");
    }
  }
  const returns = players.reduce((sum, player) => sum + player.returns, 0);
  t.diagnostic(`${players.reduce((sum, player) => sum + player.n, 0)} messages, ${returns} returns`);
  assert.ok(returns > players.length);
  network.close();
});
