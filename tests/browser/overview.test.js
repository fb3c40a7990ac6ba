// Where an admin lands: the numbers are what was done, can be read without the charts, and lead to who is counted.

import assert from "node:assert/strict";
import { ADA, button, field, fill, heading, region, rows, says, signIn, visit } from "./support/console.js";
import { SIZES, scene } from "./support/scene.js";
import { eventually } from "./support/service.js";

const BOB = { email: "bob@example.com", password: "seven green teapots", first: "Bob" };
const DAYS = 30;

/** The numbers, by what they are called: `{ "active admins": 2, … }`, without the zeros. */
async function numbers(page) {
  const texts = await rows(page, "Users by status and role").getByRole("link").allTextContents();
  const named = texts.map((text) => text.trim().match(/^(\d+)\s+(.*)$/).slice(1));
  return Object.fromEntries(named.filter(([count]) => count !== "0").map(([count, name]) => [name, Number(count)]));
}

/** What a chart is called, for whoever does not see it; and the days below it that have a number, as a table. */
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
  assert.deepEqual(await numbers(alone.page), { "active root users": 1, "active users": 1, "root users": 1, users: 1 });
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
    await rows(page, "Users by status and role").first().waitFor();
    await window.look("overview");
    if (size === "phone") {
      await window.page.setViewportSize({ width: 320, height: 640 });
      await window.look("overview-narrow");
    }
    assert.deepEqual(await numbers(page), {
      "invited regular users": 3,
      "invited users": 3,
      "active admins": 1,
      "active root users": 1,
      "active users": 2,
      "suspended regular users": 1,
      "suspended users": 1,
      "regular users": 4,
      "admins": 1,
      "root users": 1,
      users: 6,
      "deleted regular users": 1,
      "deleted users": 1,
    });
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
  }
});
