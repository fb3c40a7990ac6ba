// Keys: each is shown once, opens what its role may, and nothing once it is removed.

import assert from "node:assert/strict";
import { ADA, button, copied, faultOf, field, fill, region, rows, says, signIn, visit } from "./support/console.js";
import { SIZES, scene } from "./support/scene.js";

scene("a key is shown once, and works until it is removed", async ({ service, open }) => {
  await service.root(ADA);
  for (const size of Object.keys(SIZES)) {
    const window = await open({ size });
    const { page } = window;
    await signIn(page, service, ADA, "keys", "API keys");
    await says(page, "No API keys");
    await window.look("keys-none");
    const key = await make(window);

    // It opens what was chosen, and no more.
    const { reply } = await service.ask("user/find", key, {});
    assert.equal(reply.data?.[0].email, ADA.email, JSON.stringify(reply));
    assert.equal((await service.ask("user/create", key, { email: "eve@example.com" })).status, 403);

    await button(page, "I’ve saved it").click();
    await region(page, "New key").waitFor({ state: "detached" });
    await page.reload();
    assert.match(await rows(page, "API keys").innerText(), /Billing.*Admin.*Read only/s);
    assert.ok(!(await page.content()).includes(key));
    await window.look("keys");

    await button(page, "Remove Billing").click();
    const dialog = page.getByRole("dialog", { name: "Remove Billing" });
    await dialog.waitFor();
    await window.look("key-remove");
    await button(dialog, "Cancel").click();
    assert.equal((await service.ask("user/find", key, {})).status, 200);
    await button(page, "Remove Billing").click();
    await button(dialog, "Remove key").click();
    await says(page, "No API keys");
    assert.equal((await service.ask("user/find", key, {})).status, 401);
  }
});

/** Makes one that Read only; returns it. */
async function make(window) {
  const { page } = window;
  await button(page, "Create key").click();
  const dialog = page.getByRole("dialog", { name: "Create an API key" });
  await dialog.waitFor();
  await window.look("key-new");
  window.foresee("key/create", 422);
  await button(dialog, "Create key").click();
  await field(dialog, "Name").and(page.locator("[aria-invalid]")).waitFor();
  assert.match(await faultOf(field(dialog, "Name")), /name/i);
  window.foresee("key/create", 422);
  await fill(dialog, { Name: "Billing", "Last day": "2001-01-01" });
  await button(dialog, "Create key").click();
  await field(dialog, "Last day").and(page.locator("[aria-invalid]")).waitFor();
  assert.match(await faultOf(field(dialog, "Last day")), /future/);
  await window.look("key-refused");
  await fill(dialog, { "Last day": "" });
  await field(dialog, "Role").selectOption("admin");
  await field(dialog, "Access").selectOption("Read only");
  await button(dialog, "Create key").click();
  const made = region(page, "New key");
  await made.waitFor();
  await window.look("key-made");
  const key = await copied(window, button(made, "Copy"));
  assert.match(key, /^gl_/);
  assert.equal(await field(made, "Key").inputValue(), key);
  return key;
}

scene("an admin makes no key of a higher role", async ({ service, open }) => {
  const root = await service.root(ADA);
  const bob = { email: "bob@example.com", password: "seven green teapots", role: "admin" };
  await service.user(root, bob);
  await service.call("key/create", root, { name: "Master", role: "root" });
  await service.call("key/create", root, { name: "Sync", role: "user" });
  const { page } = await open();
  await signIn(page, service, bob, "keys", "API keys");
  await rows(page, "API keys").first().waitFor();
  assert.equal(await button(page, "Remove Sync").count(), 1);
  assert.equal(await button(page, "Remove Master").count(), 0);
  await button(page, "Create key").click();
  const offered = await field(page, "Role").locator("option").allInnerTexts();
  assert.deepEqual(offered.map((role) => role.split(" ")[0]), ["User", "Admin"]);
});

scene("the keys of somebody who is removed end, or are kept", async ({ service, open }) => {
  const root = await service.root(ADA);
  const bob = { email: "bob@example.com", password: "seven green teapots", role: "admin" };
  const opens = async (key) => (await service.ask("user/find", key, {})).status;
  for (const keeps of [false, true]) {
    const email = `bob-${keeps}@example.com`;
    const { id } = await service.user(root, { ...bob, email });
    const { accessToken } = await service.call("session/create", "", { email, password: bob.password });
    const { key, start } = await service.call("key/create", accessToken, { name: `Sync ${keeps}`, role: "user" });
    assert.equal(await opens(key), 200);

    const window = await open();
    const { page } = window;
    await signIn(page, service, ADA, `users/${id}`, email);
    await button(page, "Remove").click();
    const dialog = page.getByRole("dialog");
    if (keeps) await field(dialog, "Keep their API keys").check();
    await window.look(`user-remove-keys-${keeps}`);
    await button(dialog, "Remove user").click();
    await page.getByText("is in the trash").waitFor();
    assert.equal(await opens(key), keeps ? 200 : 401);

    // Whose a key was may be nobody any more.
    window.tolerate("user/get", 404);
    await visit(page, service, "keys", "API keys");
    const row = rows(page, "API keys").filter({ hasText: `Sync ${keeps}` });
    await row.waitFor();
    const text = await row.innerText();
    assert.ok(text.includes(start), text);
    assert.equal(/ended/i.test(text), !keeps, text);
    await window.look(`keys-of-removed-${keeps}`);
  }
});
