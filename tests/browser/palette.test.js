// What the keyboard does everywhere: the palette, the shortcuts; and light or dark.

import assert from "node:assert/strict";
import { ADA, button, field, hasFocus, heading, says, signIn, signOut } from "./support/console.js";
import { scene } from "./support/scene.js";

const BOB = { email: "bob@example.com", password: "seven green teapots", first: "Bob", last: "Babbage" };

const opened = (page, name) => page.getByRole("dialog", { name });

for (const size of ["desktop", "phone"]) {
  scene(`the palette leads to pages and people, ${size}`, async ({ service, open }) => {
    const token = await service.root(ADA);
    await service.user(token, BOB);
    const window = await open({ size });
    const { page } = window;
    await signIn(page, service, ADA);
    await page.keyboard.press("Control+k");
    const palette = opened(page, "Find anything");
    const box = palette.getByRole("combobox", { name: "Find anything" });
    await box.waitFor();
    assert.ok(await hasFocus(box));
    await window.look("palette");
    await page.keyboard.type("bab");
    await palette.getByRole("option", { name: "Bob Babbage bob@example.com" }).waitFor();
    await window.look("palette-person");
    await page.keyboard.press("Enter");
    await heading(page, "Bob Babbage").waitFor();
    assert.equal(await palette.count(), 0);

    await page.keyboard.press("Control+k");
    await page.keyboard.type("audit");
    await palette.getByRole("option", { name: "Go to: Audit log", selected: true }).waitFor();
    await page.keyboard.press("Enter");
    await heading(page, "Audit log").waitFor();

    await page.keyboard.press("Control+k");
    await page.keyboard.type("no such thing");
    await palette.getByText("No matches.").waitFor();
    await page.keyboard.press("Escape");
    await palette.waitFor({ state: "detached" });
  });
}

scene("users find no people, and go only where they may", async ({ service, open }) => {
  const token = await service.root(ADA);
  await service.user(token, BOB);
  const { page } = await open();
  await signIn(page, service, BOB);
  await page.keyboard.press("Control+k");
  const palette = opened(page, "Find anything");
  await palette.getByRole("option", { name: "Go to: Account" }).waitFor();
  assert.equal(await palette.getByRole("option", { name: /Audit|Trash|Invite/ }).count(), 0);
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("l");
  await page.keyboard.press("i");
  await heading(page, "Users").waitFor();
});

scene("single keys lead to pages, are listed, and can be turned off", async ({ service, open }) => {
  await service.root(ADA);
  const window = await open();
  const { page } = window;
  await signIn(page, service, ADA);
  await page.keyboard.press("g");
  await page.keyboard.press("k");
  await heading(page, "API keys").waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("u");
  await heading(page, "Users").waitFor();
  await page.keyboard.press("/");
  assert.ok(await hasFocus(field(page, "Search")));
  // What is typed is a text there.
  await page.keyboard.type("gk?");
  assert.equal(await field(page, "Search").inputValue(), "gk?");
  await heading(page, "Users").click();
  await page.keyboard.press("?");
  const keys = opened(page, "Keyboard shortcuts");
  await keys.getByText("Go to: Users").waitFor();
  await window.look("shortcuts");
  await keys.getByRole("checkbox", { name: "Use single-key shortcuts" }).uncheck();
  await keys.getByRole("button", { name: "Close" }).click();
  await page.keyboard.press("?");
  await page.keyboard.press("i");
  await page.keyboard.press("Control+k");
  await opened(page, "Find anything").waitFor();
  assert.equal(await keys.count(), 0);
});

scene("a theme that was chosen is kept, before anything is drawn", async ({ service, open }) => {
  await service.root(ADA);
  const { page } = await open();
  await signIn(page, service, ADA);
  const back = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await back();
  const choose = async (theme) => {
    await page.keyboard.press("Control+k");
    await page.keyboard.type(theme);
    await opened(page, "Find anything").getByRole("option", { name: `Theme: ${theme}`, selected: true }).click();
  };
  await choose("dark");
  assert.notEqual(await back(), light);
  const dark = await back();
  // The first of what the page runs has set it already.
  await page.addInitScript(() => addEventListener("DOMContentLoaded", () => (window.first = document.documentElement.dataset.theme)));
  await page.reload();
  await heading(page, "Users").waitFor();
  assert.equal(await back(), dark);
  assert.equal(await page.evaluate(() => window.first), "dark");
  await page.emulateMedia({ colorScheme: "dark" });
  await choose("light");
  assert.equal(await back(), light);
  await choose("system");
  assert.equal(await back(), dark);
  await says(page, ADA.email);
  await signOut(page);
  await heading(page, "Sign in").waitFor();
});
