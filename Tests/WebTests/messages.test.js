// What is sent and what is heard while the link is there; refusals.
import assert from "node:assert/strict";
import { test } from "node:test";
import { client, failure } from "./fakes.js";

test("a message reaches the listeners of its type, and those of all", async () => {
  const c = await client().enter();
  const heard = [];
  const off = c.gavel.on("move", (message) => heard.push(message.cell));
  c.socket.say({ type: "move", cell: 5, client_id: 2, msg_id: 1 });
  off();
  c.socket.say({ type: "move", cell: 6, client_id: 2, msg_id: 2 });
  assert.deepEqual(heard, [5]);
  assert.deepEqual(c.types(), ["move", "move"]);
});

test("a request is answered by its reply, its copy or its error, and by nobody else's", async () => {
  const c = await client().enter();
  const rolled = c.gavel.request({ type: "roll" });
  const moved = c.gavel.request({ type: "move" });
  const refused = failure(c.gavel.request({ type: "move", cell: 1 }));
  const [roll, move, again] = c.socket.take();
  c.socket.say({ ...move, client_id: 2, msg_id: 1 });
  c.socket.say({ type: "reply", client_id: 0, to: "roll", ref: roll.ref, n: 6 });
  c.socket.say({ ...move, client_id: 1, msg_id: 2 });
  c.socket.say({ type: "error", client_id: 1, code: "rejected", reason: "taken", message: "No.", to: "move", ref: again.ref });
  assert.equal((await rolled).n, 6);
  assert.equal((await moved).msg_id, 2);
  const error = await refused;
  assert.deepEqual([error.code, error.reason, error.message], ["rejected", "taken", "No."]);
});

test("a request that nobody answers is over after its time", async () => {
  const c = await client().enter();
  const asked = failure(c.gavel.request({ type: "roll" }, { timeout: 100 }));
  c.clock.advance(100);
  assert.equal((await asked).code, "timeout");
});

test("a request's own ref stays; a second one like it is refused", async () => {
  const c = await client().enter();
  const asked = c.gavel.request({ type: "roll", ref: "mine" });
  assert.equal((await failure(c.gavel.request({ type: "roll", ref: "mine" }))).code, "bad_message");
  assert.equal(c.socket.take()[0].ref, "mine");
  c.socket.say({ type: "reply", client_id: 0, to: "roll", ref: "mine" });
  await asked;
});

test("one message at a time asks how far the room has got", async () => {
  const c = await client().enter();
  for (let n = 1; n <= 3; n++) c.gavel.send({ type: "say", n });
  const [first, second, third] = c.socket.take();
  assert.equal(typeof first.ref, "number");
  assert.deepEqual([second.ref, third.ref], [undefined, undefined]);
  assert.equal(c.gavel.pending, 3);
  c.socket.say({ ...first, client_id: 1, msg_id: 1 });
  assert.equal(c.gavel.pending, 2);
  c.gavel.send({ type: "say", n: 4 });
  c.socket.say({ type: "reply", client_id: 0, to: "say", ref: c.socket.take()[0].ref });
  assert.equal(c.gavel.pending, 0);
});

test("an error that may overtake says nothing of what was sent before", async () => {
  const c = await client().enter();
  c.gavel.send({ type: "say", n: 1, ref: "a" });
  c.gavel.send({ type: "say", n: 2, ref: "b" });
  c.socket.say({ type: "error", client_id: 1, code: "rate_limited", to: "say", ref: "b" });
  assert.equal(c.gavel.pending, 2);
  c.socket.say({ type: "error", client_id: 1, code: "rejected", to: "say", ref: "b" });
  assert.equal(c.gavel.pending, 0);
});

test("too many messages, too many bytes or too large a one are refused, and do no harm", async () => {
  const c = await client({ bufferMessages: 2, bufferBytes: 200, messageBytes: 100 }).enter();
  assert.throws(() => c.gavel.send({ type: "say", text: "ä".repeat(50) }), { code: "too_large" });
  c.gavel.send({ type: "say", n: 1 });
  c.socket.end(1006);
  c.gavel.send({ type: "say", n: 2 });
  assert.throws(() => c.gavel.send({ type: "say", n: 3 }), { code: "buffer_full" });
  assert.equal((await failure(c.gavel.request({ type: "say" }))).code, "buffer_full");
  const bytes = await client({ bufferBytes: 50 }).enter();
  bytes.gavel.send({ type: "say", text: "x".repeat(20) });
  assert.throws(() => bytes.gavel.send({ type: "say", text: "x" }), { code: "buffer_full" });
  assert.throws(() => bytes.gavel.send({ text: "no type" }), { code: "bad_message" });
});

test("while away only the latest of a kind waits, behind what was sent before it", async () => {
  const c = await client().enter();
  c.socket.end(1006);
  c.gavel.send({ type: "cursor", n: 1 }, { latest: "cursor" });
  c.gavel.send({ type: "stroke", n: 2 });
  c.gavel.send({ type: "cursor", n: 3 }, { latest: "cursor" });
  c.clock.advance(500);
  c.socket.open();
  c.socket.admit({ recovered: true });
  assert.deepEqual(c.socket.take().map((message) => message.n), [2, 3]);
});

test("messages wait for the join, and go with it where it is refused", async () => {
  const c = client();
  const joined = failure(c.gavel.join("r"));
  c.gavel.send({ type: "say", n: 1 });
  const asked = failure(c.gavel.request({ type: "roll" }));
  c.socket.open();
  const [join] = c.socket.take();
  c.socket.say({ type: "error", client_id: 0, code: "rejected", reason: "no_guests", message: "No.", to: "join", ref: join.ref });
  assert.deepEqual([(await joined).code, (await joined).reason], ["rejected", "no_guests"]);
  assert.equal((await asked).code, "rejected");
  assert.equal(c.gavel.pending, 0);
  assert.equal(c.gavel.state, "online");
});

test("a return that is refused for now is tried again when the relay says", async () => {
  const c = await client().enter();
  const { ref } = c.comeBack();
  c.gavel.send({ type: "say", n: 1 });
  c.socket.take();
  c.socket.say({ type: "error", client_id: 0, code: "unavailable", to: "join", ref, temporary: true, retry_after_ms: 3000 });
  c.clock.advance(2999);
  assert.deepEqual(c.socket.sent, []);
  c.clock.advance(1);
  assert.equal(c.socket.sent[0].resume.session, "secret");
  c.socket.admit({ recovered: true });
  assert.equal(c.socket.take()[0].n, 1);
});

test("a return that is refused for good leaves the client in no room", async () => {
  const c = await client().enter();
  const { ref } = c.comeBack();
  c.socket.say({ type: "error", client_id: 0, code: "forbidden", to: "join", ref, temporary: false });
  assert.equal(c.of("error")[0].code, "forbidden");
  assert.deepEqual([c.gavel.room, c.gavel.state], [null, "online"]);
});

test("a second join leaves the first room, and nothing of that is heard after it", async () => {
  const c = await client().enter();
  const asked = failure(c.gavel.request({ type: "roll" }));
  const second = c.gavel.join("s");
  assert.equal((await asked).code, "left");
  const join = c.socket.sent.at(-1);
  c.socket.say({ type: "say", client_id: 2, msg_id: 1 });
  c.socket.say({ type: "left", client_id: 1, room: "r", reason: "left" });
  c.socket.say({ type: "joined", client_id: 7, room: "s", msg_id: 0, epoch: "e2", session: "two", handled: 0, ref: join.ref });
  await second;
  assert.deepEqual(c.types(), ["left", "joined"]);
  assert.deepEqual([c.gavel.room, c.gavel.id], ["s", 7]);
});

test("of two joins in a row the second counts", async () => {
  const c = client();
  const first = failure(c.gavel.join("r"));
  c.socket.open();
  const second = c.gavel.join("s");
  const [one, two] = c.socket.take();
  c.socket.say({ type: "joined", client_id: 1, room: "r", msg_id: 0, epoch: "e", session: "a", handled: 0, ref: one.ref });
  c.socket.say({ type: "left", client_id: 1, room: "r", reason: "left" });
  c.socket.say({ type: "joined", client_id: 1, room: "s", msg_id: 0, epoch: "f", session: "b", handled: 0, ref: two.ref });
  assert.equal((await first).code, "superseded");
  assert.equal((await second).room, "s");
});

for (const reason of ["kicked", "closed"]) {
  test(`left (${reason}): the client is in no room, and may join another`, async () => {
    const c = await client().enter();
    c.socket.say({ type: "left", client_id: 1, room: "r", reason });
    assert.equal(c.gavel.room, null);
    assert.throws(() => c.gavel.send({ type: "say" }), { code: "not_joined" });
    const joined = c.gavel.join("s");
    c.socket.admit();
    assert.equal((await joined).room, "s");
  });
}

test("a listener that throws stops neither the others nor the client", async () => {
  const reported = [];
  const c = await client({ reportError: (error) => reported.push(error.message) }).enter();
  c.gavel.on("say", () => { throw new Error("mine"); });
  c.socket.say({ type: "say", client_id: 2, msg_id: 1 });
  c.socket.say({ type: "say", client_id: 2, msg_id: 2 });
  assert.equal(c.of("say").length, 2);
  assert.deepEqual(reported, ["mine", "mine"]);
});
