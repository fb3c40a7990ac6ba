// What a screen reader has of the console: names of rows and questions, and what is said without being gone to.

import assert from "node:assert/strict";
import { ADA, button, rows, signIn } from "./support/console.js";
import { scene } from "./support/scene.js";

scene("rows have heads, questions their text, and a selection is told", async ({ service, open }) => {
  const token = await service.root(ADA);
  for (const first of ["Bob", "Carol"]) await service.user(token, { email: `${first}@example.com`, first });
  const { page } = await open();
  await signIn(page, service, ADA);
  await rows(page, "Users").nth(2).waitFor();
  const heads = page.getByRole("table", { name: "Users" }).getByRole("rowheader");
  const lines = async (count) => (await heads.allInnerTexts()).map((text) => text.trim().split("\n").slice(-count));
  const people = [["Carol", "carol@example.com"], ["Bob", "bob@example.com"], ["Ada Lovelace", ADA.email]];
  assert.deepEqual(await lines(2), people);
  // Where there is room for it, the email has a column of its own.
  await page.setViewportSize({ width: 1440, height: 800 });
  assert.deepEqual((await lines(1)).flat(), ["Carol", "Bob", "Ada Lovelace"]);

  // The place is there before there is something to say, else it is not said.
  const told = page.getByRole("main").locator("[role=status].unseen");
  assert.equal(await told.innerText(), "");
  const place = await told.elementHandle();
  await page.getByRole("checkbox", { name: "Select Bob" }).check();
  await page.getByRole("checkbox", { name: "Select Carol" }).check();
  await page.getByRole("region", { name: "Selection" }).waitFor();
  assert.equal(await place.innerText(), "2 selected");

  await button(page, "Remove").click();
  const dialog = page.getByRole("dialog");
  const about = await dialog.evaluate((dialog) => document.getElementById(dialog.getAttribute("aria-describedby"))?.innerText);
  assert.match(about, /Bob.*Carol|Carol.*Bob/s);
  assert.match(about, /lose access/);
});
