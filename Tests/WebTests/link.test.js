// The link: how the client finds that it is dead, when it makes it again, and when it does not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Gavel } from "../../Sources/GavelAdmin/Web/gavel.js";
import { client, failure } from "./fakes.js";

test("the states: idle, connecting, online, away, connecting, online, closed", async () => {
  const c = client();
  assert.equal(c.gavel.state, "idle");
  const joined = c.gavel.join("r");
  c.socket.open();
  c.socket.admit();
  assert.equal((await joined).client_id, 1);
  c.comeBack();
  c.socket.admit({ recovered: true });
  c.gavel.close();
  assert.deepEqual(c.of("gavel.state").map((event) => [event.state, event.reason]), [
    ["connecting", ""], ["online", ""], ["away", "lost"], ["connecting", ""], ["online", ""], ["closed", "closed"],
  ]);
  assert.equal(c.sockets[1].closedWith, 1000);
});

test("the waits between attempts double up to a limit, and begin anew once joined", async () => {
  const c = await client({ backoff: 100, backoffMost: 450 }).enter();
  for (let attempt = 0; attempt < 5; attempt++) c.socket.end(1006) ?? c.clock.advance(450);
  assert.deepEqual(c.of("gavel.state").filter((event) => event.state === "away").map((event) => event.retry_in_ms), [
    100, 200, 400, 450, 450,
  ]);
  c.socket.open();
  c.socket.admit({ recovered: true });
  c.socket.end(1006);
  assert.equal(c.events.at(-1).retry_in_ms, 100);
});

test("the waits are spread by chance between a half and the whole", async () => {
  const c = await client({ random: () => 0 }).enter();
  c.socket.end(1006);
  assert.equal(c.events.at(-1).retry_in_ms, 250);
});

test("a relay that goes away says when to come back", async () => {
  const c = await client().enter();
  c.socket.say({ type: "closing", client_id: 0, reconnect_in_ms: 7000 });
  c.socket.end(1001);
  c.clock.advance(6999);
  assert.equal(c.sockets.length, 1);
  c.clock.advance(1);
  assert.equal(c.sockets.length, 2);
});

test("one that went on at far more than its rate comes back slowly", async () => {
  const c = await client().enter();
  c.socket.end(4005);
  assert.equal(c.events.at(-1).retry_in_ms, 5000);
});

for (const code of [1001, 1005, 1006, 1011, 4000, 4002, 4003, 4004, 4006, 4007, 4499]) {
  test(`close code ${code}: it comes back`, async () => {
    const c = await client().enter();
    c.comeBack(code);
    assert.equal(c.gavel.state, "connecting");
    assert.equal(c.socket.sent[0].resume.session, "secret");
  });
}

for (const [code, reason] of [
  [1000, "closed"], [1002, "fault"], [1003, "fault"], [1007, "fault"], [1009, "fault"], [4500, "unauthorized"],
  [4501, "forbidden"], [4502, "kicked"], [4503, "bad_messages"], [4505, "replaced"], [4999, "refused"],
]) {
  test(`close code ${code} is the end: ${reason}`, async () => {
    const c = await client().enter();
    const asked = failure(c.gavel.request({ type: "roll" }));
    c.socket.end(code, "so");
    c.clock.advance(600_000);
    assert.equal(c.sockets.length, 1);
    assert.deepEqual([c.gavel.state, c.gavel.reason, c.gavel.room], ["closed", reason, null]);
    assert.equal((await asked).code, reason);
    assert.throws(() => c.gavel.send({ type: "say" }), { code: "not_joined" });
  });
}

test("a join after the end connects again, in a session of its own", async () => {
  const c = await client().enter();
  c.socket.end(4505);
  const joined = c.gavel.join("r");
  c.socket.open();
  assert.equal(c.socket.sent[0].resume, true);
  c.socket.admit({ client_id: 2 });
  assert.equal((await joined).client_id, 2);
});

test("silence makes it ask, and silence after that is a dead link", async () => {
  const c = await client({ pingAfter: 1000, pingTimeout: 300 }).enter();
  c.clock.advance(900);
  c.socket.say({ type: "say", client_id: 2, msg_id: 1 });
  c.clock.advance(999);
  assert.deepEqual(c.socket.sent, []);
  c.clock.advance(1);
  assert.deepEqual(c.socket.take(), [{ type: "gavel.ping" }]);
  c.socket.say({ type: "gavel.pong" });
  c.clock.advance(1000);
  assert.deepEqual(c.socket.take(), [{ type: "gavel.ping" }]);
  const silent = c.socket;
  c.clock.advance(300);
  assert.deepEqual([c.gavel.state, c.gavel.reason], ["away", "silent"]);
  // What such a link still says, when it wakes up, is not heard.
  silent.say({ type: "say", client_id: 2, msg_id: 2 });
  assert.equal(c.of("say").length, 1);
});

test("a handshake or a join that is not answered is a dead link too", async () => {
  const c = client({ joinTimeout: 1000 });
  c.gavel.join("r");
  c.clock.advance(1000);
  assert.equal(c.gavel.state, "away");
  c.clock.advance(500);
  c.socket.open();
  c.clock.advance(999);
  assert.equal(c.gavel.state, "connecting");
  c.clock.advance(1);
  assert.deepEqual([c.gavel.state, c.gavel.reason], ["away", "silent"]);
});

test("nothing is asked between a join and its answer", async () => {
  const c = client({ pingAfter: 100 });
  c.gavel.join("r");
  c.socket.open();
  c.clock.advance(1000);
  assert.deepEqual(c.socket.sent.map((message) => message.type), ["join"]);
});

test("who is in no room does not come back", async () => {
  const c = await client().enter();
  const left = c.gavel.leave();
  assert.deepEqual(c.socket.take(), [{ type: "leave" }]);
  c.socket.say({ type: "left", client_id: 1, room: "r", reason: "left" });
  await left;
  c.socket.end(4007);
  c.clock.advance(600_000);
  assert.equal(c.sockets.length, 1);
  assert.equal(c.gavel.state, "idle");
  c.gavel.join("r");
  assert.equal(c.sockets.length, 2);
});

test("a leave that the link does not outlive is a leave", async () => {
  const c = await client().enter();
  const left = c.gavel.leave();
  c.socket.end(1006);
  await left;
  assert.equal(c.gavel.state, "idle");
});

test("an address that is none ends it, and so does a world without WebSocket begin it", async () => {
  const c = client();
  c.gavel.url = "nonsense";
  assert.equal((await failure(c.gavel.join("r"))).code, "bad_url");
  assert.equal(c.gavel.state, "closed");
  assert.throws(() => new Gavel("ws://relay", { WebSocket: undefined }), { code: "no_websocket" });
});
