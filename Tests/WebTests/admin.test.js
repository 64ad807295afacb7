// The operators' page in Chromium, against a relay that plays. Without chromium-driver it is skipped.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { Gavel } from "../../Sources/GavelAdmin/Web/gavel.js";
import { Browser, driver } from "./browser.js";
import { Relay, WebSocket, until } from "./relay.js";

const rules = `
local rules = gavel.rules()
rules.messages.say = { text = gavel.string }
rules.messages.roll, rules.messages.fail = {}, {}
function rules.on_create(room)
  room.state = { said = 0 }
  room:every("30s", "tick")
end
function rules.timers.tick() end
function rules.filters.say(room, client, msg)
  if msg.text == "no" then gavel.reject("not_now", "Not at this time.") end
  room.state.said = room.state.said + 1
  if msg.text == "loud" then return { text = "LOUD" } end
end
function rules.commands.roll(room) return { said = room.state.said } end
local function broken(thing) return thing.x end
function rules.commands.fail()
  local x = broken(nil)
  return { x = x }
end
return rules
`;

describe("the operators' page", { skip: driver ? false : "chromium-driver is not installed" }, () => {
  let relay, browser;
  const players = [];

  before(async () => {
    [relay, browser] = await Promise.all([Relay.ofOperators(rules), Browser.open()]);
  });
  afterEach(() => { for (const player of players.splice(0)) player.close(); });
  after(async () => {
    await browser?.close();
    await relay?.remove();
  });

  const play = async (room, name) => {
    const player = new Gavel(`ws://127.0.0.1:${relay.port}`, { WebSocket });
    players.push(player);
    player.refused = [];
    player.on("error", ({ code }) => player.refused.push(code));
    await player.join(room, { name });
    return player;
  };
  /** A view in a tab of its own. */
  const open = async (view = "#/") => {
    const tab = await browser.tab(`${relay.admin}#token=${relay.token}`);
    await tab.until("document.body.dataset.state === 'online'");
    await tab.evaluate(`void (location.hash = ${JSON.stringify(view)})`);
    return tab;
  };
  const isClean = async (tab) => {
    assert.deepEqual(await tab.complaints(), []);
    for (const width of [1280, 390]) assert.ok((await tab.width(width)) <= width, `wider than ${width}`);
    await tab.close();
  };
  const verdicts = (wanted) => `[...document.querySelectorAll(".calls .verdict")].map((v) => v.textContent).includes("${wanted}")`;

  test("asks for a token, tells that one is wrong, and takes the right one out of the address", async () => {
    const tab = await browser.tab(relay.admin);
    await tab.sees("Watch and steer this relay");
    await tab.type("#token", "some-other-token");
    await tab.click("Connect");
    await tab.sees("This is not the relay's token.");
    assert.match((await tab.complaints()).join(), /401/);
    await tab.type("#token", relay.token);
    await tab.click("Connect");
    await tab.until("document.body.dataset.state === 'online'");
    await tab.reload();
    await tab.until("document.body.dataset.state === 'online'");
    await tab.click("Sign out");
    await tab.sees("Watch and steer this relay");
    await tab.close();
    const other = await open();
    assert.equal(await other.evaluate("location.href.includes('token')"), false);
    await isClean(other);
  });

  test("draws how the relay fares, and sets the log's level", async () => {
    const [ada] = await Promise.all([play("table-1", "Ada"), play("table-2", "Bo")]);
    const tab = await open();
    // What the page draws is what happened since it began to look.
    const talk = setInterval(() => { for (const text of ["hello", "no"]) ada.send({ type: "say", text }); }, 200);
    const tile = (name) => `[...document.querySelectorAll(".tiles > div")].find((d) => d.innerText.startsWith("${name}")).innerText`;
    await tab.until(`/Clients\\n+2\\n/.test(${tile("Clients")})`);
    await tab.until(`/Rooms\\n+2/.test(${tile("Rooms")})`);
    await tab.until("document.querySelectorAll('path.line').length >= 10");
    await tab.until("/Time in the relay: half .* 99 % [0-9.]+ .s/.test(document.querySelector('svg[aria-label^=\"Time in the relay\"]').ariaLabel)");
    await tab.sees("rejected");
    clearInterval(talk);
    await tab.click("Log level");
    await tab.type("dialog select", "debug");
    await tab.click("Set");
    await tab.sees("Logged from debug on.");
    await isClean(tab);
  });

  test("is live over WebSockets, in more tabs than a browser has connections to a server", async () => {
    await play("watched", "Ada");
    const sockets = async () => {
      const headers = { authorization: `Bearer ${relay.token}` };
      const metrics = await (await fetch(new URL("/metrics", relay.admin), { headers })).text();
      return Number(/^gavel_http_requests_total{status="101"} (\d+)/m.exec(metrics)?.[1] ?? 0);
    };
    const before = await sockets();
    const tabs = [];
    for (let n = 0; n < 8; n++) tabs.push(await open("#/room/watched"));
    for (const tab of tabs) await tab.until("document.querySelector('.calls .kind')?.textContent === 'began'");
    assert.ok((await sockets()) - before >= 16);
    for (const tab of tabs) await tab.close();
  });

  test("lists rooms, finds some, and puts them in order", async () => {
    await play("blue", "Ada");
    await play("red-1", "Bo");
    const cleo = await play("red-2", "Cleo");
    await play("red-2", "Dan");
    for (let n = 0; n < 5; n++) cleo.send({ type: "say", text: "hello" });
    const tab = await open("#/rooms");
    const listed = "[...document.querySelectorAll('tbody a')].map((a) => a.textContent).join()";
    await tab.until(`${listed}.startsWith("red-2,")`);
    await tab.type("input[type=search]", "red");
    await tab.until(`${listed} === "red-2,red-1"`);
    await tab.click("Room");
    await tab.until(`${listed} === "red-1,red-2"`);
    assert.match(await tab.evaluate("location.hash"), /search=red&sort=name/);
    await tab.type("input[type=search]", "green");
    await tab.sees("No room and no rules have “green” in their name.");
    await isClean(tab);
  });

  test("shows a room: who is in it, its state and timers, and what becomes of each message", async () => {
    const [ada] = [await play("inspected", "Ada"), await play("inspected", "Bo")];
    const tab = await open("#/room/inspected");
    await tab.sees("Bo");
    await tab.until("document.querySelector('.calls .kind')?.textContent === 'began'");
    ada.send({ type: "say", text: "hello" });
    ada.send({ type: "say", text: "loud" });
    ada.send({ type: "say", text: "no" });
    ada.send({ type: "roll" });
    ada.send({ type: "fail" });
    for (const verdict of ["relayed", "changed", "refused", "handled", "failed"]) await tab.until(verdicts(verdict));
    await tab.sees("not_now: Not at this time.");
    await tab.sees("a.lua:10");
    await tab.sees("a.lua:16: attempt to index");
    await tab.sees(`"said":2`);
    await tab.until("/tick\\s+in \\d+ s, every 30 s/.test(document.querySelector('.timers').innerText)");
    await tab.until("document.querySelectorAll('.calls .refused').length === 2");
    await tab.evaluate("document.querySelector('.filters input[type=checkbox]').click()");
    await tab.until("document.querySelectorAll('.calls > li').length === 2");
    await tab.evaluate("document.querySelector('.calls .refused summary').click()");
    await tab.sees("As it was sent");
    await tab.sees("Paused · 0 new");
    ada.send({ type: "say", text: "no" });
    await tab.sees("Paused · 1 new");
    await tab.click("Go on");
    await tab.until("document.querySelectorAll('.calls > li').length === 3");
    await isClean(tab);
  });

  test("kicks a client, tells a room something, and closes it, each after a question", async () => {
    const [ada, bo] = [await play("steered", "Ada"), await play("steered", "Bo")];
    const heard = [];
    ada.on("notice", ({ text }) => heard.push(text));
    ada.on("left", ({ reason }) => heard.push(reason));
    const tab = await open("#/room/steered");
    await tab.click("Kick Bo");
    await tab.click("Cancel");
    assert.equal(bo.room, "steered");
    await tab.click("Kick Bo");
    await tab.click("Kick");
    await until(() => bo.state === "closed" && bo.reason === "kicked", 5000, () => "Bo was kicked");
    await tab.click("Notice");
    await tab.type("dialog textarea", "In five minutes");
    await tab.click("Send");
    await until(() => heard.includes("In five minutes"), 5000, () => "Ada heard the notice");
    await tab.click("Close room");
    await tab.click("Close room");
    await until(() => heard.includes("closed"), 5000, () => "Ada was told that the room is closed");
    await tab.sees("There is no such room at the moment.");
    assert.match((await tab.complaints()).join(), /404/);
    await tab.close();
  });

  test("tells what failed in rules, what was refused of a save, and goes back to an earlier version", async () => {
    const ada = await play("broken", "Ada");
    ada.send({ type: "fail" });
    await until(() => ada.refused.includes("rules_failed"), 5000, () => "the hook failed");
    const tab = await open("#/rules");
    await tab.sees("attempt to index a nil value");
    await tab.sees('{"type":"fail"');
    await tab.until("document.querySelectorAll('.failures .lines-of-code li').length >= 2");
    relay.write(`${rules}\nend`);
    await tab.sees("What was saved last is refused:");
    relay.write(`-- Another version.\n${rules}`);
    await tab.until("document.querySelectorAll('.former li').length === 1");
    await tab.click("Reload");
    await tab.click("Reload");
    await tab.until("!document.querySelector('.outcome').hidden");
    await tab.evaluate("document.querySelector('.former button').click()");
    await tab.click("Roll back");
    await tab.sees("applied");
    await isClean(tab);
  });

  test("says that a relay is gone, finds it again, and drains it", async () => {
    const tab = await open("#/rooms");
    await tab.sees("There are no rooms.");
    await relay.stop("SIGKILL");
    await tab.sees("Not connected: ");
    await relay.run();
    await tab.click("Try now");
    await tab.until("document.body.dataset.state === 'online'");
    await tab.evaluate("void (location.hash = '#/')");
    await tab.click("Drain");
    await tab.click("Drain and end");
    await tab.until("['draining', 'lost'].includes(document.body.dataset.state)");
    await tab.until("document.body.dataset.state === 'lost'");
    assert.equal(await relay.ended, 0);
    await tab.close();
  });
});
