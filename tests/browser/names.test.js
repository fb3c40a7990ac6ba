// Names that others have typed, written from the right or with characters that turn text: they turn nothing around them.

import assert from "node:assert/strict";
import { ADA, button, heading, says, signIn, visit } from "./support/console.js";
import { scene } from "./support/scene.js";

/** Ends the isolation of what it stands in, and turns what comes after. The service takes none of these characters. */
const TURNS = "\u2069\u2069\u202E";
/** What stands for them in its data. */
const MARK = "~";
/** As it is shown. */
const EVE = "Eve Mallory";
const HEBREW = "\u05D0\u05D1\u05D2 (\u05D3)";
const ARABIC = "\u0645\u062D\u0645\u062F";

/**
 * Runs in the page: the places where letters that are read from the left are not drawn so. What is isolated is passed
 * over: it may be drawn as it likes.
 */
function turned() {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  /** The block, line and right edge of the letter before, as one reads. */
  let before;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!parent.checkVisibility() || parent.closest("bdi, option, textarea, .unseen, svg")) continue;
    let block = parent;
    while (getComputedStyle(block).display === "inline") block = block.parentElement;
    let depth = 0;
    for (let at = 0; at < node.data.length; at++) {
      const letter = node.data[at];
      if (letter === "\u2068") depth += 1;
      if (letter === "\u2069") depth -= 1;
      if (depth > 0 || !/[a-z]/i.test(letter)) continue;
      range.setStart(node, at);
      range.setEnd(node, at + 1);
      const { left, top, width, height } = range.getBoundingClientRect();
      if (width === 0) continue;
      const isOnLine = before?.block === block && Math.abs(before.top - top) < height / 2;
      if (isOnLine && left < before.left) found.push(`${node.data.slice(0, at)}|${node.data.slice(at)}`);
      before = { block, left, top };
    }
  }
  return found;
}

/** Whether a name is drawn before the words that follow it. */
const follows = (target) =>
  target.evaluate((element) => {
    const after = document.createRange();
    after.setStartAfter(element);
    after.setEndAfter(element.closest("p, h1, h2, td, li, dd, strong, button, span.toast"));
    const [name, rest] = [element, after].map((one) => one.getClientRects()[0]);
    return !rest || rest.left >= name.right - 1 || rest.top >= name.bottom - 1;
  });

/** An account of people with such names. */
async function world(service) {
  const token = await service.root({ ...ADA, first: HEBREW });
  const { id: own } = await service.call("account/get", token, {});
  await service.call("account/update", token, { accountId: own, name: `${MARK}Analytical ${ARABIC}` });
  const eve = await service.user(token, { email: "eve@example.com", first: `${MARK}Eve`, last: "Mallory" });
  const dalet = await service.user(token, { email: "dalet@example.com", first: HEBREW, last: ARABIC });
  await service.call("user/updateRole", token, { id: dalet.id, sendInvite: true });
  const gone = await service.user(token, { email: "gone@example.com", first: `${MARK}Gone` });
  await service.call("user/remove", token, { id: gone.id });
  await service.call("key/create", token, { name: `${MARK}Billing ${HEBREW}`, role: "user" });
  await service.call("hold/place", token, { id: eve.id, kind: "team", ref: `${MARK}owner`, data: {} });
  return { token, eve, dalet };
}

/** Whatever the service says in this window has those characters. */
const turnAll = ({ context }, service) =>
  context.route(`${service.api}/*/*`, async (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    const response = await route.fetch();
    const body = (await response.text()).replaceAll(MARK, TURNS);
    return route.fulfill({ response, body });
  });

for (const locale of ["en-GB", "de-DE"]) {
  scene(`what stands around names is drawn as it is read, ${locale}`, async ({ service, open }) => {
    const { eve, dalet } = await world(service);
    const window = await open({ locale });
    const { page } = window;
    await turnAll(window, service);
    const isEnglish = locale === "en-GB";
    await page.goto(`${service.console}#/users`);
    await page.locator("input[name=email]").fill(ADA.email);
    await page.locator("input[name=password]").fill(ADA.password);
    await page.locator("button[type=submit]").click();
    const paths = [
      "users", `users/${eve.id}`, `users/${eve.id}/access`, `users/${eve.id}/holds`, `users/${eve.id}/history`,
      `users/${dalet.id}`, "", "invitations", "trash", "account", "keys", "audit", "me", "accounts", "mail",
      "person?email=eve@example.com",
    ];
    for (const path of paths) {
      await page.evaluate((path) => (location.hash = `#/${path}`), path);
      await window.settled();
      assert.deepEqual(await page.evaluate(turned), [], path);
      const names = await page.locator("main bdi >> visible=true").all();
      for (const name of names) assert.ok(await follows(name), `${path}: ${await name.innerText()}`);
      assert.doesNotMatch(await page.title(), /[\u202A-\u202E]/);
    }
    if (isEnglish) await window.look("names");
  });
}

scene("dialogs and messages that name somebody are drawn as they are read", async ({ service, open }) => {
  const { dalet, eve } = await world(service);
  const window = await open();
  const { page } = window;
  await turnAll(window, service);
  await signIn(page, service, ADA);
  await visit(page, service, `users/${eve.id}`, EVE);
  await button(page, "Remove").click();
  await page.getByRole("heading", { name: `Remove ${EVE}`, exact: true }).waitFor();
  assert.deepEqual(await page.evaluate(turned), []);
  await page.keyboard.press("Escape");

  await page.evaluate((id) => (location.hash = `#/users/${id}`), dalet.id);
  const name = `\u2068${HEBREW} ${ARABIC}\u2069`;
  await heading(page, `${HEBREW} ${ARABIC}`).waitFor();
  await button(page, "Remove").click();
  await page.getByRole("dialog", { name: `Remove ${name}`, exact: true }).waitFor();
  assert.deepEqual(await page.evaluate(turned), []);
  await button(page, "Remove user").click();
  const told = page.getByText(`${name} is in the trash.`);
  await told.waitFor();
  assert.deepEqual(await page.evaluate(turned), []);
  // What follows the name stands at its right.
  const at = await told.evaluate((element) => {
    const range = document.createRange();
    const node = element.firstChild;
    const end = node.data.indexOf("\u2069");
    const box = (from, to) => {
      range.setStart(node, from);
      range.setEnd(node, to);
      return range.getBoundingClientRect();
    };
    return { name: box(0, end).right, words: box(end + 1, node.data.length).left };
  });
  assert.ok(at.words >= at.name - 1, JSON.stringify(at));
  await says(page, "Eve");
});
