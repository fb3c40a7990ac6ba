// The list of users and the page of one: many of them, found while typing, changed by two at once.

import assert from "node:assert/strict";
import { ADA, button, faultOf, field, fill, hasFocus, heading, says, signIn, visit } from "./support/console.js";
import { SIZES, scene } from "./support/scene.js";
import { eventually } from "./support/service.js";

const LONG = "Wolfeschlegelsteinhausenbergerdorff".repeat(5);
const FIRST_NAMES = ["Anna", "Andrew", "Bea", "Carl", "Dörte", "Émile", "Zoë"];

/** Lines for `user import`: the number of users, of whom the first ones are hard to show. */
function people(count) {
  const odd = [
    { email: `${"a".repeat(64)}@${"long.".repeat(20)}example.com`, first: LONG, last: LONG },
    { email: "tags@example.com", first: "<img src=x onerror=alert(1)>", last: "<b>&amp;</b>" },
    { email: "rtl@example.com", first: "שָׁלוֹם", last: "مرحبا", state: "suspended" },
    { email: "nameless@example.com" },
  ];
  const name = (number) => FIRST_NAMES[number % FIRST_NAMES.length];
  const plain = Array.from({ length: count - odd.length }, (_, number) => ({
    email: `user-${String(number).padStart(4, "0")}@example.com`,
    first: name(number),
    last: `Nr ${number}`,
  }));
  return [...odd, ...plain].map((person) => JSON.stringify(person)).join("\n");
}

/** So wide that emails have a column of their own. */
const WIDE = { width: 1440, height: 800 };

const sortBy = (page, column) =>
  page.getByRole("columnheader", { name: column }).getByRole("button").click();

const table = (page) => page.getByRole("table", { name: "Users" });

/** Waits until the list shows an answer, and no longer the one before; returns the links of its rows. */
async function rows(page, before = []) {
  return eventually("other rows", async () => {
    if ((await table(page).getAttribute("aria-busy")) === "true") return undefined;
    const links = await table(page)
      .locator("tbody a")
      .evaluateAll((found) => found.map((link) => link.getAttribute("href")));
    return links.length > 0 && links[0] !== before[0] ? links : undefined;
  });
}

scene("a thousand users, to the last page and back", async ({ service, open }) => {
  await service.root(ADA);
  await service.run(["user", "import", "-"], people(1000));
  const window = await open();
  const { page } = window;
  await signIn(page, service, ADA);
  const newest = await rows(page);
  await page.getByText("1,001 users").waitFor();
  await says(page, "1–25 of 1,001");
  await window.look("users-many");
  // Where the email stands below the name, the list is sorted by a field above it.
  assert.equal(await page.getByRole("columnheader").getByRole("button").count(), 0, "one way to sort it");
  await field(page, "Sort by").selectOption("Oldest first");
  const oldest = await rows(page, newest);
  await field(page, "Sort by").selectOption("By email, Z to A");
  const backwards = await rows(page, oldest);
  await field(page, "Sort by").selectOption("By email, A to Z");
  const byEmail = await rows(page, backwards);
  await page.setViewportSize(WIDE);
  assert.ok(!(await field(page, "Sort by").isVisible()));
  await sortBy(page, "Added");
  assert.deepEqual(await rows(page, byEmail), newest);
  await sortBy(page, "Email");
  const pages = [await rows(page, newest)];
  assert.ok(await button(page, "Previous").isDisabled());
  while (await button(page, "Next").isEnabled()) {
    await button(page, "Next").click();
    pages.push(await rows(page, pages.at(-1)));
  }
  assert.equal(new Set(pages.flat()).size, 1001);
  await window.look("users-last-page");
  for (let at = pages.length - 2; at >= 0; at--) {
    await button(page, "Previous").click();
    assert.deepEqual(await rows(page, pages[at + 1]), pages[at]);
  }
  assert.ok(await button(page, "Previous").isDisabled());

  // The last page is as near as the first, and is cut as when one turns to it.
  await button(page, "Last page").click();
  assert.deepEqual(await rows(page, pages[0]), pages.at(-1));
  await says(page, /^1,001 of 1,001$/);
  await button(page, "Previous").click();
  assert.deepEqual(await rows(page, pages.at(-1)), pages.at(-2));
  await says(page, "976–1,000 of 1,001");
  await button(page, "Next").click();
  assert.deepEqual(await rows(page, pages.at(-2)), pages.at(-1));
  await button(page, "First page").click();
  assert.deepEqual(await rows(page, pages.at(-1)), pages[0]);

  // Sorted the other way round, it begins with what was the end.
  await sortBy(page, "Email");
  const reversed = await rows(page, pages[0]);
  assert.equal(reversed[0], pages.at(-1).at(-1));
  assert.deepEqual([byEmail, backwards], [pages[0], reversed]);
  await sortBy(page, "Added");
  await eventually("the newest first", async () => String(await rows(page)) === String(newest));

  await field(page, "Status").selectOption("suspended");
  await eventually("the only one", async () => (await rows(page)).length === 1);
  assert.match(await table(page).innerText(), /rtl@example.com/);
  await page.getByText("1 user", { exact: true }).waitFor();
  // What is shown is what the address says, so it can be sent to somebody.
  assert.match(page.url(), /state=suspended/);
  await field(page, "Search").fill("nobody is called so");
  await says(page, "No users match");
  await window.look("users-none");
  await button(page, "Show all users").click();
  await eventually("all users", async () => (await rows(page)).length === 25);
});

scene("names and addresses that are hard to show", async ({ service, open }) => {
  await service.root(ADA);
  await service.run(["user", "import", "-"], people(12));
  for (const size of Object.keys(SIZES)) {
    const window = await open({ size });
    const { page } = window;
    await signIn(page, service, ADA);
    await rows(page);
    await window.look("users-odd");
    await page.getByRole("link", { name: "<img src=x onerror=alert(1)>" }).click();
    await heading(page, "<img src=x onerror=alert(1)> <b>&amp;</b>").waitFor();
    await page.goBack();
    await page.getByRole("link", { name: LONG }).click();
    await heading(page, `${LONG} ${LONG}`).waitFor();
    await window.look("user-odd");
    await page.getByRole("link", { name: "Access" }).click();
    await page.getByRole("region", { name: "Role" }).waitFor();
    await window.look("user-access-odd");
  }
});

scene("a late answer to an earlier search is not shown", async ({ service, open }) => {
  await service.root(ADA);
  await service.run(["user", "import", "-"], people(30));
  const window = await open();
  const { page } = window;
  await signIn(page, service, ADA);
  await rows(page);
  const held = new Map();
  await page.route("**/user/find?*", (route) => {
    held.set(route.request().postDataJSON().search, route);
  });
  const search = field(page, "Search");
  const asked = (text) => eventually(`the search for ${text}`, () => held.get(text));
  await search.pressSequentially("an");
  const early = await asked("an");
  await search.pressSequentially("na");
  const late = await asked("anna");
  await late.continue();
  await eventually("Annas", async () => {
    const names = await table(page).locator("tbody tr").allInnerTexts();
    return names.length === 4 && names.every((name) => name.includes("Anna"));
  });
  // The page may have broken it off; then there is nothing to answer.
  await early.continue().catch(() => {});
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)));
  for (const name of await table(page).locator("tbody tr").allInnerTexts()) assert.match(name, /Anna/);
  assert.equal(await search.inputValue(), "anna");
  assert.ok(await hasFocus(search));
  await window.look("users-search");

  // Each letter is not a request.
  held.clear();
  await search.fill("");
  await asked(undefined);
  await search.pressSequentially("andrew", { delay: 20 });
  await asked("andrew");
  assert.ok(held.size <= 3, [...held.keys()].join());
});

scene("who is not found by how a name begins is looked for in all of them", async ({ service, open }) => {
  const token = await service.root(ADA);
  await service.run(["user", "import", "-"], people(1200));
  const { id } = await service.user(token, { email: "late@example.com", first: "Late", externalId: "EMP-77", username: "owl" });
  for (const size of Object.keys(SIZES)) {
    const window = await open({ size });
    const { page } = window;
    await signIn(page, service, ADA);
    const all = await rows(page);
    for (const text of [id, "EMP-77", "owl", "late@"]) {
      await field(page, "Search").fill(text);
      await eventually(text, async () => (await table(page).locator("tbody tr").count()) === 1);
      await page.getByRole("link", { name: "Late" }).waitFor();
    }
    await field(page, "Search").fill("r-0003");
    await says(page, "No users match");
    await window.look("users-search-none");
    await button(page, "Search inside names and emails").click();
    await says(page, "Found 0 users. Searched the first 1,000 users.");
    await button(page, "Search the next 1,000").click();
    await says(page, "Searched all users and found 1.");
    assert.match(await table(page).innerText(), /user-0003@example.com/);
    await window.look("users-looked-through");
    await button(page, "End search").click();
    assert.deepEqual(await rows(page, [`#/users/${id}x`]), all);
  }
});

const selected = (page) => page.getByRole("region", { name: "Selection" });
const select = (page, name) => page.getByRole("checkbox", { name: `Select ${name}`, exact: true });

scene("many are suspended, changed and removed at once, and all of it is undone at once", async ({ service, open }) => {
  const token = await service.root(ADA);
  const names = ["Bob", "Carol", "Dave", "Eve"];
  const made = [];
  for (const first of names) {
    const person = { email: `${first}@example.com`, first };
    made.push(await service.user(token, { ...person, ...(first === "Dave" ? { sendInvite: true } : { password: "seven green teapots" }) }));
  }
  const states = async () => {
    const found = made.map(({ id }) => service.ask("user/get", token, { id }));
    return (await Promise.all(found)).map(({ reply }) => reply.state);
  };
  const roles = async () => {
    const found = made.map(({ id }) => service.call("user/get", token, { id }));
    return (await Promise.all(found)).map(({ role }) => role).join();
  };
  for (const size of Object.keys(SIZES)) {
    const window = await open({ size });
    const { page } = window;
    const dialog = page.getByRole("dialog");
    await signIn(page, service, ADA);
    await rows(page);
    const before = await states();
    const choose = async () => {
      for (const name of [...names, "Ada Lovelace"]) await select(page, name).check();
      await selected(page).getByText("5 selected").waitFor();
    };

    await choose();
    await window.look("users-selected");
    await button(selected(page), "Suspend").click();
    // Nobody suspends oneself, nor who has not joined.
    await dialog.getByText(/2 of them stay/).waitFor();
    await window.look("users-suspend");
    await button(dialog, "Suspend").click();
    await page.getByText("3 users suspended.").waitFor();
    assert.deepEqual(await states(), ["suspended", "suspended", "invited", "suspended"]);
    assert.equal(await selected(page).count(), 0);
    await button(page, "Undo").click();
    await page.getByText("Undone.").waitFor();
    assert.deepEqual(await states(), before);

    await choose();
    await button(selected(page), "Change role").click();
    await field(dialog, "Role").selectOption("admin");
    await window.look("users-change-role");
    await button(dialog, "Change role").click();
    await page.getByText("Role of 4 users changed.").waitFor();
    assert.equal(await roles(), "admin,admin,admin,admin");
    await button(page, "Undo").click();
    await page.getByText("Undone.").waitFor();
    assert.equal(await roles(), "user,user,user,user");

    // One of them cannot be removed: it is said which, and the others are.
    const hold = { id: made[0].id, kind: "invoice", ref: "1" };
    const { id: held } = await service.call("hold/place", token, hold);
    await choose();
    await button(selected(page), "Remove").click();
    await button(dialog, "Remove").click();
    await dialog.getByText("This did not work for 1 user:").waitFor();
    await dialog.getByText("Bob").waitFor();
    await dialog.getByText("Release the holds first.").waitFor();
    await window.look("users-remove-some");
    await button(dialog, "Close").click();
    await page.getByText("3 users moved to the trash.").waitFor();
    await button(page, "Undo").click();
    await page.getByText("Undone.").waitFor();
    assert.deepEqual((await states()).map((state) => state === "trashed"), [false, false, false, false]);
    await service.call("hold/release", token, { id: made[0].id, hold: held, kind: "invoice", ref: "1" });
  }
});

scene("what was done to many is undone from another page, and who could not be is named", async ({ service, open }) => {
  const token = await service.root(ADA);
  const made = [];
  for (const first of ["Bob", "Carol", "Dave"]) {
    made.push(await service.user(token, { email: `${first}@example.com`, first, password: "seven green teapots" }));
  }
  const window = await open();
  const { page } = window;
  const dialog = page.getByRole("dialog");
  await signIn(page, service, ADA);
  await rows(page);
  for (const first of ["Bob", "Carol", "Dave"]) await select(page, first).check();
  await button(selected(page), "Change role").click();
  await field(dialog, "Role").selectOption("admin");
  await button(dialog, "Change role").click();
  await page.getByText("Role of 3 users changed.").waitFor();
  await service.call("user/remove", token, { id: made[1].id });
  await page.evaluate((id) => (location.hash = `#/users/${id}`), made[0].id);
  await heading(page, "Bob").waitFor();
  await page.getByRole("main").getByText("Admin", { exact: true }).waitFor();
  await button(page, "Undo").click();
  await page.getByText(/Undone for 2 of 3 users\. Not undone: Carol\./).waitFor();
  await window.look("users-undone-some");
  // What is shown by then is as it is now.
  await page.getByRole("main").getByText("User", { exact: true }).waitFor();
  // Nobody misses it for want of looking.
  await page.evaluate(() => (location.hash = "#/users"));
  await heading(page, "Users").waitFor();
  await page.getByText(/Not undone: Carol/).waitFor();
  await button(page, "Dismiss").click();
  await page.getByText(/Not undone: Carol/).waitFor({ state: "detached" });
});

const inDays = (days) => new Date(Date.now() + days * 86_400_000);

scene("who was added, is invited, and whose invite has ended are told apart", async ({ service, open }) => {
  const token = await service.root(ADA);
  const person = (first, more) => service.user(token, { email: `${first}@example.com`, first, ...more });
  await person("Late", { sendInvite: true });
  const { id } = await person("Withdrawn", { sendInvite: true });
  await service.call("invite/revoke", token, { id });
  await person("Plain", {});
  await person("Waiting", { sendInvite: true, inviteExpires: inDays(30).toISOString() });
  await service.later("8d");
  for (const size of Object.keys(SIZES)) {
    const window = await open({ size });
    const { page } = window;
    await window.context.clock.setFixedTime(inDays(8));
    await signIn(page, service, ADA);
    await rows(page);
    const row = (name) => table(page).getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });
    const says = async (name, text) => assert.match(await row(name).innerText(), text);
    await says("Late", /Invite expired\s+on \d/);
    await says("Waiting", /Invited\s+until \d/);
    await says("Withdrawn", /Invite ended/);
    await says("Plain", /Added/);
    await window.look("users-standing");
    const filters = [["Added, not invited", "Plain"], ["Invite open", "Waiting"], ["Invite ended", "Withdrawn"], ["Invite expired", "Late"]];
    for (const [option, name] of filters) {
      await field(page, "Status").selectOption(option);
      await eventually(option, async () => (await rows(page)).length === 1);
      await row(name).waitFor();
    }
    // The same on the user's own page, and among the invitations.
    await page.getByRole("link", { name: "Late" }).click();
    await heading(page, "Late").waitFor();
    await page.getByRole("main").getByText("Invite expired").waitFor();
    assert.equal(await button(page, "Copy invite link").count(), 0);
    await window.look("user-expired");
    await visit(page, service, "invitations", "Invitations");
    const invitations = page.getByRole("table", { name: "Invitations" });
    await invitations.getByRole("link", { name: "Waiting" }).waitFor();
    await field(page, "Show").selectOption("Invite expired");
    await invitations.getByRole("link", { name: "Late" }).waitFor();
    assert.equal(await invitations.getByRole("link", { name: "Waiting" }).count(), 0);
    await window.look("invitations-expired");
    if (size !== "phone") continue;
    await select(page, "Late").check();
    await button(selected(page), "Send again").click();
    await button(page.getByRole("dialog"), "Send invite").click();
    await page.getByText("Invite sent to Late.").waitFor();
    await page.getByText("No expired invitations").waitFor();
    await window.look("invitations-none-expired");
  }
});

scene("who was given a password and has not used it yet is active, before a first sign-in", async ({ service, open }) => {
  const token = await service.root(ADA);
  const bob = { email: "bob@example.com", password: "seven green teapots", first: "Bob" };
  const { id, state, joined } = await service.user(token, bob);
  assert.deepEqual([state, joined], ["active", undefined]);
  const languages = [["en-GB", "Active", "First sign-in", "not yet"], ["de-DE", "Aktiv", "Erste Anmeldung", "noch nicht"]];
  for (const [locale, standing, label, notYet] of languages) {
    const { page } = await open({ locale });
    await page.goto(`${service.console}#/users/${id}`);
    await page.locator("[name=email]").fill(ADA.email);
    await page.locator("[name=password]").fill(ADA.password);
    await page.keyboard.press("Enter");
    await heading(page, "Bob").waitFor();
    await page.locator(".who-large").getByText(standing, { exact: true }).waitFor();
    const row = page.locator("dl.facts > div").filter({ hasText: label });
    assert.deepEqual((await row.innerText()).split("\n").map((text) => text.trim()), [label, notYet]);
  }
});

scene("the list goes by keyboard alone", async ({ service, open }) => {
  const token = await service.root(ADA);
  for (const first of ["Bob", "Carol"]) await service.user(token, { email: `${first}@example.com`, first, sendInvite: true });
  const window = await open();
  const { page } = window;
  await signIn(page, service, ADA);
  await rows(page);
  const link = (name) => page.getByRole("link", { name, exact: true });
  await page.keyboard.press("j");
  assert.ok(await hasFocus(link("Carol")));
  assert.ok(await focusIsSeen(page));
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  assert.ok(await select(page, "Bob").isChecked());
  await page.keyboard.press("k");
  assert.ok(await hasFocus(link("Carol")));
  await page.keyboard.press("ArrowDown");
  assert.ok(await hasFocus(link("Bob")));
  await window.look("users-by-keyboard");
  await page.keyboard.press("/");
  assert.ok(await hasFocus(field(page, "Search")));
  // A letter in the search is a letter.
  await page.keyboard.type("jx");
  assert.equal(await field(page, "Search").inputValue(), "jx");
  await field(page, "Search").fill("");
  await rows(page);

  // What can be done about one, from the menu in the row.
  await button(page, "Actions: Carol").focus();
  await page.keyboard.press("Enter");
  await window.look("users-row-menu");
  for (let presses = 0; presses < 6; presses++) await page.keyboard.press("ArrowDown");
  assert.ok(await hasFocus(page.getByRole("menuitem", { name: "Change role" })));
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await heading(page, "Carol").waitFor();
});

/** Whether the focus can be seen: by a mark, or by how a link is underlined. */
const focusIsSeen = (page) =>
  page.evaluate(() => {
    const { outlineStyle, textDecorationLine } = getComputedStyle(document.activeElement);
    return outlineStyle !== "none" || textDecorationLine === "underline";
  });

scene("what two change at once is shown to who comes second", async ({ service, open }) => {
  const token = await service.root(ADA);
  const { id } = await service.user(token, { email: "bob@example.com", first: "Bob", password: "seven green teapots" });
  for (const size of Object.keys(SIZES)) {
    const window = await open({ size });
    const { page } = window;
    await signIn(page, service, ADA);
    await page.getByRole("link", { name: "Bob" }).click();
    await heading(page, "Bob").waitFor();
    await window.look("user");
    await service.call("user/update", token, { id, first: "Rob", language: "de" });
    window.foresee("user/update", 409);
    await fill(page, { "First name": "Bobby" });
    await button(page, "Save profile").click();
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    await window.look("conflict");
    const text = await dialog.innerText();
    for (const value of ["First name", "Bobby", "Rob"]) assert.ok(text.includes(value), text);
    assert.ok(!text.includes("de"), text);
    await button(page, "Save mine").click();
    await heading(page, "Bobby").waitFor();
    const saved = await service.call("user/get", token, { id });
    assert.equal(saved.first, "Bobby");
    // What only the other has changed is kept.
    assert.equal(saved.language, "de");

    await service.call("user/update", token, { id, first: "Robert" });
    window.foresee("user/update", 409);
    await fill(page, { "First name": "Bo" });
    await button(page, "Save profile").click();
    await button(page, "Keep theirs").click();
    await heading(page, "Robert").waitFor();
    assert.equal((await service.call("user/get", token, { id })).first, "Robert");
    await service.call("user/update", token, { id, first: "Bob", language: "" });
  }
});

scene("what nobody else has touched is kept, whatever becomes of the rest", async ({ service, open }) => {
  const token = await service.root(ADA);
  const { id } = await service.user(token, { email: "bob@example.com", first: "Bob", last: "Babbage" });
  const saved = async () => {
    const { first, last, language } = await service.call("user/get", token, { id });
    return { first, last, language };
  };
  const window = await open({ size: "phone" });
  const { page } = window;
  await signIn(page, service, ADA, `users/${id}`, "Bob Babbage");
  const typed = { "First name": "Bobby", "Last name": "Brown", Language: "fr" };
  const theirs = { first: "Rob", last: "Babbage", language: undefined };
  await service.call("user/update", token, { id, first: "Rob" });
  await fill(page, typed);
  const dialog = page.getByRole("dialog");

  // Going back to the form saves nothing and loses nothing.
  for (const goBack of [() => page.keyboard.press("Escape"), () => button(dialog, "Cancel").click()]) {
    window.foresee("user/update", 409);
    await button(page, "Save profile").click();
    await dialog.waitFor();
    await goBack();
    await dialog.waitFor({ state: "detached" });
    for (const [label, value] of Object.entries(typed)) assert.equal(await field(page, label).inputValue(), value);
    assert.deepEqual(await saved(), theirs);
  }

  window.foresee("user/update", 409);
  await button(page, "Save profile").click();
  await button(dialog, "Keep theirs").click();
  await heading(page, "Rob Brown").waitFor();
  await page.getByText("Changes saved, except the values that someone else changed.").waitFor();
  assert.deepEqual(await saved(), { first: "Rob", last: "Brown", language: "fr" });
  assert.equal(await field(page, "First name").inputValue(), "Rob");
});

scene("a dialog stays until its call is answered", async ({ service, open }) => {
  const token = await service.root(ADA);
  const { id } = await service.user(token, { email: "bob@example.com", first: "Bob", password: "seven green teapots" });
  const window = await open();
  const { page } = window;
  await signIn(page, service, ADA, `users/${id}`, "Bob");
  let held;
  await page.route("**/user/update", (route) => (held = route));
  await button(page, "Suspend").click();
  const dialog = page.getByRole("dialog");
  await button(dialog, "Suspend user").click();
  await eventually("the call", () => held);
  assert.ok(await button(dialog, "Cancel").isDisabled());
  // Browsers let a dialog refuse to go only once.
  for (let presses = 0; presses < 3; presses++) await page.keyboard.press("Escape");
  await eventually("the dialog again", () => dialog.isVisible());
  window.foresee("user/update", 409);
  const body = JSON.stringify({ status: 409, code: "conflict", detail: "Not now." });
  await held.fulfill({ status: 409, contentType: "application/problem+json", body });
  await dialog.getByRole("alert").getByText("Not now.").waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
});

scene("a person who gives up the own role is asked first", async ({ service, open }) => {
  const token = await service.root(ADA);
  // The last one stays root.
  await service.user(token, { email: "rosa@example.com", password: "nine brass gears", role: "root" });
  const { id } = await service.call("user/get", token, {});
  const role = async () => (await service.call("user/get", token, { id })).role;
  const window = await open({ size: "phone" });
  const { page } = window;
  await signIn(page, service, ADA, `users/${id}/access`, "Ada Lovelace");
  const dialog = page.getByRole("dialog");
  await field(page, "Role").selectOption("admin");
  await button(page, "Change role").click();
  await dialog.waitFor();
  await window.look("role-given-up");
  await button(dialog, "Cancel").click();
  assert.equal(await role(), "root");
  await button(page, "Change role").click();
  await button(dialog, "Become an admin").click();
  await page.getByText("Role changed.").waitFor();
  await dialog.waitFor({ state: "detached" });
  assert.equal(await role(), "admin");
});

scene("rows of another search do not stand in for those that cannot be read", async ({ service, open }) => {
  await service.root(ADA);
  await service.run(["user", "import", "-"], people(12));
  const window = await open();
  const { page } = window;
  await signIn(page, service, ADA);
  await rows(page);
  const body = JSON.stringify({ status: 400, code: "bad_request", detail: "Not now." });
  const refuse = (route) => route.fulfill({ status: 400, contentType: "application/problem+json", body });
  await page.route("**/user/find?*", refuse);
  window.foresee("user/find", 400);
  await field(page, "Search").fill("anna");
  await page.getByRole("alert").getByText("Not now.").waitFor();
  assert.equal(await table(page).count(), 0);
  await page.unroute("**/user/find?*", refuse);
  await button(page, "Try again").click();
  await eventually("Annas", async () => (await table(page).locator("tbody tr").allInnerTexts()).every((row) => /Anna/.test(row)));
});

scene("what the service refuses stands beside its field", async ({ service, open }) => {
  const token = await service.root(ADA);
  const bob = await service.user(token, { email: "bob@example.com", first: "Bob", username: "bob" });
  await service.user(token, { email: "eve@example.com", username: "eve" });
  const window = await open({ size: "phone" });
  const { page } = window;
  await signIn(page, service, ADA);
  await page.goto(`${service.console}#/users/${bob.id}`);
  await heading(page, "Bob").waitFor();
  window.foresee("user/update", 409);
  await fill(page, { "Username": "eve" });
  await button(page, "Save profile").click();
  await page.locator("[aria-invalid=true]").waitFor();
  assert.match(await faultOf(field(page, "Username")), /has this username/);
  await window.look("user-refused");
  window.foresee("user/update", 422);
  await fill(page, { "Username": "no spaces", "External ID": "x".repeat(300) });
  await button(page, "Save profile").click();
  await eventually("both faults", async () => (await page.locator("[aria-invalid=true]").count()) === 2);

  await page.getByRole("link", { name: "Access" }).click();
  window.foresee("user/update", 409);
  await fill(page, { "Email": "eve@example.com" });
  await button(page, "Change email").click();
  await page.locator("[aria-invalid=true]").waitFor();
  assert.match(await faultOf(field(page, "Email")), /e-?mail/i);
  await window.look("user-access-refused");
});

scene("a hold keeps from removing, and says why", async ({ service, open }) => {
  const token = await service.root(ADA);
  const { id } = await service.user(token, { email: "bob@example.com", first: "Bob" });
  const hold = { id, kind: "invoice", ref: "2026/0042", data: { total: "12.50" } };
  for (const size of Object.keys(SIZES)) {
    await service.call("hold/place", token, hold);
    const window = await open({ size });
    const { page } = window;
    await signIn(page, service, ADA, `users/${id}`, "Bob");
    const dialog = page.getByRole("dialog");
    window.foresee("user/remove", 409);
    await button(page, "Remove").click();
    await button(dialog, "Remove user").click();
    await dialog.getByRole("alert").waitFor();
    assert.match(await dialog.getByRole("alert").innerText(), /hold/);
    await window.look("user-held");
    await button(dialog, "Close").click();
    await page.getByRole("link", { name: "Holds" }).click();
    const row = page.getByRole("table", { name: "Holds" }).locator("tbody tr");
    assert.match(await row.innerText(), /invoice.*2026\/0042.*12\.50/s);
    await window.look("holds-some");
    await button(row, "Release").click();
    await dialog.waitFor();
    await window.look("hold-release");
    await button(dialog, "Release hold").click();
    await says(page, "No holds");
    await button(page, "Remove").click();
    await button(dialog, "Remove user").click();
    await page.getByText("Bob is in the trash.").waitFor();
    await service.call("trash/restore", token, { id });
  }
});

scene("who is suspended is kept out, and who is deleted is gone", async ({ service, open }) => {
  const token = await service.root(ADA);
  const bob = { email: "bob@example.com", first: "Bob", password: "seven green teapots" };
  for (const size of Object.keys(SIZES)) {
    const { id } = await service.user(token, bob);
    const { accessToken } = await service.signIn(bob);
    const own = async () => (await service.ask("user/get", accessToken, {})).status;
    const window = await open({ size });
    const { page } = window;
    await signIn(page, service, ADA, `users/${id}`, "Bob");
    await button(page, "Suspend").click();
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    await window.look("user-suspend");
    await button(dialog, "Suspend user").click();
    await button(page, "Reactivate").waitFor();
    assert.equal(await own(), 403);
    await window.look("user-suspended");
    await button(page, "Reactivate").click();
    await button(page, "Suspend").waitFor();
    assert.equal(await own(), 401, "he has to sign in again");

    await service.call("user/remove", token, { id });
    await visit(page, service, "trash", "Trash");
    await button(page, "Delete Bob").click();
    await dialog.waitFor();
    assert.ok(await button(dialog, "Delete for good").isDisabled(), "before the email is typed");
    await fill(dialog, { [`Type ${bob.email} to continue`]: bob.email });
    await button(dialog, "Delete for good").click();
    await says(page, "The trash is empty");
    assert.equal((await service.ask("user/get", token, { id })).status, 404);
    window.foresee("user/get", 404);
    await visit(page, service, `users/${id}`, "User not found");
    await window.look("no-such-user");
  }
});

scene("an invitation is taken back, and sent again", async ({ service, open }) => {
  const token = await service.root(ADA);
  const { id, invite } = await service.user(token, { email: "bob@example.com", first: "Bob", sendInvite: true });
  const isOpen = async (code) => (await service.ask("invite/check", "", { invite: code })).status === 200;
  const window = await open({ size: "phone" });
  const { page } = window;
  await signIn(page, service, ADA, `users/${id}`, "Bob");
  await window.look("user-invited");
  assert.ok(await isOpen(invite));
  await button(page, "Withdraw invite").click();
  await page.getByText(/withdrawn/).waitFor();
  assert.ok(!(await isOpen(invite)));
  await window.look("user-uninvited");
  await button(page, "Send invite").click();
  await page.getByText("Invite sent.").waitFor();
  const fresh = (await service.call("user/get", token, { id })).invite;
  assert.ok(await isOpen(fresh));
  await button(page, "Send invite again").click();
  await page.getByText(/Invite sent again/).waitFor();
  assert.ok(!(await isOpen(fresh)));
});

scene("what the mouse is over can be read", async ({ service, open }) => {
  const token = await service.root(ADA);
  const { id } = await service.user(token, { email: "bob@example.com", password: "seven green teapots" });
  const window = await open();
  const { page } = window;
  await signIn(page, service, ADA);
  await window.look("over-quiet", { over: button(page, "Find anything") });
  await window.look("over-link", { over: page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Users" }) });
  await page.goto(`${service.console}#/users/${id}`);
  await window.look("over-danger", { over: button(page, "Remove") });
  await window.look("over-plain", { over: button(page, "Suspend") });
  await window.look("over-tab", { over: page.getByRole("link", { name: "History" }) });
  await field(page, "First name").fill("Bob");
  await window.look("over-primary", { over: button(page, "Save profile") });
});

scene("of clicks in a hurry the last one counts, and each leads on from what was seen", async ({ service, open }) => {
  const root = await service.root(ADA);
  for (let number = 10; number < 70; number++) {
    await service.user(root, { email: `user-${99 - number}@example.com`, first: `User ${number}` });
  }
  const { page } = await open();
  await page.setViewportSize(WIDE);
  await signIn(page, service, ADA);
  const link = (name) => page.getByRole("link", { name, exact: true });
  await link("User 69").waitFor();
  // Answers come when the test says so.
  const held = [];
  await page.route("**/user/find?*", (route) => held.push(route));
  const next = () => button(page, "Next").click();
  const sort = () => page.getByRole("columnheader", { name: "Email" }).getByRole("button").click();
  /** Lets all that is held go on, in this order; what was given up may not be there any more. */
  const release = async (...order) => {
    await eventually("what was asked", () => held.length > Math.max(...order));
    for (const at of order) await held[at].continue().catch(() => {});
    held.splice(0);
  };

  await next();
  await next();
  await release(0);
  await link("User 44").waitFor();
  await page.getByText("26–50 of 61").waitFor();

  // Sorted while the next page is on its way, whose answer comes last.
  await next();
  await eventually("the next", () => held.length === 1);
  await sort();
  await release(1, 0);
  await link("Ada Lovelace").waitFor();
  await page.getByText("1–25 of 61").waitFor();
  assert.match(page.url(), /index=gs1/);

  // Turned over while another order is on its way: the next page of what is seen.
  await sort();
  await eventually("the other order", () => held.length === 1);
  await next();
  await release(1, 0);
  await page.getByText("26–50 of 61").waitFor();
  await link("User 45").waitFor();
  assert.doesNotMatch(page.url(), /order=desc/);
});
