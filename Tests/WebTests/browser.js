// Chromium, driven through chromedriver's HTTP interface, and a server for the pages.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import http from "node:http";
import { extname, join, normalize } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export const driver = ["/usr/bin/chromedriver", process.env.CHROMEDRIVER].find((path) => path && existsSync(path));

const options = {
  binary: "/usr/bin/chromium",
  args: [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,900",
    // Both tabs are to play, and only one can be in front.
    "--disable-background-timer-throttling", "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows",
  ],
};

export class Browser {
  static async open() {
    const browser = new Browser();
    browser.process = spawn(driver, ["--port=0"], { stdio: ["ignore", "pipe", "ignore"] });
    let log = "";
    browser.process.stdout.on("data", (data) => { log += data; });
    for (let tries = 0; tries < 200 && !/successfully on port (\d+)/.test(log); tries++) await sleep(50);
    browser.base = `http://127.0.0.1:${/successfully on port (\d+)/.exec(log)[1]}/session`;
    const wanted = { "goog:chromeOptions": options, "goog:loggingPrefs": { browser: "ALL" } };
    const { sessionId } = await browser.command("", { capabilities: { alwaysMatch: wanted } });
    browser.base += `/${sessionId}`;
    browser.first = await browser.command("/window", undefined, "GET");
    return browser;
  }

  async command(path, body, method = "POST") {
    const answer = await fetch(this.base + path, { method, body: body && JSON.stringify(body) });
    const { value } = await answer.json();
    if (value?.error) throw new Error(`${path}: ${value.message}`);
    return value;
  }

  /** Opens a page in a tab of its own. */
  async tab(url) {
    const { handle } = await this.command("/window/new", { type: "tab" });
    const tab = new Tab(this, handle);
    await tab.command("/url", { url });
    return tab;
  }

  async close() {
    await this.command("", undefined, "DELETE").catch(() => {});
    this.process.kill();
  }
}

class Tab {
  constructor(browser, handle) {
    this.browser = browser;
    this.handle = handle;
  }

  async command(path, body, method) {
    await this.browser.command("/window", { handle: this.handle });
    return this.browser.command(path, body, method);
  }

  /** What an expression of JavaScript is in the page. */
  evaluate(expression) { return this.command("/execute/sync", { script: `return (${expression})`, args: [] }); }

  async until(expression, milliseconds = 10_000) {
    const end = Date.now() + milliseconds;
    for (;;) {
      const value = await this.evaluate(expression);
      if (value) return value;
      if (Date.now() > end) throw new Error(`never: ${expression}\n${await this.evaluate("document.body.innerText")}`);
      await sleep(30);
    }
  }

  /** Waits until the game says a text. */
  sees(text) { return this.until(`document.body.innerText.includes(${JSON.stringify(text)})`); }

  /** Clicks the button with that selector, or that text, once it can be. */
  click(what) {
    const find = `document.querySelector(${JSON.stringify(what)})`;
    const byText = `[...(document.querySelector("dialog") ?? document).querySelectorAll("button")].find((button) => button.textContent === ${JSON.stringify(what)})`;
    const button = /^[.#]/.test(what) ? find : byText;
    return this.until(`(() => { const b = ${button}; if (!b || b.disabled || b.closest("[hidden]")) return false; b.click(); return true; })()`);
  }

  /** Writes into a field, as somebody who types does. */
  type(selector, text) {
    const field = `document.querySelector(${JSON.stringify(selector)})`;
    return this.until(`(() => { const f = ${field}; if (!f) return false; f.value = ${JSON.stringify(text)};
      f.dispatchEvent(new Event("input", { bubbles: true })); f.dispatchEvent(new Event("change", { bubbles: true })); return true; })()`);
  }

  reload() { return this.command("/refresh", {}); }

  async close() {
    await this.command("/window", undefined, "DELETE");
    // One has to be left that commands can be given to.
    await this.browser.command("/window", { handle: this.browser.first });
  }

  /** How wide the page wants to be in a window of that width. */
  async width(width) {
    const metrics = { width, height: 800, deviceScaleFactor: 1, mobile: width < 500 };
    await this.command("/goog/cdp/execute", { cmd: "Emulation.setDeviceMetricsOverride", params: metrics });
    return this.evaluate("document.documentElement.scrollWidth");
  }

  /** What the browser complained of: scripts that failed, what the page's policy forbids. */
  async complaints() {
    const entries = await this.command("/se/log", { type: "browser" });
    return entries.filter(({ level }) => level === "SEVERE").map(({ message }) => message);
  }
}

/** Serves the folder of the pages on a port of its own. */
export async function serve() {
  const folder = fileURLToPath(new URL("../../Sources/GavelAdmin/Web/", import.meta.url));
  const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
  const server = http.createServer(async (request, response) => {
    const path = join(folder, normalize(new URL(request.url, "http://pages").pathname).replace(/\/$/, "/index.html"));
    try {
      const bytes = await readFile(path);
      response.writeHead(200, { "content-type": types[extname(path)] ?? "text/plain" }).end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => { server.closeAllConnections(); server.close(); } };
}
