// People in several accounts: switching, joining, saying no, leaving; and the operator inside all of them.

import assert from "node:assert/strict";
import { ADA, button, entries, field, fill, heading, region, rows, says, signIn, signOut, visit } from "./support/console.js";
import { ISSUER, TRUSTED, jwt } from "./support/issuer.js";
import { SIZES, scene } from "./support/scene.js";
import { eventually } from "./support/service.js";

const BOB = { email: "bob@example.com", password: "seven green teapots", first: "Bob", last: "Babbage" };
const HOME = "Analytical Engines";

/** A further account, which expects a person; its id. */
async function expecting(service, root, name, { email, role = "admin" }) {
  const { id } = await service.call("account/create", root, { name });
  await service.user(root, { accountId: id, email, role, sendInvite: true });
  return id;
}

/** Somebody who was invited and has chosen a password; the record. */
async function member(service, root, { email, password, first, last }, fields = {}) {
  await service.user(root, { email, sendInvite: true, ...fields });
  // The code that was emailed proves the address.
  const invite = (await service.link(email, "invite")).split("=")[1];
  const { user } = await service.call("identity/create", "", { invite, password, first, last });
  return user;
}

const menu = (page) => page.getByRole("banner").locator(".account-menu > button");
const isIn = (page, name) => eventually(name, async () => (await menu(page).innerText()).includes(name));

/** Goes to another account by the menu above every page. */
async function switchTo(page, name) {
  await menu(page).click();
  await page.getByRole("list", { name: "Your accounts" }).getByRole("button", { name }).click();
  await isIn(page, name);
}

for (const size of Object.keys(SIZES)) {
  scene(`somebody joins a second account and goes to and fro, ${size}`, "--registration=invite", async (stage) => {
    const { service, open } = stage;
    const root = await service.root(ADA);
    await member(service, root, BOB);
    await expecting(service, root, "Mills", BOB);
    const window = await open({ size });
    const { page } = window;
    await signIn(page, service, BOB);
    await isIn(page, HOME);
    await menu(page).click();
    await page.getByText("1 invitation").waitFor();
    await window.look("account-menu");
    await page.getByRole("link", { name: /Manage your accounts/ }).click();
    await heading(page, "Your accounts").waitFor();
    const invitation = region(page, "Invitations for you");
    await invitation.getByText("Ada Lovelace").waitFor();
    assert.match(await invitation.innerText(), /Mills.*invites you to join as an admin/s);
    await window.look("accounts");

    // Where people come by invitation only, that is said in plain words.
    await region(page, "Create a new account").getByText(/by invitation only/).waitFor();
    assert.equal(await button(page, "Create account").count(), 0);

    await button(page, "Join Mills").click();
    await heading(page, "Overview").waitFor();
    await page.getByText("You have joined Mills.").waitFor();
    await isIn(page, "Mills");
    await menu(page).click();
    await page.getByText("you are here").waitFor();
    await window.look("account-menu-two");
    await page.keyboard.press("Escape");
    await page.getByText("you are here").waitFor({ state: "detached" });

    // Each tab stays in its account, and a new one begins where one was last.
    const other = await window.tab();
    await other.goto(service.console);
    await isIn(other, "Mills");
    await switchTo(other, HOME);
    await heading(other, "Users").waitFor();
    assert.ok(!(await entries(other)).includes("API keys"), "as a user there");
    await page.reload();
    await heading(page, "Overview").waitFor();
    await isIn(page, "Mills");
    // Who signs in again is where one was last, too.
    await switchTo(page, HOME);
    await switchTo(page, "Mills");
    await signOut(page);
    await signIn(page, service, BOB, "", "Overview");
    await isIn(page, "Mills");
  });
}

scene("who is in no account chooses one, and says no to another", async ({ service, open }) => {
  const root = await service.root(ADA);
  await service.call("identity/create", "", { email: BOB.email, password: BOB.password });
  const code = (await service.link(BOB.email, "verify")).split("=")[1];
  await service.call("identity/verify", "", { code, password: BOB.password });
  for (const name of ["Mills", "Looms"]) await expecting(service, root, name, BOB);
  const window = await open({ size: "phone" });
  const { page } = window;
  window.tolerate("user/login", 403);
  await signIn(page, service, BOB, "", "Choose an account");
  await says(page, "you are not in any account yet");
  await button(page, "Join Mills").waitFor();
  await window.look("choose");
  await button(page, "Decline Looms").click();
  const dialog = page.getByRole("dialog", { name: "Decline the invitation to Looms" });
  await dialog.getByText("its link stops working").waitFor();
  await window.look("decline");
  await button(dialog, "Decline invitation").click();
  await button(page, "Decline Looms").waitFor({ state: "detached" });
  const looms = await service.call("user/find", root, { email: BOB.email, everywhere: true });
  assert.deepEqual(looms.data.map(({ invite }) => Boolean(invite)).sort(), [false, true]);
  await button(page, "Join Mills").click();
  await heading(page, "Overview").waitFor();
  await isIn(page, "Mills");
});

scene("a link alone joins nothing, and who is signed in joins with a click", async ({ service, open }) => {
  const root = await service.root(ADA);
  await member(service, root, BOB);
  const { id } = await service.call("account/create", root, { name: "Mills" });
  const { invite } = await service.user(root, { accountId: id, email: BOB.email, sendInvite: true });
  const window = await open();
  const { page } = window;
  await signIn(page, service, BOB);
  await page.goto(`${service.console}#/accounts`);
  await heading(page, "Your accounts").waitFor();
  await fill(page, { "Link or code": `${service.console}#invite=${invite}` });
  await button(page, "Open invitation").click();
  await heading(page, "Join Mills").waitFor();
  await says(page, `You are signed in as ${BOB.email}.`);
  await window.look("accept-signed-in");
  const joined = async () => (await service.call("user/find", root, { accountId: id })).data[0].state;
  assert.equal(await joined(), "invited");
  await button(page, "Join Mills").click();
  await heading(page, "Users").waitFor();
  await isIn(page, "Mills");
  assert.equal(await joined(), "active");
});

scene("one leaves accounts, but not as the last admin", async ({ service, open }) => {
  const root = await service.root(ADA);
  await member(service, root, BOB);
  const id = await expecting(service, root, "Mills", BOB);
  for (const size of Object.keys(SIZES)) {
    const window = await open({ size });
    const { page } = window;
    if (size === "phone") {
      // Left once before, so it takes an invitation to come back.
      await service.user(root, { email: BOB.email, sendInvite: true });
    }
    await signIn(page, service, BOB, "accounts", "Your accounts");
    await button(page, size === "phone" ? `Join ${HOME}` : "Join Mills").click();
    await page.getByText(/You have joined/).waitFor();
    await visit(page, service, "accounts", "Your accounts");
    await button(page, "Leave Mills").click();
    const dialog = page.getByRole("dialog");
    window.foresee("user/leave", 409);
    await button(dialog, "Leave account").click();
    await dialog.getByRole("alert").getByText(/without an active admin/).waitFor();
    await window.look("leave-refused");
    await button(dialog, "Cancel").click();
    await button(page, `Leave ${HOME}`).click();
    await dialog.getByText(/You lose access to Analytical Engines immediately/).waitFor();
    await window.look("leave");
    await button(dialog, "Leave account").click();
    await page.getByText(`You have left ${HOME}.`).waitFor();
    await button(page, `Leave ${HOME}`).waitFor({ state: "detached" });
    await isIn(page, "Mills");
  }
  // The last one, with somebody else to look after it: then one is in none.
  await service.user(root, { accountId: id, email: "eve@example.com", password: undefined, role: "admin", sendInvite: true });
  const invite = (await service.link("eve@example.com", "invite")).split("=")[1];
  await service.call("identity/create", "", { invite, password: "nine brass gears" });
  const window = await open({ size: "phone" });
  const { page } = window;
  await signIn(page, service, BOB, "accounts", "Your accounts");
  await button(page, "Leave Mills").click();
  await button(page.getByRole("dialog"), "Leave account").click();
  await heading(page, "Choose an account").waitFor();
  const hint = page.getByText(`To join one, ask its admin to invite ${BOB.email}, then check again.`);
  await hint.waitFor();
  await window.look("left-all");
  // Which it is, once somebody has invited him.
  await expecting(service, root, "Looms", BOB);
  await button(page, "Check again").click();
  await button(page, "Join Looms").waitFor();
  await hint.waitFor({ state: "detached" });
});

scene("who is suspended in one account goes on in another", async ({ service, open }) => {
  const root = await service.root(ADA);
  const { id } = await member(service, root, BOB);
  const mills = await expecting(service, root, "Mills", BOB);
  const { accessToken } = await service.signIn(BOB);
  await service.call("user/login", accessToken, { accountId: mills });
  const window = await open({ size: "phone" });
  const { page } = window;
  await signIn(page, service, BOB, "me", "Bob Babbage");
  if (!(await menu(page).innerText()).includes(HOME)) await switchTo(page, HOME);
  await service.call("user/update", root, { id, state: "suspended" });
  for (const call of ["user/get", "user/find", "account/get", "session/token"]) window.tolerate(call, 403);
  await page.reload();
  await heading(page, "You are signed in, but cannot continue").waitFor();
  await page.getByText("If you have others, you can still use them.").waitFor();
  await window.look("shut-out-of-one");
  await page.getByRole("link", { name: "Choose another account" }).click();
  await heading(page, "Choose an account").waitFor();
  await says(page, "Suspended");
  assert.equal(await button(page, `Switch to account ${HOME}`).count(), 0);
  const [first] = await page.getByRole("heading").allInnerTexts();
  assert.equal(first, "Choose an account");
  await window.look("choose-another");
  await button(page, "Switch to account Mills").click();
  await heading(page, "Overview").waitFor();
  await isIn(page, "Mills");
});

scene("the operator looks into another account", async ({ service, open }) => {
  const root = await service.root(ADA);
  await member(service, root, BOB);
  for (const size of Object.keys(SIZES)) {
    const name = `Mills ${size}`;
    const id = await expecting(service, root, name, BOB);
    const { accessToken } = await service.signIn(BOB);
    const { user } = await service.call("user/login", accessToken, { accountId: id });
    const window = await open({ size });
    const { page } = window;
    await signIn(page, service, ADA, "all-accounts", "All accounts");
    await page.getByRole("link", { name: `Show users of ${name}` }).click();
    await heading(page, "Users").waitFor();
    await eventually("the users", async () => (await rows(page, "Users").count()) === 1);
    await says(page, BOB.email);
    await window.look("inside-users");
    const tabs = page.getByRole("navigation", { name: "Pages of this account" });

    await page.getByRole("link", { name: "Invite people", exact: true }).click();
    await heading(page, "Invite people").waitFor();
    const offered = await field(page, "Role").locator("option").allInnerTexts();
    assert.deepEqual(offered.map((role) => role.split(" ")[0]), ["User", "Admin"]);
    await fill(page, { "Email addresses": "dora@example.com" });
    await button(page, "Send invite").click();
    await says(page, "1 of 1 invited");
    await tabs.getByRole("link", { name: "API keys" }).click();
    await says(page, "No API keys");
    await button(page, "Create key").click();
    const asked = page.getByRole("dialog", { name: "Create an API key" });
    await fill(asked, { Name: "Sync" });
    await button(asked, "Create key").click();
    await button(page, "I’ve saved it").click();
    await window.look("inside-keys");
    assert.equal((await service.call("key/find", root, { accountId: id })).data.length, 1);
    assert.equal((await service.call("key/find", root, {})).data.length, 0);
    await tabs.getByRole("link", { name: "Audit log" }).click();
    await says(page, "the API key “Sync”");
    await window.look("inside-audit");

    // A person who looks after the own sign-in: nothing is offered that would be refused.
    await tabs.getByRole("link", { name: "Users" }).click();
    await rows(page, "Users").getByRole("link", { name: "bob" }).first().click();
    await says(page, /You are looking at the account/);
    if (size === "desktop") {
      const current = page.getByRole("navigation", { name: "Main" }).locator("[aria-current]");
      assert.deepEqual(await current.allInnerTexts(), ["All accounts"], "he is a user of another account");
    }
    await page.getByRole("link", { name: "Access" }).click();
    await region(page, "Password").getByText(/manage their own passwords/).waitFor();
    assert.equal(await field(page, "New password").count(), 0);
    await window.look("inside-access");
    await page.getByRole("link", { name: "Sessions" }).click();
    // What his sessions do elsewhere is not shown.
    await says(page, "No active sessions");
    await window.look("sessions-none");
    await page.getByRole("link", { name: "History" }).click();
    await page.getByRole("region", { name: "History" }).waitFor();

    await page.getByRole("link", { name: "Show all accounts with this email" }).click();
    const found = rows(page, "Accounts of this person");
    await found.getByText(name).waitFor();
    await found.getByText(HOME).waitFor();
    await window.look("person");
    await found.getByRole("link", { name, exact: true }).click();
    await heading(page, name).waitFor();

    const managed = region(page, "Managed sign-ins");
    await managed.getByText(/^Off:/).waitFor();
    await button(managed, "Manage sign-ins").click();
    await window.look("manage");
    await button(page.getByRole("dialog"), "Manage sign-ins").click();
    await managed.getByText(/^On:/).waitFor();
    assert.ok((await service.call("account/get", root, { accountId: id })).managed);
    await window.look("account-managed");
    // Whose sign-in was there before is still the person's.
    window.foresee("user/changePassword", 403);
    await page.goto(`${service.console}#/users/${user.id}/access`);
    await fill(page, { "New password": "tides turn twice" });
    await button(page, "Set password").click();
    await page.getByRole("alert").getByText(/manages their own sign-in/).waitFor();
    await window.look("own-sign-in");

    await service.call("user/remove", root, { id: user.id, accountId: id }).catch(() => {});
    // The password that was typed is lost.
    page.once("dialog", (dialog) => dialog.accept());
    await page.getByRole("navigation", { name: "Pages of this account" }).getByRole("link", { name: "Trash" }).click();
    await heading(page, "Trash").waitFor();
    await page.getByRole("link", { name: "Back to your own account" }).click();
    await heading(page, HOME).waitFor();
  }
});

scene("a user comes back whose email and user name somebody else has", async ({ service, open }) => {
  const root = await service.root(ADA);
  for (const size of Object.keys(SIZES)) {
    const taken = { email: `bob-${size}@example.com`, username: `bob-${size}` };
    const { id } = await service.user(root, { ...taken, first: "Bob", last: "Babbage", externalId: `B-${size}` });
    await service.call("user/remove", root, { id });
    await service.user(root, { ...taken, first: "Bo" });
    const window = await open({ size });
    const { page } = window;
    await signIn(page, service, ADA, "trash", "Trash");
    window.foresee("trash/restore", 409);
    await button(page, "Restore Bob Babbage").click();
    const dialog = page.getByRole("dialog", { name: "Restore Bob Babbage with other values" });
    await dialog.getByText(`the email ${taken.email} and the username ${taken.username}`).waitFor();
    assert.equal(await field(dialog, "External ID").count(), 0);
    await window.look("restore-with");
    // Another one that is taken is told beside its field.
    window.foresee("trash/restore", 409);
    await fill(dialog, { "Email": ADA.email });
    await button(dialog, "Restore user").click();
    await dialog.locator("[aria-invalid=true]").waitFor();
    await window.look("restore-with-refused");
    await fill(dialog, { "Email": `robert-${size}@example.com` });
    await button(dialog, "Restore user").click();
    await page.getByText(/Bob Babbage has been restored/).waitFor();
    await says(page, "The trash is empty");
    const user = await service.call("user/get", root, { id });
    assert.deepEqual([user.email, user.username, user.externalId], [`robert-${size}@example.com`, undefined, `B-${size}`]);
  }
});

scene(
  "an identity of another service is disconnected",
  "--registration=invite",
  TRUSTED,
  async ({ service, open }) => {
    const root = await service.root(ADA);
    const { id } = await service.user(root, { email: BOB.email, first: "Bob" });
    await service.call("user/login", jwt({ email: BOB.email, email_verified: true }), {});
    const window = await open({ size: "phone" });
    const { page } = window;
    await signIn(page, service, ADA, `users/${id}/access`, "Bob");
    await region(page, "Identity").getByText(ISSUER).waitFor();
    await window.look("identity");
    await button(page, "Disconnect identity").click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(/loses access to this account immediately/).waitFor();
    await window.look("disconnect");
    await button(dialog, "Disconnect identity").click();
    await page.getByText(/has been disconnected/).waitFor();
    await page.getByRole("main").getByText("Added", { exact: true }).waitFor();
    const again = await service.ask("user/get", jwt({ email: BOB.email, email_verified: true }), {});
    assert.equal(again.status, 403);
  },
);
