// A test's stage: a service of its own, and windows of a browser that see what goes wrong in them.

import assert from "node:assert/strict";
import { appendFile, mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { eventually, PATIENCE, Service } from "./service.js";

export const SIZES = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 360, height: 740 },
};

const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];
const PICTURES = fileURLToPath(new URL("../../../target/screenshots/", import.meta.url));
/** What has failed at first, and then not. */
const UNSTEADY = `${PICTURES}unsteady.txt`;
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let launched;
const launch = () => {
  const executablePath = process.env.GUESTLIST_TEST_CHROMIUM ?? "/usr/bin/chromium";
  launched ??= chromium.launch({ executablePath, args: FLAGS, timeout: PATIENCE });
  return launched;
};
after(async () => (await launched)?.close());

/** The browser gets these flags, too; for the top of a file. */
export const launchWith = (...flags) => FLAGS.push(...flags);

/**
 * A test on a service that runs with these flags; it fails if anything has gone wrong in a window, too. In CI, where
 * nobody is there to look again, a scene that fails is played once more, and `unsteady.txt` keeps why.
 */
export function scene(name, ...given) {
  const [play, flags] = [given.at(-1), given.slice(0, -1)];
  test(name, { timeout: 10 * PATIENCE }, async () => {
    const failure = await played(name, play, flags).catch((error) => error);
    if (!failure) return;
    if (!process.env.CI) throw failure;
    await appendFile(UNSTEADY, `${name}: ${failure.stack}\n\n`);
    const again = await played(name, play, flags);
    if (again) throw again;
  });
}

/** Plays a scene; resolves to what has gone wrong, if anything has. */
async function played(name, play, flags) {
  const service = await Service.start(...flags);
  const opened = [];
  const open = async (options) => {
    const window = await Window.open(service, options);
    opened.push(window);
    return window;
  };
  const failures = [];
  const attempt = (work) => Promise.resolve().then(work).catch((error) => failures.push(error));
  await attempt(() => play({ service, open }));
  for (const window of opened) await attempt(() => window.assertWell());
  if (failures.length > 0) {
    const pictures = opened.map((window, number) => window.keep(`failed-${slug(name)}-${number + 1}`));
    failures[0].message += `\n  pictures: ${(await Promise.all(pictures)).flat().join("\n    ")}`;
  }
  for (const window of opened) await attempt(() => window.close());
  await attempt(() => service.stop());
  const [first, ...rest] = failures;
  for (const { message } of rest) first.message += `\n\n${message}`;
  return first;
}

/** One person's browser: tabs that share what is stored, and all that went wrong in them. */
export class Window {
  /** What nobody has foreseen. */
  faults = [];
  #foreseen = [];
  #tolerated = [];
  #origins = [];
  #isLossTolerated = false;
  #unanswered = new Set();

  /** Where a test judges all answers itself, nothing else does. */
  static async open(service, { size = "desktop", isJudged = true, locale = "en-GB" } = {}) {
    const browser = await launch();
    const window = new Window();
    window.service = service;
    window.size = size;
    window.context = await browser.newContext({
      viewport: SIZES[size],
      hasTouch: size === "phone",
      locale,
      timezoneId: "Europe/Berlin",
      colorScheme: "light",
      reducedMotion: "reduce",
    });
    window.context.setDefaultTimeout(PATIENCE / 2);
    window.#count();
    if (isJudged) window.#watch();
    window.page = await window.context.newPage();
    return window;
  }

  /** A further tab. */
  tab() {
    return this.context.newPage();
  }

  /** Says beforehand that a call will be answered so; if it is not, that is a fault, too. */
  foresee(call, status) {
    this.#foreseen.push({ call, status });
  }

  /** Pages of this origin, too, may be asked for. */
  expectOrigin(origin) {
    this.#origins.push(origin);
  }

  /** From now on a call may be answered so, any number of times. */
  tolerate(call, status) {
    this.#tolerated.push({ call, status });
  }

  /** From now on connections may break. */
  tolerateLoss() {
    this.#isLossTolerated = true;
  }

  /** Waits until a page shows all that it has asked for. (The network's own idle state is told once a document only.) */
  async settled(page = this.page) {
    await page.locator("h1").first().waitFor();
    await eventually("a page that waits for nothing", async () => {
      if (this.#unanswered.size > 0) return false;
      // What an answer brings about may ask again.
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50))));
      return this.#unanswered.size === 0 && (await page.locator(".skeleton, .skeleton-part").count()) === 0;
    });
  }

  /**
   * Looks at what the page shows now, with the mouse over something or nothing: no barrier, nothing beside the
   * edge, in light and dark; keeps pictures of it.
   */
  async look(name, { page = this.page, over } = {}) {
    // What is still being fetched has no heading yet; that it never gets one is told below.
    await page.locator("h1").first().waitFor().catch(() => {});
    if (over) await over.hover();
    else await page.mouse.move(0, 0);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      const path = `${PICTURES}${name}-${this.size}-${colorScheme}.png`;
      // A dialog is laid out in the window, not in the page.
      const fullPage = (await page.getByRole("dialog").count()) === 0;
      await page.screenshot({ path, caret: "initial", animations: "allow", fullPage });
      // What the scheme changes are the colours, and nothing else.
      const run = colorScheme === "dark" ? { runOnly: ["color-contrast"] } : {};
      const found = await this.#barriers(page, run);
      this.faults.push(...found.map((barrier) => `${name}, ${colorScheme}: ${barrier}`));
    }
    await page.emulateMedia({ colorScheme: "light" });
    const { width, wide } = await page.evaluate(widths);
    if (wide.length > 0) this.faults.push(`${name}: wider than the window's ${width} px: ${wide.join(", ")}`);
  }

  assertWell() {
    const missing = this.#foreseen.map(({ call, status }) => `${call} was not answered ${status}`);
    assert.deepEqual([...this.faults, ...missing], [], "what went wrong in the window");
  }

  /** Keeps pictures of all tabs as they are now; returns where. */
  async keep(name) {
    const pictures = this.context.pages().map(async (page, number) => {
      const path = `${PICTURES}${name}-${number + 1}.png`;
      await page.screenshot({ path, caret: "initial", timeout: PATIENCE / 10 }).catch(() => {});
      return `${path} of ${page.url()}`;
    });
    return Promise.all(pictures);
  }

  close() {
    return this.context.close();
  }

  /** What axe-core finds in the page, one line for each thing that it finds it in. */
  async #barriers(page, options) {
    if (!(await page.evaluate("'axe' in window"))) {
      await page.evaluate(axe);
      // It is large, so the next pages of this window get it without its being sent again.
      await this.context.addInitScript(axe);
    }
    // What passes need not be described.
    const given = { ...options, resultTypes: ["violations"] };
    const { violations } = await page.evaluate((options) => window.axe.run(document, options), given);
    const line = ({ id, help }, { target, any }) => `${id} (${help}) in ${target.join(" ")}: ${any[0]?.message ?? ""}`;
    return violations.flatMap((violation) => violation.nodes.map((node) => line(violation, node)));
  }

  #count() {
    this.context.on("request", (request) => this.#unanswered.add(request));
    for (const end of ["requestfinished", "requestfailed"]) this.context.on(end, (request) => this.#unanswered.delete(request));
  }

  #watch() {
    const { context, faults } = this;
    context.on("console", (message) => {
      // What a call was answered is judged below, by its status.
      if (message.text().startsWith("Failed to load resource")) return;
      if (["error", "warning"].includes(message.type())) faults.push(`console: ${message.text()}`);
    });
    context.on("weberror", (error) => faults.push(`script: ${error.error().stack}`));
    context.on("request", (request) => {
      const { origin, protocol } = new URL(request.url());
      const isOurs = [this.service.origin, ...this.#origins].includes(origin) || protocol === "data:";
      if (!isOurs) faults.push(`asks elsewhere: ${request.url()}`);
    });
    context.on("requestfailed", (request) => {
      const { errorText } = request.failure();
      // The page itself has lost interest in the answer.
      if (errorText !== "net::ERR_ABORTED" && !this.#isLossTolerated) faults.push(`${request.url()}: ${errorText}`);
    });
    context.on("response", (response) => {
      if (response.status() < 400) return;
      const call = response.url().replace(`${this.service.api}/`, "").split("?")[0];
      const fits = (one) => one.call === call && one.status === response.status();
      const at = this.#foreseen.findIndex(fits);
      if (at >= 0) this.#foreseen.splice(at, 1);
      else if (!this.#tolerated.some(fits)) faults.push(`${call} was answered ${response.status()}`);
    });
  }
}

/**
 * Runs in the page: its width, and what sticks out of it, if it can be scrolled sideways. Times stand there as the
 * longest that there are meanwhile, so that what is found does not depend on the day of the test.
 */
function widths() {
  const ago = new Intl.RelativeTimeFormat(document.documentElement.lang).format(-59, "minute");
  const longest = (text) =>
    /\d{4}|^\d+:/.test(text) ? text.replace(/^\d+(\.?) \p{L}+\.? (\d{4})/u, "30$1 Sept$1 $2") : ago;
  const shown = [...document.querySelectorAll("time")].map((time) => time.firstChild).filter((text) => text?.data);
  const before = shown.map((text) => text.data);
  for (const text of shown) text.data = longest(text.data);
  const width = document.documentElement.clientWidth;
  const sticksOut = (element) => element.getBoundingClientRect().right > width + 1;
  const name = (element) => `${element.localName}.${element.className}`;
  const isWide = document.scrollingElement.scrollWidth > width;
  const wide = isWide ? [...document.querySelectorAll("body *")].filter(sticksOut).map(name) : [];
  shown.forEach((text, at) => (text.data = before[at]));
  return { width, wide };
}

function slug(name) {
  return name.toLowerCase().replace(/\W+/g, "-");
}

await mkdir(PICTURES, { recursive: true });
