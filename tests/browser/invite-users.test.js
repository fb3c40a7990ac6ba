// Inviting many: it goes on meanwhile; what stops it.

import assert from "node:assert/strict";
import { ADA, button, fill, heading, rows, says, signIn, signOut } from "./support/console.js";
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

scene("inviting goes on while one looks at other pages, and leads back", async ({ service, open }) => {
  const root = await service.root(ADA);
  const window = await open({ size: "phone" });
  const { page } = window;
  await signIn(page, service, ADA, "invite-users", "Invite people");
  // The second one stays on its way until another page is shown.
  let waiting;
  const asked = await onInvite(page, (route, count) => {
    if (count === 2) waiting = route;
    else return route.continue();
  });
  await invite(page);
  await eventually("the second", () => waiting);
  await page.getByRole("link", { name: "All users" }).click();
  await heading(page, "Users").waitFor();
  const chip = page.getByRole("list", { name: "Work in progress" }).getByRole("link");
  await chip.getByText("Sending invites: 1 of 3").waitFor();
  await window.look("invite-goes-on");

  // The window is not closed without asking.
  const asking = page.waitForEvent("dialog");
  const reloaded = page.reload().catch(() => {});
  const dialog = await asking;
  assert.equal(dialog.type(), "beforeunload");
  await dialog.dismiss();
  await reloaded;
  // Nor does one sign out so.
  await signOut(page);
  await page.getByRole("dialog", { name: "Sign out and stop the work?" }).getByRole("button", { name: "Cancel" }).click();

  await waiting.continue();
  await chip.getByText("Sending invites: done").waitFor();
  const { data } = await service.call("user/find", root, {});
  assert.deepEqual(data.map(({ email }) => email).sort(), [ADA.email, ...ADDRESSES].sort());
  await chip.click();
  await heading(page, "Invite people").waitFor();
  await says(page, "3 of 3 invited.");
  assert.equal(await rows(page, "Invitations").count(), 3);
  await button(page, "Clear results").click();
  await chip.waitFor({ state: "detached" });
  assert.equal(await rows(page, "Invitations").count(), 0);
  assert.deepEqual(asked, ADDRESSES);
});

scene("who signs out stops it, and nobody else sees what was begun", async ({ service, open }) => {
  const root = await service.root(ADA);
  await service.user(root, { email: "eve@example.com", password: "seven green teapots", role: "admin" });
  const window = await open();
  const { page } = window;
  await signIn(page, service, ADA, "invite-users", "Invite people");
  let waiting;
  const asked = await onInvite(page, (route, count) => {
    if (count === 2) waiting = route;
    else return route.continue();
  });
  await invite(page);
  await eventually("the second", () => waiting);
  await signOut(page);
  await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
  await heading(page, "Sign in").waitFor();
  window.tolerate("user/create", 401);
  await waiting.continue();
  await fill(page, { Email: "eve@example.com", Password: "seven green teapots" });
  await button(page, "Sign in").click();
  await heading(page, "Overview").waitFor();
  assert.equal(await page.getByRole("list", { name: "Work in progress" }).count(), 0);
  await page.evaluate(() => (location.hash = "#/invite-users"));
  await heading(page, "Invite people").waitFor();
  assert.equal(await page.getByLabel("Email addresses").inputValue(), "");
  assert.deepEqual(asked, ADDRESSES.slice(0, 2));
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
