// The console in German: which language is read, and that all pages speak it, also where there is little room.

import assert from "node:assert/strict";
import en from "../../console/public/texts/en.js";
import de from "../../console/public/texts/de.js";
import { ADA, button, field, fill, heading, ownMenu, signOut } from "./support/console.js";
import { scene } from "./support/scene.js";

/** What `en.js` says and `de.js` does not. */
const [WHOLE, PIECES] = englishOnly();
const isEnglish = (text) => WHOLE.has(text) || PIECES.some((piece) => text.includes(piece));

const german = async (open, options = {}) => open({ locale: "de-AT", ...options });

scene("a browser that is set to German reads German, until another language is chosen", async ({ service, open }) => {
  await service.root(ADA);
  const { page } = await german(open);
  await page.goto(service.console);
  await heading(page, de.common.signIn).waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "de");
  const asked = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
  const files = asked.filter((name) => /\/texts\/(en|de)\b/.test(name)).map((name) => name.match(/texts\/(\w+)/)[1]);
  assert.deepEqual(files, ["de"], "only the language that is read is loaded");

  await field(page, de.common.email).fill(ADA.email);
  await field(page, de.common.language).selectOption("English");
  await heading(page, "Sign in").waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  assert.equal(await field(page, "Email").inputValue(), ADA.email, "what was typed stays");
  assert.equal(await page.title(), "Sign in – Guestlist");
  await page.reload();
  await heading(page, "Sign in").waitFor();
});

scene("whose own setting is German reads it everywhere, and others in the same browser do not", async ({ service, open }) => {
  const root = await service.root(ADA);
  const { id } = await service.call("user/get", root, {});
  await service.call("user/update", root, { id, language: "de-CH" });
  const { page } = await open();
  await page.goto(`${service.console}#/users`);
  await heading(page, "Sign in").waitFor();
  await fill(page, { Email: ADA.email, Password: ADA.password });
  await button(page, "Sign in").click();
  await heading(page, de.common.users).waitFor();
  await page.reload();
  await heading(page, de.common.users).waitFor();

  await page.goto(`${service.console}#/me`);
  await field(page, de.common.language).selectOption("en");
  await button(page, de.profile.saveProfile).click();
  await button(page, en.profile.saveProfile).waitFor();
  await field(page, en.common.language).selectOption("de");
  await button(page, en.profile.saveProfile).click();
  await button(page, de.profile.saveProfile).waitFor();

  await signOut(page, de);
  await heading(page, "Sign in").waitFor();
});

scene("errors are told in German by their code, and faults by their field", async ({ service, open }) => {
  await service.root(ADA);
  const window = await german(open);
  const { page } = window;
  await page.goto(service.console);
  window.foresee("session/create", 401);
  await fill(page, { [de.common.email]: ADA.email, [de.common.password]: "something else" });
  await button(page, de.common.signIn).click();
  await page.getByText(de.errors.invalid_credentials).waitFor();
  window.foresee("password/forgot", 422);
  await page.goto(`${service.console}#/forgot`);
  await fill(page, { [de.common.email]: "nobody" });
  await button(page, de.forgot.sendLink).click();
  await page.getByText(de.faults.email(de.common.email)).waitFor();
  // A link of an email is a link, not a code that people have entered.
  window.foresee("password/check", 422);
  await page.goto(`${service.console}#/reset/abc`);
  await page.getByText(de.emailedLink.incomplete).waitFor();
});

scene("what fails among many is told in German, too", async ({ service, open }) => {
  const window = await signedIn(service, open, "desktop");
  const { page, people } = window;
  const { accessToken } = await service.signIn(ADA);
  await service.call("user/update", accessToken, { id: people.active, username: "grace" });
  await page.goto(`${service.console}#/transfer`);
  await heading(page, de.titles.transfer).waitFor();
  const lines = ["email,role,username", "dora@,,", "eve@example.com,king,", "fred@example.com,,grace"];
  await fill(page, { [de.common.users]: lines.join("\n") });
  await button(page, de.transfer.importCount(3)).click();
  const told = page.getByRole("table", { name: de.transfer.lines });
  for (const why of [de.faults.email(de.common.email), de.faults.in(de.common.role), de.errors.username_taken]) {
    await told.getByText(why).waitFor();
  }
  const failed = de.transfer.notImported(3);
  await page.getByRole("heading", { name: de.common.doneExcept(failed) }).waitFor();
  await page.getByText(de.frame.jobFailed(de.transfer.importing, failed)).waitFor();

  // She has a hold.
  await page.goto(`${service.console}#/users`);
  await page.getByRole("checkbox", { name: de.ui.selectOne("Grace Hopper") }).check();
  await button(page.getByRole("region", { name: de.ui.selection }), de.steps.remove.label).click();
  await button(page.getByRole("dialog"), de.steps.remove.action).click();
  await page.getByRole("dialog").getByText(de.errors.held).waitFor();
});

for (const size of ["phone", "desktop"]) {
  scene(`every page speaks German and has room for it, ${size}`, async ({ service, open }) => {
    const root = await service.root(ADA);
    const people = await populated(service, root);
    const window = await german(open, { size });
    // Who is in the trash is named by the end of the id.
    window.tolerate("user/get", 404);
    // The link of an email is judged before a password is asked for.
    window.tolerate("password/check", 422);
    const { page } = window;
    const outside = ["", "sign-up", "forgot", "token", "setup", "reset/abc", "verify/abc", "undo-email/abc", `invite/${people.invite}`];
    for (const path of outside) await judged(window, service, path);
    await page.goto(`${service.console}#/sign-in`);
    await fill(page, { [de.common.email]: ADA.email, [de.common.password]: ADA.password });
    await button(page, de.common.signIn).click();
    await heading(page, de.titles.overview).waitFor();
    for (const path of insideOf(people)) await judged(window, service, path);
    await dialogs(window, service, people);
  });
}

/** What is looked at, by the size of the window: on phones all, since German is long. */
const LOOKED_AT = [
  ["desktop", "main pages", ({ active }) => ["", "users", `users/${active}`, `users/${active}/holds`, "account", "keys", "audit", "me/sessions"]],
  ["phone", "people", ({ active, invited }) => [
    "", "users", `users/${active}`, `users/${active}/access`, `users/${active}/sessions`, `users/${active}/holds`,
    `users/${active}/history`, `users/${invited}`, "invite-users", "invitations", "trash", "transfer",
  ]],
  ["phone", "all else", ({ other }) => [
    "account", "all-accounts", `account/${other}`, `account/${other}/users`, "accounts", `person?email=${ADA.email}`, "keys", "audit",
    "mail", "mail?state=waiting", "me", "me/sign-in", "me/sessions", "nowhere",
  ]],
];

for (const [size, which, pathsOf] of LOOKED_AT) {
  scene(`nobody is kept from reading German, ${which}, ${size}`, async ({ service, open }) => {
    const window = await signedIn(service, open, size);
    // Who is in the trash is named by the end of the id.
    window.tolerate("user/get", 404);
    const { page, people } = window;
    for (const path of pathsOf(people)) {
      await page.goto(`${service.console}#/${path}`);
      await window.settled();
      await window.look(`german-${nameOf(path, people)}`);
      assert.deepEqual(await page.evaluate(shortened), [], `shortened on ${path || "the first page"}`);
      assert.deepEqual(await page.evaluate(tabsAmiss), [], `tabs on ${path || "the first page"}`);
    }
    await ownMenu(page, de);
    await window.look("german-own-menu");
  });
}

scene("what stands beside each other in German has room for it", async ({ service, open }) => {
  const root = await service.root(ADA);
  const { invited } = await populated(service, root);
  const email = "katharina.schneider@example.com";
  const { id } = await service.call("user/create", root, { email, first: "Katharina", last: "Schneider" });
  const window = await german(open);
  const { page } = window;
  await page.goto(`${service.console}#/sign-in`);
  await fill(page, { [de.common.email]: ADA.email, [de.common.password]: ADA.password });
  await button(page, de.common.signIn).click();
  await heading(page, de.titles.overview).waitFor();
  const isWhole = ({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth;
  for (const width of [1024, 1280, 1440]) {
    await page.setViewportSize({ width, height: 800 });
    await page.goto(`${service.console}#/users`);
    await window.settled();
    const shown = page.getByTitle(email).locator("visible=true");
    assert.ok(await shown.evaluate(isWhole), `the email is cut off at ${width}`);
  }
  await service.call("user/remove", root, { id });
  for (const width of [640, 700, 860]) {
    await page.setViewportSize({ width, height: 800 });
    await page.goto(`${service.console}#/trash`);
    await window.settled();
    const row = page.getByRole("table", { name: de.trash.removedUsers }).getByRole("row").filter({ hasText: "Katharina" });
    assert.equal(await linesOf(row.getByRole("button")), 1, `buttons of the trash at ${width}`);
    assert.ok((await row.boundingBox()).height <= 84, `a row of the trash at ${width}`);
    assert.ok(await row.getByTitle(email).evaluate(isWhole), `the email in the trash is cut off at ${width}`);
    if (width === 700) await window.look("german-trash-700");
  }
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(`${service.console}#/users/${invited}`);
  await window.settled();
  assert.equal(await linesOf(page.locator(".head").getByRole("button")), 2, "what can be done about an invited user");
});

/** How many lines buttons stand in. */
async function linesOf(buttons) {
  return new Set(await buttons.evaluateAll((all) => all.map((one) => Math.round(one.getBoundingClientRect().top)))).size;
}

scene("nobody is kept from reading German where it asks, phone", async ({ service, open }) => {
  const window = await signedIn(service, open, "phone");
  const { page, people } = window;
  const asked = [
    [`users/${people.active}`, de.common.remove], [`users/${people.active}/holds`, de.holds.release], ["keys", de.keys.create],
    ["all-accounts", de.common.createAccount], ["me/sign-in", de.goingForGood.ask.here], ["me/sessions", de.sessions.endOthers],
  ];
  for (const [path, name] of asked) {
    await page.goto(`${service.console}#/${path}`);
    await button(page, name).first().click();
    await page.getByRole("dialog").waitFor();
    await window.look(`german-${nameOf(path, people)}-asks`);
    const { cut } = await page.evaluate(read);
    assert.deepEqual(cut, [], `cut off on ${path}, ${name}`);
    await button(page.getByRole("dialog"), de.common.cancel).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
  }

  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: de.palette.title }).fill("grace");
  const found = page.getByRole("option", { name: "Grace Hopper" });
  await found.waitFor();
  await window.look("german-palette");
  const name = found.getByText("Grace Hopper", { exact: true });
  assert.ok(await name.evaluate(({ parentElement: { scrollWidth, clientWidth } }) => scrollWidth <= clientWidth), "the name is seen in full");
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: de.palette.shortcuts }).waitFor();
  await page.getByText("Strg", { exact: true }).waitFor();
  await window.look("german-shortcuts");
});

scene("nobody is kept from reading German before signing in, phone", async ({ service, open }) => {
  const { invite } = await populated(service, await service.root(ADA));
  const window = await german(open, { size: "phone" });
  const { page } = window;
  for (const path of ["sign-in", "sign-up", "forgot", "token", "setup", "verify/abc", "undo-email/abc", `invite/${invite}`]) {
    await page.goto(`${service.console}#/${path}`);
    await window.settled();
    await window.look(`german-${path.replace(/\/.*/, "")}`);
  }
});

/** A window of somebody who reads German, and who there is. */
async function signedIn(service, open, size) {
  const people = await populated(service, await service.root(ADA));
  const window = await german(open, { size });
  const { page } = window;
  await page.goto(`${service.console}#/sign-in`);
  await fill(page, { [de.common.email]: ADA.email, [de.common.password]: ADA.password });
  await button(page, de.common.signIn).click();
  await heading(page, de.titles.overview).waitFor();
  return Object.assign(window, { people });
}

/** A path as the name of a picture. */
function nameOf(path, people) {
  const named = Object.entries(people).reduce((text, [name, id]) => text.replace(id, name), path);
  return named.replace(/\W+/g, "-") || "overview";
}

/** Runs in the page: what must be read in full, and is not. */
function shortened() {
  const named = document.querySelectorAll(".account-menu .cut, .badge, .tabs a, nav.entries a");
  const isShortened = ({ scrollWidth, clientWidth, scrollHeight, clientHeight }) => scrollWidth > clientWidth + 1 || scrollHeight > clientHeight + 1;
  return [...named].filter((element) => element.checkVisibility() && element.clientWidth > 0 && isShortened(element)).map(({ textContent }) => textContent);
}

/** Runs in the page: tabs that are not seen, or do not show where one is. */
function tabsAmiss() {
  const isSeen = (tab) => {
    const [one, all] = [tab, tab.parentElement].map((element) => element.getBoundingClientRect());
    return one.left >= all.left - 1 && one.right <= all.right + 1 && one.bottom <= all.bottom + 1;
  };
  const isAmiss = (nav) => !nav.querySelector("[aria-current]") || ![...nav.children].every(isSeen);
  return [...document.querySelectorAll(".tabs")].filter(isAmiss).map(({ textContent }) => textContent);
}

const insideOf = ({ active, invited, other }) => [
  "", "users", "users?role=root&state=suspended", `users/${active}`, `users/${active}/access`, `users/${active}/sessions`,
  `users/${active}/holds`, `users/${active}/history`, `users/${invited}`, "invite-users", "invitations", "trash", "account",
  "all-accounts", `account/${other}`, `account/${other}/users`, "accounts", "person", `person?email=${ADA.email}`, "keys", "audit",
  "mail", "mail?state=waiting", "transfer", "me", "me/sign-in", "me/sessions", "confirm-email/abc", "nowhere",
];

/** Users in each state, a hold, a key, another account, somebody in the trash. */
async function populated(service, root) {
  const person = (email, more) => service.call("user/create", root, { email, ...more });
  const active = await person("grace@example.com", { first: "Grace", last: "Hopper", password: "seven green teapots" });
  await service.signIn({ email: "grace@example.com", password: "seven green teapots" });
  await service.call("hold/place", root, { id: active.id, kind: "project", ref: "p-1" });
  const invited = await person("bob@example.com", { sendInvite: true });
  const gone = await person("carl@example.com", {});
  await service.call("user/remove", root, { id: gone.id });
  await service.call("key/create", root, { name: "Nightly export", role: "user", access: "read" });
  const other = await service.call("account/create", root, { name: "Mills", managed: false });
  await service.call("user/create", root, { accountId: other.id, email: ADA.email, role: "admin", sendInvite: true });
  return { active: active.id, invited: invited.id, invite: invited.invite, other: other.id };
}

/** Opens what asks before it acts. */
async function dialogs(window, service, { active, invited }) {
  const { page } = window;
  const asked = [
    [`users/${active}`, de.common.suspend], [`users/${active}`, de.common.remove], [`users/${invited}`, de.common.remove],
    [`users/${active}/holds`, de.holds.release], [`users/${active}/access`, de.access.removeSecondFactor],
    ["keys", de.keys.create], ["account", de.account.endSessions], ["all-accounts", de.common.createAccount],
    ["me/sign-in", de.goingForGood.ask.here], ["me/sessions", de.sessions.endOthers], ["trash", /^Löschen/],
  ];
  for (const [path, name] of asked) {
    await page.goto(`${service.console}#/${path}`);
    await page.getByRole("main").waitFor();
    const opener = page.getByRole("button", { name, exact: true }).first();
    if (name === de.access.removeSecondFactor) continue;
    await opener.click();
    await page.getByRole("dialog").waitFor();
    await judge(window, `${path}, ${name}`);
    await button(page.getByRole("dialog"), de.common.cancel).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
  }
}

async function judged(window, service, path) {
  await window.page.goto(`${service.console}#/${path}`);
  await window.settled();
  await judge(window, path || "the first page");
}

async function judge({ page }, where) {
  const { shown, cut } = await page.evaluate(read);
  assert.deepEqual(shown.filter(isEnglish), [], `English on ${where}`);
  assert.deepEqual(cut, [], `cut off on ${where}`);
}

function englishOnly() {
  const said = new Set(leavesOf(de).filter((text) => typeof text === "string"));
  const texts = leavesOf(en);
  const whole = texts.filter((text) => typeof text === "string" && !said.has(text));
  // Of a sentence with values, what stands between them.
  const between = texts.filter((text) => typeof text === "function").flatMap((text) => piecesOf(text));
  const known = leavesOf(de).filter((text) => typeof text === "function").flatMap((text) => piecesOf(text));
  return [new Set(whole), between.filter((piece) => !known.includes(piece))];
}

function leavesOf(texts) {
  return Object.values(texts).flatMap((text) => (typeof text === "object" ? leavesOf(text) : [text]));
}

function piecesOf(made) {
  return [...String(made).matchAll(/`((?:[^`$]|\$\{[^{}]*\})*)`/g)]
    .flatMap(([, text]) => text.split(/\$\{[^{}]*\}/))
    .map((piece) => piece.trim())
    .filter((piece) => /\p{L}{2,} \p{L}{2,}/u.test(piece));
}

/** Runs in the page: all that people read or hear, and what has no room. */
function read() {
  const isThere = (element) => element.checkVisibility({ visibilityProperty: true });
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) if (isThere(walker.currentNode.parentElement)) texts.push(walker.currentNode.data);
  const named = ["aria-label", "placeholder", "title", "alt"];
  const attributes = [...document.querySelectorAll("body *")].filter(isThere).flatMap((element) => named.map((name) => element.getAttribute(name)));
  const shown = [...texts, ...attributes, ...document.title.split(" – ")].map((text) => text?.replace(/\s+/g, " ").trim()).filter(Boolean);

  const width = document.documentElement.clientWidth;
  const cut = [];
  const tell = (element, why) => cut.push(`${element.localName}.${element.className} ${why}: ${element.textContent.trim().slice(0, 60)}`);
  for (const element of document.querySelectorAll("body *")) {
    if (!isThere(element) || element.closest(".unseen, .skip, svg, .scrolls, table.cards thead")) continue;
    const { overflowX, textOverflow } = getComputedStyle(element);
    const isClipped = overflowX !== "visible" && textOverflow !== "ellipsis" && !["INPUT", "TEXTAREA", "SELECT"].includes(element.tagName);
    if (isClipped && element.scrollWidth > element.clientWidth + 1 && overflowX === "hidden") tell(element, "clips");
    const box = element.getBoundingClientRect();
    if (box.width > 0 && box.right > width + 1 && document.scrollingElement.scrollWidth > width) tell(element, "sticks out");
    // A button's words stay within it.
    if (element.matches("button, .button, .badge") && element.scrollWidth > element.clientWidth + 1 && textOverflow !== "ellipsis") tell(element, "is too narrow");
  }
  return { shown, cut };
}
