// Accounts: one's own, changed by two at once; all of them, for the operator; and what lesser roles are offered.

import assert from "node:assert/strict";
import {
  ADA,
  button,
  entries,
  faultOf,
  field,
  fill,
  heading,
  navigation,
  region,
  rows,
  says,
  signIn,
  visit,
} from "./support/console.js";
import { SIZES, scene } from "./support/scene.js";
import { eventually } from "./support/service.js";

const BOB = { email: "bob@example.com", password: "seven green teapots", first: "Bob" };
const EVE = { email: "eve@example.com", password: "nine brass gears", first: "Eve" };

scene("an account's name and settings, changed by two at once", async ({ service, open }) => {
  const token = await service.root(ADA);
  const account = () => service.call("account/get", token, {});
  for (const size of Object.keys(SIZES)) {
    await service.call("account/update", token, { name: "Engines", settings: { plan: null, seats: 5 } });
    const window = await open({ size });
    const { page } = window;
    await signIn(page, service, ADA, "account", "Engines");
    await window.look("account");

    window.foresee("account/update", 422);
    await fill(page, { "Account name": "https://engines.example" });
    await button(page, "Save name").click();
    await page.locator("[aria-invalid=true]").waitFor();
    assert.match(await faultOf(field(page, "Account name")), /name/i);
    await fill(page, { "Account name": "Difference Engines" });
    await button(page, "Save name").click();
    await heading(page, "Difference Engines").waitFor();
    // It stands above every page, too.
    await page.getByRole("banner").getByText("Difference Engines").waitFor();

    await fill(page, { "Settings as JSON": '{ "plan": "large", ' });
    await button(page, "Save settings").click();
    await page.locator("[aria-invalid=true]").waitFor();
    assert.match(await faultOf(field(page, "Settings as JSON")), /^Line 1, column 19: .* missing/);
    await window.look("account-refused");
    // What is taken out of the text is taken out of the settings.
    await fill(page, { "Settings as JSON": '{ "plan": "large" }' });
    await button(page, "Save settings").click();
    await eventually("the settings", async () => (await account()).settings.plan);
    assert.deepEqual((await account()).settings, { plan: "large" });

    await service.call("account/update", token, { name: "Theirs" });
    window.foresee("account/update", 409);
    await fill(page, { "Account name": "Mine" });
    await button(page, "Save name").click();
    const both = await region(page.getByRole("dialog"), "Name").innerText();
    assert.match(both, /Mine.*Theirs/s);
    await window.look("account-conflict");
    await button(page, "Keep theirs").click();
    await heading(page, "Theirs").waitFor();
    assert.equal((await account()).name, "Theirs");
  }
});

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const shapes = (inner) => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 4">${inner}</svg>`;
const CIRCLE = shapes('<circle cx="4" cy="2" r="2" fill="#07c"/>');

scene("an account's logo is chosen, shown to who is invited, and removed", async ({ service, open }) => {
  const root = await service.root(ADA);
  for (const size of Object.keys(SIZES)) {
    const window = await open({ size });
    const { page } = window;
    await signIn(page, service, ADA, "account", "Analytical Engines");
    const logo = region(page, "Logo");
    const choose = (name, buffer) =>
      logo.locator("input[type=file]").setInputFiles({ name, mimeType: "", buffer: Buffer.from(buffer) });
    await logo.getByText("No logo yet.").waitFor();

    await choose("large.png", Buffer.alloc(33 * 1024));
    await logo.getByText("large.png is larger than 32 KiB.").waitFor();
    window.foresee("account/update", 422);
    await choose("script.svg", shapes("<script>alert(1)</script>"));
    await logo.getByText(/must not have the element script \(line 1\)/).waitFor();
    await window.look("account-logo-refused");

    const isShown = (within) =>
      eventually("the picture", () => within.locator("img.logo").evaluate((img) => img.complete && img.naturalWidth > 0));
    await choose("logo.png", PNG);
    await page.getByText("Logo saved.").last().waitFor();
    await isShown(logo);
    const first = await logo.locator("img.logo").getAttribute("src");
    await choose("logo.svg", CIRCLE);
    await eventually("the other picture", async () => (await logo.locator("img.logo").getAttribute("src")) !== first);
    await isShown(logo);
    await window.look("account-logo");

    const { invite } = await service.user(root, { email: `bob-${size}@example.com`, sendInvite: true });
    const guest = await open({ size });
    await guest.page.goto(`${service.console}#invite=${invite}`);
    await heading(guest.page, "Join Analytical Engines").waitFor();
    await isShown(guest.page);
    await guest.look("invite-with-logo");

    await button(logo, "Remove logo").click();
    await button(page.getByRole("dialog"), "Remove logo").click();
    await logo.getByText("No logo yet.").waitFor();
  }
});

scene("the operator closes another account, and opens it again", async ({ service, open }) => {
  const root = await service.root(ADA);
  const { id } = await service.call("account/create", root, { name: "Mills", managed: true });
  await service.user(root, { ...BOB, role: "admin", accountId: id });
  for (const size of Object.keys(SIZES)) {
    const { accessToken } = await service.signIn(BOB);
    const bobs = async () => (await service.ask("user/find", accessToken, {})).status;
    const window = await open({ size });
    const { page } = window;
    await signIn(page, service, ADA, "account", "Analytical Engines");
    await region(page, "Details").waitFor();
    assert.equal(await button(page, "Suspend account").count(), 0, "the own account stays open");
    await (await navigation(page)).getByRole("link", { name: "All accounts" }).click();
    await heading(page, "All accounts").waitFor();
    const all = rows(page, "All accounts");
    await all.getByText("Mills", { exact: true }).waitFor();
    assert.equal(await all.count(), 2);
    await window.look("all-accounts");
    await page.getByRole("link", { name: "Mills", exact: true }).click();
    await heading(page, "Mills").waitFor();
    await window.look("account-other");
    await button(page, "Suspend account").click();
    await page.getByRole("dialog", { name: "Suspend Mills" }).waitFor();
    await window.look("account-suspend");
    assert.equal(await bobs(), 200);
    await button(page.getByRole("dialog"), "Suspend account").click();
    await page.getByText("Mills is suspended.").waitFor();
    // It is a click away from anywhere, also where the accounts are that one is in.
    await page.getByRole("button", { name: /^Account: / }).click();
    await page.getByRole("link", { name: "All accounts" }).last().click();
    await all.filter({ hasText: "Mills" }).getByText("Suspended").waitFor();
    assert.equal(await bobs(), 403);
    await page.goBack();
    await button(page, "Reactivate").click();
    await page.getByText("Mills is active again.").waitFor();
    assert.equal(await bobs(), 401, "he has to sign in again");
    await page.getByRole("link", { name: "Back to your own account" }).click();
    await heading(page, "Analytical Engines").waitFor();
  }
});

scene("each role is offered what it may do", async ({ service, open }) => {
  const root = await service.root(ADA);
  const { id } = await service.call("account/create", root, { name: "Mills" });
  await service.user(root, { ...BOB, role: "admin" });
  const eve = await service.user(root, { ...EVE, role: "user" });
  const CLOSED = ["trash", "keys", "audit", "transfer", "mail", "invite-users", `account/${id}`, `users/${eve.id}`];
  const PEOPLE = ["Overview", "Users", "Invitations", "Trash", "Import and export"];
  const OWN = ["Your profile", "Your accounts"];
  const OFFERED = [
    [ADA, [...PEOPLE, "Account", "All accounts", "API keys", "Audit log", "Mail", ...OWN], []],
    [BOB, [...PEOPLE, "Account", "API keys", "Audit log", ...OWN], ["mail", "all-accounts", `account/${id}`]],
    [EVE, ["Users", "Account", ...OWN], CLOSED],
  ];
  for (const [person, offered, closed] of OFFERED) {
    const window = await open({ size: person === EVE ? "phone" : "desktop" });
    const { page } = window;
    await signIn(page, service, person, "account", "Analytical Engines");
    await region(page, "Details").waitFor();
    await window.look(`account-of-${person.first.toLowerCase()}`);
    assert.equal(await region(page, "Name").count(), person === EVE ? 0 : 1);
    assert.equal(await region(page, "Settings").count(), person === EVE ? 0 : 1);
    assert.equal(await page.getByRole("table").count(), 0);
    assert.deepEqual(await entries(page), offered);
    for (const place of closed) {
      await visit(page, service, place, "You don’t have access to this page");
      await says(page, person === EVE ? /you cannot open this page\. If you need it, ask someone/ : "This page is for the operator of this installation.");
      await page.getByRole("link", { name: "Go to the home page" }).waitFor();
    }
    await visit(page, service, "nowhere", "Page not found");
    await says(page, /mistyped or out of date.*with “Find anything” \(Ctrl K\)/);
    await window.look("no-such-page");
    await page.getByRole("link", { name: "Go to the home page" }).click();
    await heading(page, person === EVE ? "Users" : "Overview").waitFor();
  }
});
