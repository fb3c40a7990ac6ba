// What was typed and is not saved; where one is, and comes back to.

import assert from "node:assert/strict";
import { ADA, button, field, fill, heading, says, signIn, signOut, stays, visit } from "./support/console.js";
import { scene } from "./support/scene.js";
import { eventually } from "./support/service.js";

const BOB = { email: "bob@example.com", password: "seven green teapots", first: "Bob", last: "Babbage", role: "admin" };
const RESTORED = "Your unsaved changes are still here.";

/** Bob's page, as Ada sees it. */
async function onBob({ service, open }, size = "desktop") {
  const token = await service.root(ADA);
  const { id } = await service.user(token, BOB);
  const window = await open({ size });
  await signIn(window.page, service, ADA, `users/${id}`, "Bob Babbage");
  return { window, page: window.page, token, id };
}

for (const size of ["desktop", "phone"]) {
  scene(`what was typed is there again, until it is saved or discarded, ${size}`, async (stage) => {
    const { service } = stage;
    const { window, page, token, id } = await onBob(stage, size);
    await fill(page, { "First name": "Robert" });
    await page.evaluate(() => (location.hash = "#/users"));
    await heading(page, "Users").waitFor();
    await page.goBack();
    await heading(page, "Bob Babbage").waitFor();
    assert.equal(await field(page, "First name").inputValue(), "Robert");
    await says(page, RESTORED);
    await window.look("unsaved");
    await page.reload();
    await says(page, RESTORED);
    assert.equal(await field(page, "First name").inputValue(), "Robert");
    await button(page, "Discard changes").click();
    assert.equal(await field(page, "First name").inputValue(), "Bob");
    await page.reload();
    await heading(page, "Bob Babbage").waitFor();
    assert.equal(await field(page, "First name").inputValue(), "Bob");
    assert.equal(await page.getByText(RESTORED).count(), 0);

    await fill(page, { "First name": "Rob" });
    await button(page, "Save profile").click();
    await heading(page, "Rob Babbage").waitFor();
    await page.reload();
    await heading(page, "Rob Babbage").waitFor();
    assert.equal(await page.getByText(RESTORED).count(), 0);
    assert.equal((await service.call("user/get", token, { id })).first, "Rob");
  });
}

scene("what somebody else has saved meanwhile is not overwritten", async (stage) => {
  const { service } = stage;
  const { page, token, id } = await onBob(stage);
  await fill(page, { "First name": "Robert", "Last name": "Bee" });
  const { version } = await service.call("user/get", token, { id });
  await service.call("user/update", token, { id, version, first: "Bobby" });
  await page.reload();
  await heading(page, "Bobby Babbage").waitFor();
  assert.equal(await field(page, "First name").inputValue(), "Bobby");
  assert.equal(await field(page, "Last name").inputValue(), "Bee");
});

scene("who signs in again after the session has ended goes on typing; nobody else does", async (stage) => {
  const { service } = stage;
  const { window, page, token, id } = await onBob(stage);
  await fill(page, { "First name": "Robert" });
  const { data } = await service.call("session/find", token, {});
  window.tolerate("user/get", 401);
  for (const call of ["session/refresh", "user/login", "account/get"]) window.tolerate(call, 401);
  for (const { id: session } of data) await service.ask("session/remove", token, { session });
  await page.reload();
  await says(page, "Your session has ended");
  await fill(page, { Email: ADA.email, Password: ADA.password });
  await button(page, "Sign in").click();
  await says(page, RESTORED);
  assert.equal(await field(page, "First name").inputValue(), "Robert");

  // Signing out is the end of it, and the next person begins at the first page.
  await signOut(page);
  await heading(page, "Sign in").waitFor();
  assert.equal(new URL(page.url()).hash, "#/sign-in");
  await fill(page, { Email: BOB.email, Password: BOB.password });
  await button(page, "Sign in").click();
  await heading(page, "Overview").waitFor();
  await visit(page, service, `users/${id}`, "Bob Babbage");
  assert.equal(await field(page, "First name").inputValue(), "Bob");
});

scene("passwords are never kept", async ({ service, open }) => {
  await service.root(ADA);
  const { page } = await open();
  await signIn(page, service, ADA, "me/sign-in", "Ada Lovelace");
  for (const input of await page.locator("input[type=password]").all()) await input.fill("rivers run uphill");
  const kept = await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));
  assert.doesNotMatch(kept, /rivers run/);
});

scene("what was typed into a dialog is there when it is opened again, unless it was cancelled", async ({ service, open }) => {
  await service.root(ADA);
  for (const size of ["desktop", "phone"]) {
    const window = await open({ size });
    const { page } = window;
    await signIn(page, service, ADA, "keys", "API keys");
    const dialog = page.getByRole("dialog", { name: "Create an API key" });
    const name = `Billing ${size}`;
    await button(page, "Create key").click();
    await fill(dialog, { Name: name });
    await field(dialog, "Access").selectOption("Read only");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await page.evaluate(() => (location.hash = "#/users"));
    await heading(page, "Users").waitFor();
    await visit(page, service, "keys", "API keys");
    await button(page, "Create key").click();
    await dialog.getByText(RESTORED).waitFor();
    assert.equal(await field(dialog, "Name").inputValue(), name);
    assert.equal(await field(dialog, "Access").inputValue(), "read");
    await window.look("key-unsaved");
    await button(dialog, "Cancel").click();
    await dialog.waitFor({ state: "detached" });
    await button(page, "Create key").click();
    assert.equal(await field(dialog, "Name").inputValue(), "");
    await fill(dialog, { Name: name });
    await button(dialog, "Create key").click();
    await button(page, "I’ve saved it").click();
    await button(page, "Create key").click();
    assert.equal(await field(dialog, "Name").inputValue(), "", "what was saved is no draft");
    await button(dialog, "Cancel").click();

    // The email of somebody else, and an account that is about to be made.
    await visit(page, service, "all-accounts", "All accounts");
    await button(page, "Create account").click();
    await fill(page.getByRole("dialog"), { Name: "Mills" });
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await button(page, "Create account").click();
    assert.equal(await field(page.getByRole("dialog"), "Name").inputValue(), "Mills");
    await button(page.getByRole("dialog"), "Cancel").click();
  }
});

scene("a text that is too long to be kept is not lost without asking", async ({ service, open }) => {
  await service.root(ADA);
  const { page } = await open();
  await signIn(page, service, ADA, "transfer", "Import and export");
  const text = Array.from({ length: 9000 }, (_, number) => `user-${number}@example.com,First`).join("\n");
  await field(page, "File").setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
  await button(page, "Import 9,000 users").waitFor();
  await page.evaluate(() => (location.hash = "#/users"));
  await heading(page, "Users").waitFor();
  await visit(page, service, "transfer", "Import and export");
  assert.equal(await field(page, "Users").inputValue(), text);
  await stays(page);
  await button(page, "Discard changes").click();
  await page.reload();
  await heading(page, "Import and export").waitFor();
  assert.equal(await field(page, "Users").inputValue(), "");
});

scene("each page has a title of its own, and the way back leads to where one was", async ({ service, open }) => {
  const token = await service.root(ADA);
  for (let number = 10; number < 60; number++) {
    await service.user(token, { email: `user-${number}@example.com`, first: `User ${number}` });
  }
  const { page } = await open();
  await signIn(page, service, ADA);
  await eventually("the title", async () => (await page.title()) === "Users – Analytical Engines");
  await page.getByRole("link", { name: "User 49", exact: true }).waitFor();
  await page.evaluate(() => scrollTo({ top: 600 }));
  await page.getByRole("link", { name: "User 49", exact: true }).click();
  await heading(page, "User 49").waitFor();
  await eventually("the title", async () => (await page.title()) === "User 49 – Users – Analytical Engines");
  assert.equal(await page.evaluate(() => scrollY), 0);
  await page.goBack();
  await heading(page, "Users").waitFor();
  await eventually("the place", () => page.evaluate(() => scrollY === 600));

  await button(page, "Next").click();
  await page.getByRole("link", { name: "User 20", exact: true }).waitFor();
  await page.goBack();
  await page.getByRole("link", { name: "User 59", exact: true }).waitFor();
});

scene("a page that cannot be loaded says why", async ({ service, open }) => {
  await service.root(ADA);
  const window = await open();
  const { page } = window;
  await signIn(page, service, ADA);
  // The service is not there.
  const gone = (route) => route.abort("connectionrefused");
  await page.route("**/service/about", gone);
  await page.route(/console\/pages\/audit/, gone);
  window.faults = [];
  await page.evaluate(() => (location.hash = "#/audit"));
  await page.getByRole("alert").getByText("The service cannot be reached.").waitFor();
  assert.equal(await page.getByText("TypeError").count(), 0);
  // It is there again, and has newer files.
  await page.unroute("**/service/about", gone);
  await button(page, "Try again").click();
  await page.getByRole("alert").getByText("A new version of Guestlist is installed.").waitFor();
  await page.unroute(/console\/pages\/audit/, gone);
  await button(page, "Reload page").click();
  await heading(page, "Audit log").waitFor();
  window.faults.splice(0);
});

/** Does something that is asked about; the answer says whether one stays. */
async function asked(page, act, answer) {
  const asking = page.waitForEvent("dialog");
  const acted = act();
  const dialog = await asking;
  assert.equal(dialog.type(), "confirm");
  assert.match(dialog.message(), /Leave this page/);
  await dialog[answer]();
  await acted;
}

for (const size of ["desktop", "phone"]) {
  scene(`a password that is typed is not lost without asking, ${size}`, async ({ service, open }) => {
    await service.root(ADA);
    const { page } = await open({ size });
    await signIn(page, service, ADA, "me", "Ada Lovelace");
    await page.getByRole("link", { name: "Sign-in", exact: true }).click();
    const fresh = field(page, "New password");
    await fresh.fill("seven green teapots");
    const here = page.url();
    await asked(page, () => page.getByRole("link", { name: "Sessions", exact: true }).click(), "dismiss");
    await eventually("the address", () => page.url() === here);
    assert.equal(await fresh.inputValue(), "seven green teapots");
    await asked(page, () => page.evaluate(() => history.back()), "dismiss");
    await eventually("the address", () => page.url() === here);
    assert.equal(await fresh.inputValue(), "seven green teapots");
    await stays(page);
    await asked(page, () => page.getByRole("link", { name: "Sessions", exact: true }).click(), "accept");
    await page.getByRole("table", { name: "Sessions" }).waitFor();
    // Nothing is at risk any more.
    await page.goBack();
    await fresh.waitFor();
    assert.equal(await fresh.inputValue(), "");
    await fresh.fill("seven");
    await fresh.fill("");
    await page.getByRole("link", { name: "Sessions", exact: true }).click();
    await page.getByRole("table", { name: "Sessions" }).waitFor();
  });
}

scene("a key that is shown once is not lost without asking", async ({ service, open }) => {
  await service.root(ADA);
  const { page } = await open();
  await signIn(page, service, ADA, "keys", "API keys");
  await button(page, "Create key").click();
  await fill(page.getByRole("dialog"), { Name: "Billing" });
  await button(page.getByRole("dialog"), "Create key").click();
  await button(page, "I’ve saved it").waitFor();
  await asked(page, () => page.getByRole("link", { name: "Users", exact: true }).first().click(), "dismiss");
  await button(page, "I’ve saved it").waitFor();
  await stays(page);
  await button(page, "I’ve saved it").click();
  await page.getByRole("link", { name: "Users", exact: true }).first().click();
  await heading(page, "Users").waitFor();
});
