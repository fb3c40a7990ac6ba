// The audit log: found by whom it concerns, who has done it and how; page by page; and on to the people in it.

import assert from "node:assert/strict";
import { ADA, button, faultOf, field, fill, heading, rows, says, signIn } from "./support/console.js";
import { SIZES, scene } from "./support/scene.js";
import { eventually } from "./support/service.js";

const BOB = { email: "bob@example.com", password: "seven green teapots", first: "Bob", role: "admin" };
const MANY = 60;

const actions = (page) => rows(page, "Audit log").locator("td.main").allInnerTexts();

/** Waits until the log shows just these actions, each as often as it is said. */
const shows = (page, expected) =>
  eventually(JSON.stringify(expected), async () => {
    const counts = {};
    for (const action of await actions(page)) counts[action] = (counts[action] ?? 0) + 1;
    return JSON.stringify(counts) === JSON.stringify(expected);
  });

scene("the log is filtered, turned over, and leads to people", async ({ service, open }) => {
  const root = await service.root(ADA);
  const bob = await service.user(root, BOB);
  const { accessToken } = await service.signIn(BOB);
  const carl = await service.user(accessToken, { email: "carl@example.com", first: "Carl" });
  await service.call("user/update", accessToken, { id: carl.id, last: "Friedrich" });
  for (let number = 0; number < MANY; number++) await service.user(root, { email: `user-${number}@example.com` });

  // Signing in is the person's own affair, and no entry.
  const first = { "user/create": 50 };
  for (const size of Object.keys(SIZES)) {
    const window = await open({ size });
    const { page } = window;
    await signIn(page, service, ADA, "audit", "Audit log");
    await shows(page, first);
    await window.look("audit");
    await button(page, "Next").click();
    await eventually("the last page", async () => (await actions(page)).includes("user/update"));
    assert.ok(await button(page, "Next").isDisabled());
    await button(page, "Previous").click();
    await shows(page, first);

    // Filters stay while one turns over.
    await fill(page, { Action: "user/create" });
    await button(page, "Show entries").click();
    await shows(page, { "user/create": 50 });
    await button(page, "Next").click();
    await shows(page, { "user/create": MANY + 2 - 50 });
    await page.getByRole("link", { name: "Show all" }).click();
    await shows(page, first);

    await fill(page, { "Affected user": "carl@example.com" });
    await button(page, "Show entries").click();
    await shows(page, { "user/update": 1, "user/create": 1 });
    const [entry] = await rows(page, "Audit log").allInnerTexts();
    assert.match(entry, /Bob.*Carl Friedrich.*last/s);
    await window.look("audit-filtered");
    await page.getByRole("link", { name: "user/create" }).click();
    await shows(page, { "user/create": 1 });
    await page.reload();
    await shows(page, { "user/create": 1 });
    await page.getByRole("link", { name: "Show all" }).click();
    await shows(page, first);

    await fill(page, { "Done by": BOB.email, Action: "user/update" });
    await page.keyboard.press("Enter");
    await shows(page, { "user/update": 1 });
    await rows(page, "Audit log").getByRole("link", { name: "Bob", exact: true }).click();
    await heading(page, "Bob").waitFor();
    assert.ok(page.url().endsWith(`#/users/${bob.id}`));
    await page.goBack();
    await shows(page, { "user/update": 1 });

    await fill(page, { "Affected user": "dora@example.com", "Done by": "", Action: "" });
    window.foresee("user/get", 404);
    await button(page, "Show entries").click();
    await page.locator("[aria-invalid=true]").waitFor();
    assert.match(await faultOf(field(page, "Affected user")), /^No user has the email dora@example.com/);
    await fill(page, { "Affected user": "a made-up id" });
    window.foresee("audit/find", 422);
    await button(page, "Show entries").click();
    await page.locator("[aria-invalid=true]").waitFor();
    assert.match(await faultOf(field(page, "Affected user")), /id/i);
    await window.look("audit-refused");
    await fill(page, { "Affected user": carl.id, Action: "key/create" });
    await button(page, "Show entries").click();
    await says(page, "No entries match");
    await window.look("audit-none");
  }
});
