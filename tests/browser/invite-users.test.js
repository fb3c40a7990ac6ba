// Inviting many: it goes on meanwhile; what stops it.

import assert from "node:assert/strict";
import { ADA, button, fill, heading, rows, says, signIn, signOut, stays } from "./support/console.js";
import { SIZES, scene } from "./support/scene.js";
import { eventually } from "./support/service.js";

const ADDRESSES = ["bob@example.com", "o'neil@example.com", "dora@example.com"];
/** More than go into the first request, which has ten. */
const MANY = Array.from({ length: 150 }, (_, number) => `user-${String(number).padStart(3, "0")}@example.com`);

/** Notes who is invited by each request, and has each answered so. */
async function onBatch(page, answer) {
  const asked = [];
  await page.route("**/batch/run", (route) => {
    asked.push(route.request().postDataJSON().calls.map(({ body }) => body.email));
    return answer(route, asked.length);
  });
  return asked;
}

async function invite(page, addresses = ADDRESSES) {
  await fill(page, { "Email addresses": addresses.join("\n") });
  await button(page, `Send ${addresses.length} invites`).click();
}

scene("inviting goes on while one looks at other pages, and leads back", async ({ service, open }) => {
  const root = await service.root(ADA);
  const window = await open({ size: "phone" });
  const { page } = window;
  await signIn(page, service, ADA, "invite-users", "Invite people");
  // The second request stays on its way until another page is shown.
  let waiting;
  const asked = await onBatch(page, (route, count) => {
    if (count === 2) waiting = route;
    else return route.continue();
  });
  await invite(page, MANY);
  await eventually("the second", () => waiting);
  await page.getByRole("link", { name: "Show all users" }).click();
  await heading(page, "Users").waitFor();
  const chip = page.getByRole("list", { name: "Work in progress" }).getByRole("link");
  await chip.getByText("Sending invites: 10 of 150").waitFor();
  await window.look("invite-goes-on");

  // The window is not closed without asking.
  await stays(page);
  // Nor does one sign out so.
  await signOut(page);
  await page.getByRole("dialog", { name: "Sign out and stop work in progress?" }).getByRole("button", { name: "Cancel" }).click();

  await waiting.continue();
  await chip.getByText("Sending invites: done").waitFor();
  // Nobody has to look there to learn of it.
  await page.getByRole("status").getByText("Sending invites: done", { exact: true }).waitFor();
  assert.equal((await service.ask("user/find?total=true", root, {})).reply.total, 151);
  await chip.click();
  await heading(page, "Invite people").waitFor();
  await says(page, "150 of 150 invited.");
  assert.equal(await rows(page, "Invitations").count(), 150);
  await button(page, "Clear results").click();
  await chip.waitFor({ state: "detached" });
  assert.equal(await rows(page, "Invitations").count(), 0);
  assert.deepEqual(asked[0], MANY.slice(0, 10));
  assert.deepEqual(asked.flat(), MANY);
});

scene("who signs out stops it, and nobody else sees what was begun", async ({ service, open }) => {
  const root = await service.root(ADA);
  await service.user(root, { email: "eve@example.com", password: "seven green teapots", role: "admin" });
  const window = await open();
  const { page } = window;
  await signIn(page, service, ADA, "invite-users", "Invite people");
  let waiting;
  const asked = await onBatch(page, (route, count) => {
    if (count === 1) waiting = route;
    else return route.continue();
  });
  await invite(page, MANY);
  await eventually("the first", () => waiting);
  await signOut(page);
  await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
  await heading(page, "Sign in").waitFor();
  window.tolerate("batch/run", 401);
  await waiting.continue();
  await fill(page, { Email: "eve@example.com", Password: "seven green teapots" });
  await button(page, "Sign in").click();
  await heading(page, "Overview").waitFor();
  assert.equal(await page.getByRole("list", { name: "Work in progress" }).count(), 0);
  await page.evaluate(() => (location.hash = "#/invite-users"));
  await heading(page, "Invite people").waitFor();
  assert.equal(await page.getByLabel("Email addresses").inputValue(), "");
  assert.deepEqual(asked, [MANY.slice(0, 10)]);
});

scene("what would be refused to all is asked once", async ({ service, open }) => {
  await service.root(ADA);
  const window = await open();
  const { page } = window;
  await signIn(page, service, ADA, "invite-users", "Invite people");
  window.foresee("batch/run", 500);
  const asked = await onBatch(page, (route) => route.fulfill({ status: 500, json: {} }));
  await invite(page, MANY);
  await says(page, "0 of 150 invited, 10 failed.");
  await page.getByRole("heading", { name: "Stopped", exact: true }).waitFor();
  await page.getByRole("banner").getByText("Sending invites: stopped").waitFor();
  assert.equal(await rows(page, "Invitations").filter({ hasText: "Not sent yet" }).count(), 140);
  assert.equal(asked.length, 1);
  await button(page, "Send 150 invites").waitFor();
});

scene("who is there already is named, and keeps their role unless one says otherwise", async ({ service, open }) => {
  const root = await service.root(ADA);
  for (const size of Object.keys(SIZES)) {
    const person = (name, more) => service.user(root, { email: `${name}-${size}@example.com`, ...more });
    const boss = await person("boss", { role: "admin" });
    const chief = await person("chief", { role: "admin", sendInvite: true });
    const plain = await person("plain", {});
    const eve = await person("eve", { role: "admin", password: "seven green teapots" });
    const roles = async () => {
      const all = [boss, chief, plain, eve].map(({ id }) => service.call("user/get", root, { id }));
      return (await Promise.all(all)).map(({ role, state, inviteSent }) => `${role} ${state} ${Boolean(inviteSent)}`);
    };
    const window = await open({ size });
    const { page } = window;
    await signIn(page, service, ADA, "invite-users", "Invite people");
    const addresses = ["boss", "chief", "plain", "eve", "new"].map((name) => `${name}-${size}@example.com`);
    await invite(page, addresses);
    await says(page, "2 of 5 invited, 3 failed.");
    const line = async (name, text) => assert.match(await rows(page, "Invitations").filter({ hasText: `${name}-` }).innerText(), text);
    await line("boss", /Already here: admin, added and never invited\. Nothing was changed\./);
    await line("chief", /Already here: admin, invited, not joined yet\. Nothing was changed\./);
    await line("plain", /Already here, invited again as a user/);
    await line("eve", /Already here: admin, active\. Nothing was changed\./);
    await line("new", /Invited as a user/);
    assert.deepEqual(await roles(), ["admin invited false", "admin invited true", "user invited true", "admin active false"]);
    await window.look("invite-existing");
    await button(page, "Invite 2 with their current roles").click();
    await says(page, "4 of 5 invited, 1 failed.");
    await line("boss", /Already here, invited again as an admin/);
    await line("eve", /Already here: admin, active/);
    assert.deepEqual(await roles(), ["admin invited true", "admin invited true", "user invited true", "admin active false"]);
    assert.equal(await button(page, "Invite 1 with their current role").count(), 0);
    await page.getByRole("link", { name: "Show user" }).click();
    await heading(page, `eve-${size}@example.com`).waitFor();
  }
});
