// Where an admin lands: what is to be done first, the numbers and how they compare, what was done last; each leads on.

import assert from "node:assert/strict";
import { ADA, button, copied, field, fill, hasFocus, heading, region, rows, says, signIn, visit } from "./support/console.js";
import { SIZES, scene } from "./support/scene.js";
import { PostOffice } from "./support/post-office.js";
import { eventually, freePort } from "./support/service.js";

const BOB = { email: "bob@example.com", password: "seven green teapots", first: "Bob" };
const DAYS = 30;

const counts = (page) => page.getByRole("list", { name: "Users by status and role" });

/** The numbers, by what they are called: `{ "active admins": 2, … }`. */
async function numbers(page) {
  const texts = await counts(page).getByRole("link").allTextContents();
  return Object.fromEntries(texts.map((text) => text.trim().match(/^([\d,]+)\s+(.*)$/)).map(([, count, name]) => [name, count]));
}

const activityOf = (page) => region(page, "Latest activity").getByRole("listitem").first();

/** The headline figures, as they are read. */
async function figures(page) {
  const items = page.getByRole("list", { name: "Key figures" }).getByRole("listitem");
  await eventually("the invitations", async () => !(await items.nth(1).innerText()).includes("…"));
  return (await items.allInnerTexts()).map((text) => text.split(/\n+/));
}

/** A chart's name for people who do not see it; and the days below it that have a number, as a table. */
async function chart(page, name) {
  const card = region(page, name);
  const summary = await card.getByRole("img").getAttribute("aria-label");
  await card.getByText("Show the numbers as a table").click();
  const days = card.getByRole("table").locator("tbody tr");
  assert.equal(await days.count(), DAYS);
  const texts = await days.allInnerTexts();
  return { summary, days: texts.map((text) => text.split("\t")).filter(([, count]) => count !== "0") };
}

scene("numbers of people, sign-ins and invitations", async ({ service, open }) => {
  const root = await service.root(ADA);
  const alone = await open();
  await signIn(alone.page, service, ADA, "", "Overview");
  await says(alone.page, `No invitations in the last ${DAYS} days.`);
  assert.deepEqual(await numbers(alone.page), { "active root users": "1", "active users": "1", "root users": "1", users: "1" });
  await alone.look("overview-alone");

  await service.user(root, { ...BOB, role: "admin" });
  const { accessToken } = await service.signIn(BOB);
  await service.call("user/login", accessToken, {});
  await service.call("user/login", root, {});
  for (const name of ["carl", "dora", "eve"]) {
    await service.user(accessToken, { email: `${name}@example.com`, sendInvite: true });
  }
  await service.user(root, { email: "frank@example.com", state: "suspended" });
  const { id } = await service.user(root, { email: "grace@example.com" });
  await service.call("user/remove", root, { id });

  for (const size of Object.keys(SIZES)) {
    const window = await open({ size });
    const { page } = window;
    await page.goto(service.console);
    await fill(page, { "Email": BOB.email, Password: BOB.password });
    await button(page, "Sign in").click();
    await heading(page, "Overview").waitFor();
    await counts(page).getByRole("link").first().waitFor();
    await window.look("overview");
    assert.deepEqual(await numbers(page), {
      "active users": "2",
      "active admins": "1",
      "active root users": "1",
      "invited users": "3",
      "invited regular users": "3",
      "suspended users": "1",
      "suspended regular users": "1",
      "deleted users": "1",
      "deleted regular users": "1",
      users: "6",
      "regular users": "4",
      "admins": "1",
      "root users": "1",
    });
    assert.deepEqual(await figures(page), [
      ["Active users", "2", "of 6 in all"],
      ["Open invitations", "3", "↑ 3 sent in the last 7 days, 3 more than in the previous 7 days"],
      ["Sign-ins in the last 7 days", "2", "↑ 2 more than in the previous 7 days"],
    ]);
    const signIns = await chart(page, "Sign-ins");
    assert.match(signIns.summary, /^2 sign-ins in 30 days; most on .*: 2$/);
    assert.deepEqual(signIns.days, [["Today so far", "2"]]);
    const invitations = await chart(page, "Invitations");
    assert.match(invitations.summary, /^3 invitations in 30 days; most on .*: 3$/);
    assert.deepEqual(invitations.days, [["Today so far", "3"]]);
    await window.look("overview-tables");

    await page.getByRole("link", { name: "3 invited regular users" }).click();
    await heading(page, "Users").waitFor();
    await eventually("those who are invited", async () => (await rows(page, "Users").count()) === 3);
    assert.equal(await field(page, "Status").inputValue(), "invited");
    assert.equal(await field(page, "Role").inputValue(), "user");
    await visit(page, service, "", "Overview");
    await page.getByRole("link", { name: "1 deleted users" }).click();
    await heading(page, "Trash").waitFor();
    await says(page, "grace@example.com");
    await visit(page, service, "", "Overview");
    await page.getByRole("link", { name: "Open invitations: 3" }).click();
    await heading(page, "Invitations").waitFor();
  }
});

scene("a week is compared with the one before, day by day", async ({ service, open }) => {
  const root = await service.root(ADA);
  // Three sign in, and two are invited.
  for (const name of ["bob", "carl"]) {
    const person = { email: `${name}@example.com`, password: BOB.password };
    await service.user(root, person);
    await service.call("user/login", (await service.signIn(person)).accessToken, {});
  }
  await service.call("user/login", root, {});
  for (const name of ["dora", "eve"]) await service.user(root, { email: `${name}@example.com`, sendInvite: true });
  await service.later("8d");
  const window = await open();
  const { page } = window;
  await signIn(page, service, ADA, "", "Overview");
  const week = await figures(page);
  assert.deepEqual(week[2], ["Sign-ins in the last 7 days", "1", "↓ 2 fewer than in the previous 7 days"]);
  assert.deepEqual(week[1].slice(2), ["↓ 0 sent in the last 7 days, 2 fewer than in the previous 7 days"]);
  const spark = page.getByRole("img", { name: /^Sign-ins by day/ }).first();
  const days = (await spark.getAttribute("aria-label")).split(/: /).slice(1).join(": ").split(/, | and /);
  assert.equal(days.length, 14);
  assert.deepEqual(days.map((day) => day.split(": ")[1]), ["0", "0", "0", "0", "0", "3", "0", "0", "0", "0", "0", "0", "0", "1"]);
  await window.look("overview-weeks");
});

scene("numbers of five digits have room in the narrowest window", async ({ service, open }) => {
  await service.root(ADA);
  const window = await open({ size: "phone" });
  const { page } = window;
  await page.setViewportSize({ width: 320, height: 640 });
  // Nobody makes so many in a test.
  await page.route("**/account/overview", async (route) => {
    const reply = await (await route.fetch()).json();
    const states = ["invited", "active", "suspended", "trashed"];
    const users = states.flatMap((state) => ["user", "admin", "root"].map((role) => ({ state, role, count: 54321 })));
    const days = reply.days.map((day) => ({ ...day, signIns: 98765, invites: 98765 }));
    return route.fulfill({ json: { ...reply, users, days } });
  });
  await signIn(page, service, ADA, "", "Overview");
  await counts(page).getByText("488,889").first().waitFor();
  await window.look("overview-narrow");
  const { scrollWidth, clientWidth } = await page.evaluate(() => document.documentElement);
  assert.equal(scrollWidth, clientWidth);
});

scene("the first steps follow what is done, lead there, and can be put away", async ({ service, open }) => {
  const root = await service.root(ADA);
  const window = await open();
  const { page } = window;
  await signIn(page, service, ADA, "", "Overview");
  const steps = region(page, "First steps");
  const done = () => steps.getByRole("listitem").filter({ hasText: "– done" }).getByRole("heading").allInnerTexts();
  await steps.waitFor();
  assert.deepEqual(await done(), []);
  await window.look("first-steps");
  await steps.getByRole("link", { name: "Send invites" }).click();
  await heading(page, "Invite people").waitFor();
  await visit(page, service, "", "Overview");
  await steps.getByRole("link", { name: "Check delivery" }).click();
  await heading(page, "Mail").waitFor();
  await visit(page, service, "", "Overview");
  await steps.getByRole("link", { name: "Create a key" }).click();
  await heading(page, "API keys").waitFor();

  await service.user(root, { email: "bob@example.com" });
  const { key } = await service.call("key/create", root, { name: "Nightly export", role: "user" });
  await visit(page, service, "", "Overview");
  await steps.waitFor();
  assert.deepEqual(await done(), ["Invite people – done", "Create an API key – done"]);
  await steps.getByText("2 of 4 done").waitFor();
  await button(steps, "Show how").click();
  const dialog = page.getByRole("dialog", { name: "Connect an app" });
  await window.look("first-steps-app");
  const sample = region(dialog, "From a server, with an API key");
  // What is shown works.
  const text = await copied(window, sample.getByRole("button"));
  const [, url] = text.match(/^curl (\S+)/);
  const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/json" };
  assert.equal((await fetch(url, { method: "POST", headers, body: "{}" })).status, 200);
  await button(dialog, "Close").click();

  await page.reload();
  await heading(page, "Overview").waitFor();
  await activityOf(page).waitFor();
  assert.deepEqual(await done(), ["Invite people – done", "Create an API key – done", "Connect an app – done"]);
  await steps.getByText("3 of 4 done").waitFor();

  // Who does not run the service has nothing to do with its mail server.
  const carl = { ...BOB, email: "carl@example.com" };
  await service.user(root, { ...carl, role: "admin" });
  const other = await open();
  await signIn(other.page, service, carl, "", "Overview");
  await activityOf(other.page).waitFor();
  assert.equal(await region(other.page, "First steps").count(), 0, "all of theirs are done");
});

scene("once an email has left, that step is done", async ({ service, open }) => {
  const root = await service.root(ADA);
  const post = new PostOffice();
  const port = await freePort();
  await post.listen(port);
  try {
    await service.again(`--smtp-url=smtp://127.0.0.1:${port}`);
    const { page } = await open();
    await signIn(page, service, ADA, "", "Overview");
    const step = region(page, "First steps").getByRole("listitem").filter({ hasText: "Set up email delivery" });
    await step.waitFor();
    assert.ok(!(await step.innerText()).includes("done"));
    await service.user(root, { email: "bob@example.com", sendInvite: true });
    await eventually("the email", () => post.letters.length > 0);
    await eventually("what is known of it", async () => (await service.call("mail/state", root, {})).lastSent);
    await page.reload();
    await step.getByText("done").waitFor();
  } finally {
    await post.close();
  }
});

scene("the first steps are put away for good", async ({ service, open }) => {
  await service.root(ADA);
  const { page } = await open();
  await signIn(page, service, ADA, "", "Overview");
  const steps = region(page, "First steps");
  await button(steps, "Hide these steps").click();
  await steps.waitFor({ state: "detached" });
  assert.ok(await hasFocus(page.getByRole("main")));
  await page.reload();
  await activityOf(page).waitFor();
  assert.equal(await steps.count(), 0);
});

scene("an account that is no longer young has no first steps", async ({ service, open }) => {
  await service.root(ADA);
  const window = await open();
  const { page } = window;
  await page.clock.setSystemTime(Date.now() + 31 * 86_400_000);
  await signIn(page, service, ADA, "", "Overview");
  await counts(page).waitFor();
  await window.settled();
  assert.equal(await region(page, "First steps").count(), 0);
});

scene("what was done last is told, and leads to the audit log", async ({ service, open }) => {
  const root = await service.root(ADA);
  const ids = [];
  for (const name of ["bob", "carl", "dora", "eve"]) ids.push((await service.user(root, { email: `${name}@example.com`, first: name })).id);
  await service.call("user/update", root, { id: ids[0], role: "admin" });
  await service.call("user/remove", root, { id: ids[1] });
  const window = await open();
  const { page } = window;
  await signIn(page, service, ADA, "", "Overview");
  const activity = region(page, "Latest activity");
  const sentences = activity.getByRole("listitem").locator("p:first-child");
  await sentences.first().waitFor();
  assert.deepEqual(await sentences.allInnerTexts(), [
    "Ada Lovelace removed carl",
    "Ada Lovelace made bob an admin",
    "Ada Lovelace added eve as a user",
    "Ada Lovelace added dora as a user",
    "Ada Lovelace added carl as a user",
  ]);
  await activity.getByRole("listitem").nth(1).getByRole("link", { name: /Audit log/ }).click();
  await heading(page, "Audit log").waitFor();
  await eventually("the entry", async () => (await page.getByRole("main").innerText()).includes("Ada Lovelace made bob an admin"));
  assert.equal(await field(page, "Action").inputValue(), "user/update");
  await visit(page, service, "", "Overview");
  await activity.getByRole("link", { name: "Open the audit log" }).click();
  await heading(page, "Audit log").waitFor();
});
