// What stands around pages: the navigation beside them or in a drawer, one's own menu, and where the focus goes.

import assert from "node:assert/strict";
import { ADA, button, hasFocus, heading, hold, navigation, ownMenu, says, signIn, tabTo } from "./support/console.js";
import { scene } from "./support/scene.js";

/** What is called good: https://web.dev/articles/cls. */
const MAX_SHIFT = 0.1;

const current = (page) => page.getByRole("navigation", { name: "Main" }).locator("[aria-current=page]").allInnerTexts();

scene("the sidebar says where one is, and the keyboard gets past it", async ({ service, open }) => {
  await service.root(ADA);
  const window = await open();
  const { page } = window;
  await signIn(page, service, ADA);
  assert.equal(await button(page, "Menu").count(), 0);
  assert.deepEqual(await current(page), ["Users"]);
  await window.look("frame");
  const groups = page.getByRole("navigation", { name: "Main" }).getByRole("list");
  assert.equal(await groups.count(), 5);
  const people = page.getByRole("list", { name: "People" }).getByRole("link");
  assert.deepEqual(await people.allInnerTexts(), ["Users", "Invitations", "Trash", "Import and export"]);

  await tabTo(page, people.filter({ hasText: "Trash" }));
  await page.keyboard.press("Enter");
  await heading(page, "Trash").waitFor();
  assert.deepEqual(await current(page), ["Trash"]);
  assert.ok(await hasFocus(page.getByRole("main")));
  // A page below one of them belongs to it.
  await page.goto(`${service.console}#/invite-users`);
  await heading(page, "Invite people").waitFor();
  assert.deepEqual(await current(page), ["Users"]);

  await page.reload();
  await heading(page, "Invite people").waitFor();
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to content" });
  assert.ok(await hasFocus(skip));
  await page.keyboard.press("Enter");
  assert.ok(await hasFocus(page.getByRole("main")));
});

scene("whose user it is, the sidebar says once that is known", async ({ service, open }) => {
  const root = await service.root(ADA);
  const other = await service.call("account/create", root, { name: "Mills", managed: true });
  const people = {
    "All accounts": await service.user(root, { email: "bob@example.com", accountId: other.id }),
    Users: await service.user(root, { email: "carol@example.com" }),
  };
  const { page } = await open();
  await signIn(page, service, ADA, "mail", "Mail");
  for (const [entry, { id, email }] of Object.entries(people)) {
    const answer = await hold(page, `${service.api}/user/get`);
    await page.goto(`${service.console}#/users/${id}`);
    await heading(page, "Mail").waitFor({ state: "detached" });
    assert.deepEqual(await current(page), [], email);
    answer();
    await heading(page, email).waitFor();
    assert.deepEqual(await current(page), [entry]);
    await page.unroute(`${service.api}/user/get`);
    await page.goto(`${service.console}#/mail`);
    await heading(page, "Mail").waitFor();
  }
});

scene("an admin's users are those of the own account, before they are read", async ({ service, open }) => {
  const root = await service.root(ADA);
  const bob = { email: "bob@example.com", password: "seven green teapots", first: "Bob", role: "admin" };
  const { id } = await service.user(root, bob);
  const { page } = await open();
  await signIn(page, service, bob, "audit", "Audit log");
  const answer = await hold(page, `${service.api}/user/get`);
  await page.goto(`${service.console}#/users/${id}`);
  await heading(page, "Audit log").waitFor({ state: "detached" });
  assert.deepEqual(await current(page), ["Users"]);
  answer();
  await heading(page, "Bob").waitFor();
});

scene("one's own menu opens the shortcuts and changes the theme", async ({ service, open }) => {
  await service.root(ADA);
  const window = await open();
  const { page } = window;
  await signIn(page, service, ADA);
  const menu = await ownMenu(page);
  await window.look("frame-own-menu");
  assert.deepEqual(await menu.getByRole("menuitem").allInnerTexts(), ["Theme: light", "Theme: dark", "Keyboard shortcuts", "Sign out"]);
  await menu.getByRole("menuitem", { name: "Theme: dark" }).click();
  assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
  await (await ownMenu(page)).getByRole("menuitem", { name: "Theme: system" }).click();
  assert.equal(await page.locator("html").getAttribute("data-theme"), null);
  const own = page.getByRole("button", { name: /^Signed in as/ });
  await own.click();
  await page.keyboard.press("Escape");
  assert.ok(await hasFocus(own));
  await (await ownMenu(page)).getByRole("menuitem", { name: "Keyboard shortcuts" }).click();
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
});

scene("the drawer of a phone is opened, walked and left by keyboard", async ({ service, open }) => {
  await service.root(ADA);
  const window = await open({ size: "phone" });
  const { page } = window;
  await signIn(page, service, ADA);
  const menu = button(page, "Menu");
  const drawer = page.getByRole("dialog", { name: "Menu" });
  // Where a thumb reaches it.
  const box = await menu.boundingBox();
  assert.ok(box.y + box.height > page.viewportSize().height - 60, JSON.stringify(box));
  await menu.focus();
  await page.keyboard.press("Enter");
  await drawer.waitFor();
  await window.look("frame-drawer");
  const link = (name) => drawer.getByRole("link", { name });
  for (const one of await drawer.getByRole("link").all()) assert.ok((await one.boundingBox()).height >= 44);
  assert.ok(await hasFocus(link("Users")), "it begins at the present page");
  await page.keyboard.press("Escape");
  await drawer.waitFor({ state: "detached" });
  assert.ok(await hasFocus(menu), "the focus is given back");

  await page.keyboard.press("Enter");
  await tabTo(page, link("Audit log"));
  await page.keyboard.press("Enter");
  await heading(page, "Audit log").waitFor();
  assert.equal(await drawer.count(), 0);
  assert.ok(await hasFocus(page.getByRole("main")), "and goes on in the new page");

  // The page that one is on already is shown again, too; so it is after a touch beside the drawer.
  await navigation(page);
  await link("Audit log").click();
  await drawer.waitFor({ state: "detached" });
  await navigation(page);
  await page.mouse.click(10, 300);
  await drawer.waitFor({ state: "detached" });

  await (await ownMenu(page)).getByRole("menuitem", { name: "Keyboard shortcuts" }).click();
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  assert.equal(await drawer.count(), 0);
});

scene("a window that is made narrow keeps its page, and its lists become cards by the room that they have", async ({ service, open }) => {
  const root = await service.root(ADA);
  await service.user(root, { email: "bob@example.com" });
  const window = await open();
  const { page } = window;
  await signIn(page, service, ADA);
  const isCards = () => page.locator("table.cards").evaluate((table) => getComputedStyle(table).display === "block");
  for (const [width, cards] of [[1440, false], [900, false], [899, false], [640, false], [600, true], [320, true]]) {
    await page.setViewportSize({ width, height: 740 });
    await says(page, "bob@example.com");
    assert.equal(await isCards(), cards, String(width));
    assert.equal(await button(page, "Menu").count(), width < 900 ? 1 : 0, String(width));
    await window.look(`frame-${width}`);
  }
});

for (const size of ["desktop", "phone"]) {
  scene(`the mark of the focus is cut off nowhere, ${size}`, async ({ service, open }) => {
    const root = await service.root(ADA);
    const { id } = await service.user(root, { email: "bob@example.com", sendInvite: true });
    await service.call("key/create", root, { name: "Nightly export", role: "user" });
    const window = await open({ size });
    const { page } = window;
    await signIn(page, service, ADA);
    const cut = [];
    for (const path of ["", "users", `users/${id}`, "invitations", "invite-users", "account", "keys", "audit", "transfer", "me/sign-in", "accounts"]) {
      await page.goto(`${service.console}#/${path}`);
      await window.settled();
      cut.push(...(await page.evaluate(cutOff)).map((what) => `${path}: ${what}`));
    }
    if (size === "phone") {
      await navigation(page);
      cut.push(...(await page.evaluate(cutOff)));
    }
    assert.deepEqual(cut, []);
  });
}

scene("no card says twice in a row what it is about", async ({ service, open }) => {
  const root = await service.root(ADA);
  const { id } = await service.user(root, { email: "bob@example.com" });
  const window = await open();
  const { page } = window;
  await signIn(page, service, ADA);
  for (const path of [`users/${id}`, `users/${id}/access`, "account", "me", "me/sign-in", "accounts", "transfer", "invite-users"]) {
    await page.goto(`${service.console}#/${path}`);
    await window.settled();
    assert.deepEqual(await page.evaluate(saidTwice), [], path);
  }
});

/** Runs in the page: headings of cards that the label of the first field says again. */
function saidTwice() {
  const isSeen = (label) => label && !label.classList.contains("unseen");
  return [...document.querySelectorAll("section.card")].flatMap((card) => {
    const label = card.querySelector("form .field > label");
    const [title, said] = [card.querySelector("h2"), label].map((element) => element?.textContent.trim().toLowerCase());
    return isSeen(label) && said === title ? [title] : [];
  });
}

/** Runs in the page: what has the focus so that an element around it hides some of its outline. */
function cutOff() {
  const stops = document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']");
  const within = document.querySelector("dialog[open]") ?? document.body;
  return [...stops].filter((stop) => within.contains(stop) && stop.checkVisibility()).flatMap((stop) => {
    stop.focus({ focusVisible: true });
    if (document.activeElement !== stop) return [];
    const { outlineWidth, outlineOffset } = getComputedStyle(stop);
    const reach = Math.max(0, parseFloat(outlineWidth) + parseFloat(outlineOffset));
    const { left, right } = stop.getBoundingClientRect();
    for (let around = stop.parentElement; around && around !== document.documentElement; around = around.parentElement) {
      if (getComputedStyle(around).overflowX === "visible" || around.matches("dialog")) continue;
      const box = around.getBoundingClientRect();
      if (left - reach < box.left - 0.5 || right + reach > box.right + 0.5) return [`${stop.outerHTML.slice(0, 100)} in ${around.className}`];
    }
    const width = document.documentElement.clientWidth;
    return left - reach < -0.5 || right + reach > width + 0.5 ? [`${stop.outerHTML.slice(0, 100)} beside the window`] : [];
  });
}

for (const size of ["desktop", "phone"]) {
  scene(`nothing jumps while pages come, ${size}`, async ({ service, open }) => {
    const root = await service.root(ADA);
    for (const name of ["bob", "carl", "dora"]) await service.user(root, { email: `${name}@example.com`, sendInvite: true });
    const { id } = await service.call("user/get", root, {});
    const window = await open({ size });
    const { page } = window;
    await signIn(page, service, ADA);
    await page.addInitScript(() => {
      window.shifted = 0;
      const add = (list) => list.getEntries().forEach(({ value, sources }) => {
        window.shifted += value;
        (window.moved ??= []).push(...sources.map(({ node }) => node?.outerHTML?.slice(0, 120)));
      });
      new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
    });
    for (const path of ["", "users", `users/${id}`, "keys", "audit", "account"]) {
      await page.goto("about:blank");
      await page.goto(`${service.console}#/${path}`);
      await window.settled();
      const { shifted, moved } = await page.evaluate(() => ({ shifted: window.shifted, moved: window.moved }));
      assert.ok(shifted < MAX_SHIFT, `${path}: ${shifted} ${moved?.join("\n")}`);
    }
  });
}
