// The games' pages in Chromium, two tabs each. Without chromium-driver they are skipped.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Browser, driver, serve } from "./browser.js";
import { Relay } from "./relay.js";

describe("pages", { skip: driver ? false : "chromium-driver is not installed" }, () => {
  let relay, browser, pages;
  let rooms = 0;

  before(async () => {
    [relay, pages, browser] = await Promise.all([Relay.ofRepository(), serve(), Browser.open()]);
  });
  after(async () => {
    await browser?.close();
    pages?.close();
    await relay?.remove();
  });

  const open = async (game, room, name) => {
    const tab = await browser.tab(`${pages.url}/play/${game}.html?relay=ws://127.0.0.1:${relay.port}&name=${name}#${room}`);
    await tab.until("document.body.dataset.state === 'online'");
    return tab;
  };
  /** Two tabs in a room of their own. */
  const pair = async (game) => {
    const room = `${game}-test${++rooms}`;
    return [await open(game, room, "Ada"), await open(game, room, "Bo")];
  };
  const isClean = async (...tabs) => {
    for (const tab of tabs) {
      assert.deepEqual(await tab.complaints(), []);
      for (const width of [1280, 390]) assert.ok((await tab.width(width)) <= width, `wider than ${width}`);
    }
  };
  const cell = (number) => `.cell:nth-child(${number})`;
  const marks = (count) => `document.querySelectorAll(".cell.x:not(.pending), .cell.o:not(.pending)").length === ${count}`;

  test("a game of tic-tac-toe: a refusal, a lost network, a move made meanwhile, a return, a win, a reload", async () => {
    const [ada, bo] = await pair("tictactoe");
    await bo.sees("Ada to move");
    await bo.click(cell(1));
    await bo.sees("It is the other player's turn.");
    await ada.click(cell(5));
    await bo.until(marks(1));
    await bo.click("Go offline");
    await bo.sees("Connection lost. Reconnecting…");
    await ada.click(cell(5));
    await ada.sees("It is the other player's turn.");
    await ada.sees("reconnecting…");
    await bo.click(cell(1));
    await bo.sees("Your move is sent when you are back");
    assert.equal(await ada.evaluate(marks(1)), true);
    await bo.click("Go online");
    await bo.sees("You are back. Nothing was missed.");
    for (const [index, [player, place]] of [[ada, 3], [bo, 2], [ada, 7]].entries()) {
      await player.until(marks(index + 2));
      await player.click(cell(place));
    }
    await ada.sees("You win: three in a row");
    await bo.sees("Ada wins: three in a row");
    await bo.reload();
    await bo.sees("Ada wins: three in a row");
    await bo.click("Play again");
    await ada.sees("Bo to move");
    await isClean(ada, bo);
  });

  test("the lobby takes two to a table, where they play", async () => {
    const [ada, bo] = await pair("lobby");
    await ada.click("Find an opponent");
    await ada.sees("Looking for an opponent…");
    await bo.click("Find an opponent");
    for (const player of [ada, bo]) await player.sees("Round 1: choose");
    await ada.click("Rock");
    await bo.sees("has chosen");
    await bo.click("Paper");
    await bo.sees("The round is yours");
    await isClean(ada, bo);
  });

  test("a hand of crazy eights", async () => {
    const [ada, bo] = await pair("eights");
    await ada.click("Deal");
    for (const player of [ada, bo]) await player.until("document.querySelectorAll('#hand button').length === 5");
    await ada.click("Draw a card");
    await bo.sees("Your turn: play a card, or draw one");
    assert.equal(await ada.evaluate("document.querySelectorAll('#hand button').length"), 6);
    await isClean(ada, bo);
  });

  test("a question of a quiz", async () => {
    const [ada, bo] = await pair("quiz");
    await ada.click("Ask");
    await bo.click("#choices button:nth-child(1)");
    for (const player of [ada, bo]) await player.until("document.querySelector('#choices .right')");
    await isClean(ada, bo);
  });

  test("a try in the escape room", async () => {
    const [ada, bo] = await pair("escape");
    await ada.click("Start the clock");
    await bo.until("document.querySelectorAll('.lock').length === 3");
    await bo.evaluate("(document.querySelector('.lock input').value = 'never', document.querySelector('.lock form').requestSubmit())");
    await ada.sees("Bo tried never at lock 1: 0 right.");
    await isClean(ada, bo);
  });

  test("a stroke that is drawn with the keyboard is seen by the other", async () => {
    const [ada, bo] = await pair("draw");
    const inked = "document.querySelector('canvas').getContext('2d').getImageData(0, 0, 1200, 900).data.some(Boolean)";
    await ada.evaluate(`[" ", "ArrowRight", "ArrowDown", " "].forEach((key) =>
      document.querySelector("canvas").dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey: true })))`);
    await bo.until(inked);
    await ada.click("Undo");
    await bo.until(`!${inked}`);
    await isClean(ada, bo);
  });

  test("a chat with a moderator, who sends one out", async () => {
    const [ada, bo] = await pair("chat");
    await bo.evaluate("(document.querySelector('#text').value = 'hello', document.querySelector('#say').requestSubmit())");
    await ada.until("document.querySelector('#lines').innerText.includes('hello')");
    await ada.click("Kick");
    await bo.sees("You were sent out");
    await bo.click("Join again");
    await ada.sees("Bo came.");
    await isClean(ada, bo);
  });

  test("the first page leads to a page for each of the games", async () => {
    const front = await browser.tab(`${pages.url}/`);
    const links = await front.evaluate("[...document.querySelectorAll('.games a.primary')].map((link) => link.href)");
    assert.equal(links.length, 8);
    for (const link of links) assert.equal((await fetch(link)).status, 200, link);
    await isClean(front);
  });
});
