// Inviting many: what stops it.

import assert from "node:assert/strict";
import { ADA, button, fill, heading, rows, says, signIn } from "./support/console.js";
import { scene } from "./support/scene.js";
import { eventually } from "./support/service.js";

const ADDRESSES = ["bob@example.com", "o'neil@example.com", "dora@example.com"];

/** Notes whose invitations are asked for, and has each answered so. */
async function onInvite(page, answer) {
  const asked = [];
  await page.route("**/user/create", (route) => {
    asked.push(route.request().postDataJSON().email);
    return answer(route, asked.length);
  });
  return asked;
}

async function invite(page) {
  await fill(page, { "Email addresses": ADDRESSES.join("\n") });
  await button(page, "Send 3 invites").click();
}

scene("whoever leaves the page invites nobody else", async ({ service, open }) => {
  const root = await service.root(ADA);
  const { page } = await open();
  await signIn(page, service, ADA, "invite-users", "Invite people");
  // The second one stays on its way until the page is left.
  let waiting;
  const asked = await onInvite(page, (route, count) => {
    if (count === 2) waiting = route;
    else return route.continue();
  });
  await invite(page);
  await eventually("the second", () => waiting);
  await page.getByRole("link", { name: "All users" }).click();
  await heading(page, "Users").waitFor();
  await Promise.all([page.waitForResponse("**/user/create"), waiting.continue()]);
  // Whatever follows the answer has begun when the page has been asked something twice.
  for (let round = 0; round < 2; round++) await page.evaluate(() => fetch(".").then(() => {}));
  assert.deepEqual(asked, ADDRESSES.slice(0, 2));
  const { data } = await service.call("user/find", root, {});
  assert.deepEqual(data.map(({ email }) => email).sort(), [ADA.email, ...asked].sort());
});

scene("what would be refused to all is asked once", async ({ service, open }) => {
  await service.root(ADA);
  const window = await open();
  const { page } = window;
  await signIn(page, service, ADA, "invite-users", "Invite people");
  window.foresee("user/create", 500);
  const asked = await onInvite(page, (route) => route.fulfill({ status: 500, json: {} }));
  await invite(page);
  await says(page, "0 of 3 invited, 1 not.");
  await page.getByRole("heading", { name: "Done" }).waitFor();
  assert.equal(await rows(page, "Invitations").filter({ hasText: "Not sent yet" }).count(), 2);
  assert.deepEqual(asked, ADDRESSES.slice(0, 1));
  await button(page, "Send 3 invites").waitFor();
});
