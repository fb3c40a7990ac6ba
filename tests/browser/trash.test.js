// Removed users: who was removed last on top, page by page.

import assert from "node:assert/strict";
import { ADA, button, field, rows, says, signIn } from "./support/console.js";
import { SIZES, scene } from "./support/scene.js";
import { eventually } from "./support/service.js";

scene("who was removed last stands on top, whenever they were added", async ({ service, open }) => {
  const token = await service.root(ADA);
  const names = Array.from({ length: 30 }, (_, number) => `user-${String(number).padStart(2, "0")}`);
  const users = [];
  for (const first of names) users.push(await service.user(token, { email: `${first}@example.com`, first }));
  // The one who was added last is removed first, and so on; but for one.
  const removed = [...users.slice(0, 10), ...users.slice(11).toReversed(), users[10]];
  for (const { id } of removed) await service.call("user/remove", token, { id });
  const newest = removed.map(({ first }) => first).toReversed();
  for (const size of Object.keys(SIZES)) {
    const window = await open({ size });
    const { page } = window;
    await signIn(page, service, ADA, "trash", "Trash");
    const list = rows(page, "Removed users");
    const shows = (names) =>
      eventually(names.join(), async () => {
        const shown = await list.locator(".person .name").allInnerTexts();
        return String(shown.map((name) => name.trim())) === String(names);
      });
    await shows(newest.slice(0, 25));
    await page.getByText("30 users").waitFor();
    await says(page, "1–25 of 30");
    await window.look("trash-many");
    await button(page, "Next").click();
    await shows(newest.slice(25));
    await says(page, "26–30 of 30");
    await page.goBack();
    await shows(newest.slice(0, 25));
    await field(page, "Sort by").selectOption("Removed first");
    await shows(newest.toReversed().slice(0, 25));
    await field(page, "Sort by").selectOption("By email, A to Z");
    await shows(names.slice(0, 25));
    await field(page, "Sort by").selectOption("By email, Z to A");
    await shows(names.toReversed().slice(0, 25));

    // What is brought back makes room for the next one.
    await field(page, "Sort by").selectOption("Last removed first");
    await shows(newest.slice(0, 25));
    await button(page, `Restore ${newest[0]}`).click();
    await shows(newest.slice(1, 26));
    await service.call("user/remove", token, { id: users[10].id });
  }
});

scene("more than the service sorts are shown all the same, and it is said in which order", async ({ service, open }) => {
  const token = await service.root(ADA);
  const { id } = await service.user(token, { email: "bob@example.com", first: "Bob" });
  await service.call("user/remove", token, { id });
  const window = await open();
  const { page } = window;
  window.foresee("trash/list", 422);
  const body = JSON.stringify({ status: 422, code: "too_many_users", detail: "There are too many users." });
  await page.route(/trash\/list\?.*order=-updated/, (route) =>
    route.fulfill({ status: 422, contentType: "application/problem+json", body }),
  );
  await signIn(page, service, ADA, "trash", "Trash");
  await says(page, "There are too many removed users to sort.");
  assert.match(await rows(page, "Removed users").innerText(), /Bob/);
  await window.look("trash-unsorted");
});
