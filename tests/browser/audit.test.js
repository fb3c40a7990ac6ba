// The audit log: found by whom it concerns, who has done it and how; page by page; and on to the people in it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import de from "../../console/public/texts/de.js";
import { ADA, button, faultOf, field, fill, hasFocus, heading, region, says, signIn } from "./support/console.js";
import { SIZES, scene } from "./support/scene.js";
import { eventually } from "./support/service.js";

const BOB = { email: "bob@example.com", password: "seven green teapots", first: "Bob", role: "admin" };
const MANY = 60;

/** The sentences that are shown, without their times and addresses. */
const told = (page) => region(page, "Audit log").locator("li p").allInnerTexts();

/** Waits until the log tells just this, each as often as it is said. */
const tells = (page, expected) =>
  eventually(JSON.stringify(expected), async () => {
    const counts = {};
    for (const sentence of await told(page)) {
      const kind = sentence.replace(/user-\d+@example.com/, "somebody");
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    return JSON.stringify(counts) === JSON.stringify(expected);
  });

const ADDED = "Ada Lovelace added somebody as a user";

/** Shows the filters on phones; elsewhere it is not seen. */
const unfold = (page) => page.locator("button.unfold");

/** Shows the filters, where they are folded away, and looks for these. */
async function look(page, filter) {
  if (await unfold(page).isVisible() && (await unfold(page).getAttribute("aria-expanded")) === "false") await unfold(page).click();
  await fill(page, filter);
  await button(page, "Show entries").click();
}

scene("the log says who did what to whom, is filtered and turned over, and leads to people", async ({ service, open }) => {
  const root = await service.root(ADA);
  const bob = await service.user(root, BOB);
  const { accessToken } = await service.signIn(BOB);
  const carl = await service.user(accessToken, { email: "carl@example.com", first: "Carl", password: "nine brass gears" });
  await service.call("user/update", accessToken, { id: carl.id, last: "Friedrich" });
  await service.call("user/update", accessToken, { id: carl.id, state: "suspended" });
  await service.call("user/updateRole", root, { id: carl.id, role: "admin" });
  const changes = {
    "Ada Lovelace made Carl Friedrich an admin": 1,
    "Bob suspended Carl Friedrich": 1,
    "Bob changed Carl Friedrich": 1,
    "Bob added Carl Friedrich as a user": 1,
  };
  for (let number = 0; number < MANY; number++) await service.user(root, { email: `user-${number}@example.com` });

  // Signing in is the person's own affair, and no entry.
  const first = { [ADDED]: 50 };
  for (const size of Object.keys(SIZES)) {
    const window = await open({ size });
    const { page } = window;
    let calls = 0;
    page.on("request", (request) => (calls += Number(/(audit\/find|user\/get)/.test(request.url()))));
    await signIn(page, service, ADA, "audit", "Audit log");
    await tells(page, first);
    // One for the page, and one for who is signed in: the names come along.
    assert.ok(calls <= 2, `${calls} calls`);
    await window.look("audit");
    await button(page, "Next").click();
    await eventually("the last page", async () => (await told(page)).includes("Bob suspended Carl Friedrich"));
    assert.ok(await button(page, "Next").isDisabled());
    await button(page, "Previous").click();
    await tells(page, first);

    // On a phone the log is seen at first, and not what narrows it down; a fault in that is seen all the same.
    assert.equal(await field(page, "Affected user").isVisible(), size === "desktop");
    assert.equal(await unfold(page).isVisible(), size === "phone");
    assert.equal((await unfold(page).textContent()).trim(), "Filter");

    // Filters stay while one turns over.
    await look(page, { Action: "User added" });
    await tells(page, first);
    // The way on is not that of the entries before.
    await button(page, "Next").and(page.locator("[aria-busy=false]")).click();
    await eventually("the rest", async () => (await told(page)).length === MANY + 2 - 50);
    await page.getByRole("link", { name: "Show all" }).click();
    await tells(page, first);

    await look(page, { "Affected user": "carl@example.com" });
    await tells(page, changes);
    const text = await region(page, "Audit log").innerText();
    for (const detail of [/User → Admin/, /Active → Suspended/, /Changed last name/, /^Today/i]) assert.match(text, detail);
    await window.look("audit-filtered");
    await page.reload();
    await tells(page, changes);

    // Days are those of the reader's clock.
    const day = await page.evaluate(() => new Date().toLocaleDateString("sv"));
    await look(page, { From: day, To: day });
    await tells(page, changes);
    await look(page, { From: "", To: "2020-02-02" });
    await says(page, "No entries match");
    await page.getByRole("link", { name: "Show all" }).first().click();
    await tells(page, first);

    await look(page, { "Done by": BOB.email, Action: "User changed" });
    await tells(page, { "Bob suspended Carl Friedrich": 1, "Bob changed Carl Friedrich": 1 });
    await region(page, "Audit log").getByRole("link", { name: "Bob", exact: true }).first().click();
    await heading(page, "Bob").waitFor();
    assert.ok(page.url().endsWith(`#/users/${bob.id}`));
    await page.goBack();
    await eventually("the filtered ones", async () => (await told(page)).length === 2);

    window.foresee("user/get", 404);
    await look(page, { "Affected user": "dora@example.com", "Done by": "" });
    await page.locator("[aria-invalid=true]").waitFor();
    assert.match(await faultOf(field(page, "Affected user")), /^No user has the email dora@example.com/);
    window.foresee("audit/find", 422);
    await look(page, { "Affected user": "a made-up id" });
    await page.locator("[aria-invalid=true]").waitFor();
    assert.match(await faultOf(field(page, "Affected user")), /id/i);
    // The same again is as wrong as before, and no less seen.
    await button(page, "Show entries").click();
    await eventually("the focus on what is wrong", () => hasFocus(field(page, "Affected user")));
    assert.match(await faultOf(field(page, "Affected user")), /id/i);
    if (size === "phone") assert.equal(await unfold(page).getAttribute("aria-expanded"), "true");
    await window.look("audit-refused");
    await look(page, { "Affected user": carl.id, Action: "API key created" });
    await says(page, "No entries match");
    if (size === "phone") {
      assert.equal(await unfold(page).innerText(), "Filter (2)");
      assert.ok(await hasFocus(unfold(page)), "the focus is where the filters are");
      assert.ok(!(await field(page, "Affected user").isVisible()), "the entries are seen");
    }
    await window.look("audit-none");
  }
});

scene("the log is saved as a file, in which nothing is a formula", async ({ service, open }) => {
  const root = await service.root({ ...ADA, first: "=cmd|' /C calc'!A0" });
  await service.user(root, { email: "bob@example.com", first: "Bob, the \"builder\"", role: "admin" });
  const window = await open();
  const { page } = window;
  await signIn(page, service, ADA, "audit", "Audit log");
  const saved = async (name) => {
    await button(page, "Export").click();
    const download = page.waitForEvent("download");
    await page.getByRole("menuitem", { name }).click();
    return readFile(await (await download).path(), "utf8");
  };
  const lines = (await saved("As CSV")).trimEnd().split("\r\n");
  assert.match(lines[0], /^id,at,actor,actorName,action,/);
  const made = lines.find((line) => line.includes("bob@example.com"));
  assert.match(made, /,user\/create,.*,admin,/);
  for (const cell of lines.join(",").split(",")) assert.doesNotMatch(cell, /^"?[=+\-@]/);
  assert.ok(made.includes("'=cmd"), made);
  await page.getByText(/^Exported \d+ entr(y|ies)\.$/).waitFor();
  const records = (await saved("As NDJSON")).trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.equal(records.length, lines.length - 1);
  assert.deepEqual(records.find(({ userEmail }) => userEmail === "bob@example.com").after, { role: "admin", state: "invited" });
});

scene("what the service does by itself is named so, and found by that", async ({ service, open }) => {
  const root = await service.root(ADA);
  const { id } = await service.user(root, BOB);
  await service.call("user/remove", root, { id });
  // Who was removed weeks ago is deleted for good.
  await service.later("31d");
  const { page } = await open();
  await signIn(page, service, ADA, "audit", "Audit log");
  const by = region(page, "Audit log").getByText("Guestlist itself", { exact: true }).first();
  await eventually("the chore", async () => {
    await page.reload();
    await region(page, "Audit log").waitFor();
    return (await by.count()) === 1;
  });
  assert.match(await region(page, "Audit log").innerText(), /Guestlist itself deleted .* for good/);
  assert.equal(await by.getAttribute("title"), "sweeper");
  const [request] = await Promise.all([page.waitForRequest("**/audit/find*"), look(page, { "Done by": "guestlist itself" })]);
  assert.equal(request.postDataJSON().actor, "sweeper");
  assert.match(page.url(), /actor=sweeper/);
  await eventually("its name", async () => (await field(page, "Done by").inputValue()) === "Guestlist itself");
});

/** The days that are looked for: in the address, in the fields, and as the service is asked. */
async function days(page, press) {
  const [request] = await Promise.all([page.waitForRequest("**/audit/find*"), press()]);
  const query = new URLSearchParams(new URL(page.url()).hash.split("?")[1]);
  const fields = [await field(page, "From").inputValue(), await field(page, "To").inputValue()];
  assert.deepEqual(fields, [query.get("from"), query.get("to")]);
  const { from, to } = request.postDataJSON();
  return { days: fields, asked: [from, to] };
}

scene("today, yesterday and the last week are one click, by the reader's clock", async ({ service, open }) => {
  await service.root(ADA);
  for (const size of Object.keys(SIZES)) {
    const window = await open({ size });
    const { page } = window;
    await signIn(page, service, ADA, "audit", "Audit log");
    // Half an hour after the day that had 23 hours, in Berlin.
    await page.clock.setFixedTime(new Date("2026-03-30T00:30:00+02:00"));
    const click = (name) => () => button(page, name).click();
    assert.deepEqual(await days(page, click("Yesterday")), {
      days: ["2026-03-29", "2026-03-29"],
      asked: ["2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z"],
    });
    assert.equal(await button(page, "Yesterday").getAttribute("aria-pressed"), "true");
    assert.ok(await hasFocus(button(page, "Yesterday")));
    if (size === "phone") await unfold(page).click();
    await field(page, "Done by").fill("you");
    assert.deepEqual(await days(page, click("Today")), {
      days: ["2026-03-30", "2026-03-30"],
      asked: ["2026-03-29T22:00:00.000Z", "2026-03-30T22:00:00.000Z"],
    });
    assert.match(page.url(), /actor=you/);
    await window.look("audit-days");
    // A minute before midnight it is the day before.
    await page.clock.setFixedTime(new Date("2026-03-29T23:59:00+02:00"));
    const week = await days(page, click("Last 7 days"));
    assert.deepEqual(week.days, ["2026-03-23", "2026-03-29"]);
    assert.deepEqual(week.asked, ["2026-03-22T23:00:00.000Z", "2026-03-29T22:00:00.000Z"]);
    assert.deepEqual((await days(page, () => page.goBack())).days, ["2026-03-30", "2026-03-30"]);
    assert.equal(await field(page, "Done by").inputValue(), "you");
  }
  const { page } = await open({ locale: "de-DE" });
  await page.goto(`${service.console}#/audit`);
  await fill(page, { [de.common.email]: ADA.email, [de.common.password]: ADA.password });
  await button(page, de.common.signIn).click();
  const entry = page.locator(".trail li").first();
  await entry.waitFor();
  await button(page, de.audit.yesterday).click();
  await entry.waitFor({ state: "detached" });
  await button(page, de.audit.today).click();
  await entry.waitFor();
  await page.getByRole("heading", { name: de.audit.today, exact: true }).waitFor();
  assert.equal(await button(page, de.audit.lastWeek).getAttribute("aria-pressed"), "false");
});
