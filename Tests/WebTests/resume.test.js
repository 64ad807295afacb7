// What a client does when its link breaks: what it asks, what it sends again, what it tells.
import assert from "node:assert/strict";
import { test } from "node:test";
import { client, failure, FakeStorage } from "./fakes.js";

const without = (message, ...keys) => Object.fromEntries(Object.entries(message).filter(([key]) => !keys.includes(key)));
const texts = (messages) => messages.map((message) => message.n ?? message.type);

test("a first join asks for a session, a return gives it back with the last number that came", async () => {
  const c = client();
  c.gavel.join("r", { name: "Ada", history: 5 });
  c.socket.open();
  assert.deepEqual(without(c.socket.sent[0], "ref"), { type: "join", room: "r", name: "Ada", history: 5, resume: true });
  c.socket.admit({ msg_id: 7 });
  c.socket.say({ type: "say", client_id: 2, msg_id: 8 });
  const join = c.comeBack();
  assert.deepEqual(join.resume, { session: "secret", epoch: "e1", msg_id: 8 });
});

test("without the option resume there is no session, and a lost link is a new client", async () => {
  const c = await client({ resume: false }).enter();
  c.gavel.send({ type: "say", n: 1 });
  assert.deepEqual(c.socket.take(), [{ type: "say", n: 1 }]);
  const join = c.comeBack();
  assert.equal(join.resume, undefined);
  c.socket.admit({ client_id: 2 });
  assert.deepEqual(c.socket.take(), []);
  assert.equal(c.gavel.id, 2);
});

test("what the room has not taken is sent again, in order, and only after joined", async () => {
  const c = await client().enter();
  for (let n = 1; n <= 5; n++) c.gavel.send({ type: "say", n });
  assert.deepEqual(texts(c.socket.take()), [1, 2, 3, 4, 5]);
  const join = c.comeBack();
  c.gavel.send({ type: "say", n: 6 });
  assert.deepEqual(c.socket.sent, [join]);
  c.socket.admit({ recovered: true, handled: 3 });
  assert.deepEqual(texts(c.socket.take()), [4, 5, 6]);
});

test("after a return numbers go on from what the room has taken", async () => {
  const c = await client().enter();
  for (let n = 1; n <= 4; n++) c.gavel.send({ type: "say", n });
  c.comeBack();
  c.socket.admit({ recovered: true, handled: 2 });
  assert.deepEqual(texts(c.socket.take()), [3, 4]);
  c.gavel.send({ type: "say", n: 5 });
  c.comeBack();
  c.socket.admit({ recovered: true, handled: 4 });
  assert.deepEqual(texts(c.socket.take()), [5]);
  c.comeBack();
  c.socket.admit({ recovered: true, handled: 5 });
  assert.deepEqual(c.socket.take(), []);
});

test("pings and refused messages count, pings are not sent again", async () => {
  const c = await client({ pingAfter: 100 }).enter();
  c.gavel.send({ type: "say", n: 1 });
  const [first] = c.socket.take();
  c.socket.say({ type: "error", code: "rejected", to: "say", ref: first.ref, client_id: 1 });
  c.clock.advance(100);
  assert.deepEqual(c.socket.take(), [{ type: "gavel.ping" }]);
  c.socket.say({ type: "gavel.pong" });
  c.gavel.send({ type: "say", n: 2 });
  c.gavel.send({ type: "say", n: 3 });
  c.comeBack();
  c.socket.admit({ recovered: true, handled: 3 });
  assert.deepEqual(texts(c.socket.take()), [3]);
});

test("a relay that forgot answered messages in a crash is sent them again", async () => {
  const c = await client().enter();
  for (let n = 1; n <= 3; n++) {
    c.gavel.send({ type: "say", n });
    c.socket.say({ ...c.socket.take()[0], client_id: 1, msg_id: n });
  }
  assert.equal(c.gavel.pending, 0);
  c.comeBack();
  c.socket.admit({ recovered: false, reason: "epoch", epoch: "e2", msg_id: 1, handled: 1 });
  assert.deepEqual(texts(c.socket.take()), [2, 3]);
});

test("of answered messages only so many are kept", async () => {
  const c = await client().enter();
  for (let n = 1; n <= 200; n++) {
    c.gavel.send({ type: "say", n });
    c.socket.say({ ...c.socket.take()[0], client_id: 1, msg_id: n });
  }
  c.comeBack();
  c.socket.admit({ recovered: false, reason: "epoch", msg_id: 0, handled: 0 });
  assert.equal(c.socket.take().length, 64);
});

test("recovered: what was missed comes once each, then what is new", async () => {
  const c = await client().enter();
  c.socket.say({ type: "say", client_id: 2, msg_id: 1 });
  c.comeBack();
  c.events.length = 0;
  c.socket.admit({ recovered: true, msg_id: 3 });
  for (const id of [2, 3, 3, 2, 4]) c.socket.say({ type: "say", client_id: 2, msg_id: id });
  assert.deepEqual(c.of("say").map((message) => message.msg_id), [2, 3, 4]);
});

for (const reason of ["epoch", "history", "future"]) {
  test(`not recovered (${reason}): the next number is the one after joined`, async () => {
    const c = await client().enter();
    c.socket.say({ type: "say", client_id: 2, msg_id: 1 });
    c.gavel.send({ type: "say", n: 1 });
    c.comeBack();
    c.socket.admit({ recovered: false, reason, epoch: "e2", msg_id: 90, handled: 0 });
    assert.deepEqual(texts(c.socket.take()), [1]);
    c.socket.say({ type: "say", client_id: 2, msg_id: 91 });
    assert.equal(c.of("say").at(-1).msg_id, 91);
    assert.equal(c.of("gavel.gap").length, 0);
    assert.deepEqual(c.comeBack().resume, { session: "secret", epoch: "e2", msg_id: 91 });
  });
}

test("session over: a new client; what may not have been taken is given back, and not sent", async () => {
  const c = await client().enter();
  c.gavel.send({ type: "say", n: 1 });
  const asked = failure(c.gavel.request({ type: "roll" }));
  c.comeBack();
  c.gavel.send({ type: "say", n: 2 });
  c.socket.admit({ recovered: false, reason: "session", session: "other", client_id: 9, msg_id: 4 });
  assert.deepEqual(texts(c.of("gavel.lost")[0].messages), [1, "roll", 2]);
  assert.equal((await asked).code, "lost");
  assert.deepEqual(c.socket.take(), []);
  assert.equal(c.gavel.id, 9);
  c.gavel.send({ type: "say", n: 3 });
  assert.equal(c.comeBack().resume.session, "other");
  c.socket.admit({ recovered: true, handled: 0, session: "other", msg_id: 4 });
  assert.deepEqual(texts(c.socket.take()), [3]);
});

test("an answer that was given while away is told as lost, once all that was missed has come", async () => {
  const c = await client().enter();
  let lost;
  failure(c.gavel.request({ type: "roll" })).then((error) => { lost = error.code; });
  const said = c.gavel.request({ type: "say" });
  const copy = c.socket.sent.at(-1);
  const open = c.gavel.request({ type: "say", n: 3 });
  c.comeBack();
  c.socket.admit({ recovered: true, msg_id: 2, handled: 2 });
  c.socket.say({ ...copy, client_id: 1, msg_id: 1 });
  await Promise.resolve();
  assert.equal(lost, undefined);
  c.socket.say({ type: "say", client_id: 2, msg_id: 2 });
  assert.equal((await said).msg_id, 1);
  await new Promise(setImmediate);
  assert.equal(lost, "answer_lost");
  c.socket.say({ ...c.socket.take()[0], client_id: 1, msg_id: 3 });
  assert.equal((await open).msg_id, 3);
});

test("a gap is gone back for; where it is there again the client goes on", async () => {
  const c = await client().enter();
  c.socket.say({ type: "say", client_id: 2, msg_id: 1 });
  c.socket.say({ type: "say", client_id: 2, msg_id: 3 });
  assert.deepEqual(without(c.of("gavel.gap")[0], "type"), { expected: 2, got: 3 });
  assert.equal(c.socket.closedWith, 4000);
  assert.equal(c.gavel.reason, "gap");
  c.clock.advance(1);
  c.socket.open();
  assert.equal(c.socket.sent[0].resume.msg_id, 1);
  c.socket.admit({ recovered: true, msg_id: 3 });
  c.socket.say({ type: "say", client_id: 2, msg_id: 3 });
  c.socket.say({ type: "say", client_id: 2, msg_id: 4 });
  assert.deepEqual(c.of("say").map((message) => message.msg_id), [1, 3, 4]);
  assert.equal(c.sockets.length, 2);
});

test("history begins anywhere up to the last number, and goes on without gaps", async () => {
  const c = await client().enter({ history: 3 }, { msg_id: 10 });
  for (const id of [8, 9, 9, 10, 8, 11]) c.socket.say({ type: "say", client_id: 2, msg_id: id });
  assert.deepEqual(c.of("say").map((message) => message.msg_id), [8, 9, 10, 11]);
  c.socket.say({ type: "say", client_id: 2, msg_id: 13 });
  assert.equal(c.of("gavel.gap")[0].expected, 12);
});

test("what a snapshot contains is not told again, gavel.skip never", async () => {
  const c = await client().enter();
  c.socket.say({ type: "snapshot", client_id: 0, as_of: 2, board: [] });
  for (const id of [1, 2, 3]) c.socket.say({ type: "move", client_id: 2, msg_id: id });
  c.socket.say({ type: "gavel.skip", client_id: 0, msg_id: 4 });
  c.socket.say({ type: "move", client_id: 2, msg_id: 5 });
  assert.deepEqual(c.events.map((event) => event.msg_id ?? event.as_of), [2, 3, 5]);
});

function page() {
  const page = new EventTarget();
  page.document = new EventTarget();
  page.document.visibilityState = "visible";
  return page;
}

test("a page that is loaded again takes its session up, and asks to be shown all", async () => {
  const storage = new FakeStorage();
  const before = page();
  const c = await client({ storage, page: before }).enter();
  c.socket.say({ type: "say", client_id: 2, msg_id: 1 });
  for (const n of [1, 2]) c.gavel.send({ type: "say", n });
  before.dispatchEvent(new Event("pagehide"));

  const again = client({ storage, page: page() });
  const joined = again.gavel.join("r", { name: "Ada" });
  again.socket.open();
  // Another epoch: what was missed would not do, for what came before it is gone.
  assert.deepEqual(again.socket.sent[0].resume, { session: "secret", epoch: "", msg_id: 0 });
  again.socket.admit({ recovered: false, reason: "epoch", msg_id: 2, handled: 1 });
  assert.deepEqual(texts(again.socket.take()), [2]);
  assert.equal((await joined).reason, "epoch");
  again.socket.say({ type: "say", client_id: 2, msg_id: 3 });
  assert.deepEqual(again.comeBack().resume, { session: "secret", epoch: "e1", msg_id: 3 });
});

test("what another room's page kept, or a client that left, is not taken up", async () => {
  const storage = new FakeStorage();
  const c = await client({ storage }).enter();
  const other = client({ storage });
  other.gavel.join("elsewhere");
  other.socket.open();
  assert.equal(other.socket.sent[0].resume, true);
  c.gavel.leave();
  c.socket.say({ type: "left", client_id: 1, room: "r", reason: "left" });
  const again = client({ storage });
  again.gavel.join("r");
  again.socket.open();
  assert.equal(again.socket.sent[0].resume, true);
});

test("a page that is back on the network, or in sight, does not wait", async () => {
  const around = page();
  const c = await client({ page: around }).enter();
  c.socket.end(1006);
  assert.equal(c.sockets.length, 1);
  around.dispatchEvent(new Event("online"));
  assert.equal(c.sockets.length, 2);
  c.socket.open();
  c.socket.admit({ recovered: true });
  around.document.dispatchEvent(new Event("visibilitychange"));
  assert.deepEqual(c.socket.take(), [{ type: "gavel.ping" }]);
});

test("a room sends the client on: numbers begin anew, and a return goes to the new room", async () => {
  const c = await client().enter({ name: "Ada", seat: 3, token: "t" });
  const queued = c.gavel.request({ type: "queue" });
  c.socket.say({ type: "reply", to: "queue", ref: c.socket.take()[0].ref });
  await queued;
  c.socket.say({ type: "left", client_id: 1, room: "r", reason: "moved" });
  assert.equal(c.gavel.room, null);
  c.gavel.send({ type: "say", n: 1 });
  assert.deepEqual(c.socket.take(), []);
  c.socket.say({ type: "joined", client_id: 4, room: "game-1", msg_id: 5, epoch: "e9", session: "new", handled: 0 });
  assert.equal(c.gavel.room, "game-1");
  assert.deepEqual(texts(c.socket.take()), [1]);
  c.socket.say({ type: "say", client_id: 2, msg_id: 6 });
  assert.deepEqual(without(c.comeBack(), "ref"), {
    type: "join", room: "game-1", name: "Ada", token: "t", resume: { session: "new", epoch: "e9", msg_id: 6 },
  });
  c.socket.admit({ recovered: true, handled: 1, client_id: 4, session: "new", epoch: "e9", msg_id: 6 });
  assert.deepEqual(c.socket.take(), []);
});

test("what was on its way when a room sent the client on makes it ask how much the new room counted", async () => {
  const c = await client().enter();
  const asked = failure(c.gavel.request({ type: "stray" }));
  c.socket.take();
  c.socket.say({ type: "left", client_id: 1, room: "r", reason: "moved" });
  assert.equal((await asked).code, "left");
  c.gavel.on("joined", ({ recovered }) => { if (recovered === undefined) c.gavel.send({ type: "say", n: 1 }); });
  c.socket.say({ type: "joined", client_id: 4, room: "game-1", msg_id: 5, epoch: "e9", session: "new", handled: 0 });
  assert.deepEqual(c.socket.take(), []);
  assert.equal(c.gavel.reason, "moved");
  c.clock.advance(1);
  c.socket.open();
  c.socket.admit({ recovered: true, handled: 1, client_id: 4, session: "new", epoch: "e9", msg_id: 5 });
  assert.deepEqual(texts(c.socket.take()), [1]);
  c.comeBack();
  c.socket.admit({ recovered: true, handled: 1, client_id: 4, session: "new", epoch: "e9", msg_id: 5 });
  assert.deepEqual(texts(c.socket.take()), [1]);
});

test("a link that breaks between two rooms leads back to the first, as a new client", async () => {
  const c = await client().enter({ name: "Ada" });
  c.socket.say({ type: "left", client_id: 1, room: "r", reason: "moved" });
  c.gavel.send({ type: "say", text: "for the other room" });
  assert.deepEqual(without(c.comeBack(), "ref"), { type: "join", name: "Ada", room: "r", resume: true });
  c.socket.admit();
  assert.deepEqual(c.socket.take(), []);
});

test("a room that does not take in whom another sent says so, and the client is in none", async () => {
  const c = await client().enter();
  c.socket.say({ type: "left", client_id: 1, room: "r", reason: "moved" });
  c.socket.say({ type: "error", code: "room_full", to: "join", temporary: true, client_id: 0 });
  assert.equal(c.gavel.room, null);
  assert.equal(c.gavel.state, "online");
  assert.throws(() => c.gavel.send({ type: "say" }), { code: "not_joined" });
});
