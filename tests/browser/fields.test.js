// What people write and read everywhere: JSON, languages, IDs that are copied, and times.

import assert from "node:assert/strict";
import { ADA, button, copied, faultOf, field, hasFocus, heading, region, says, signIn, tabTo } from "./support/console.js";
import { scene } from "./support/scene.js";
import { eventually } from "./support/service.js";

const PREFERENCES = { news: ["daily", { at: 8 }], theme: "dark" };

/** Bob, whose page is open. */
async function atBob({ service, open }, options) {
  const root = await service.root(ADA);
  const bob = await service.user(root, { email: "bob@example.com", first: "Bob", last: "Babbage", preferences: PREFERENCES, language: "cy" });
  const window = await open(options);
  await signIn(window.page, service, ADA, `users/${bob.id}`, "Bob Babbage");
  const read = () => service.call("user/get", root, { id: bob.id });
  return { window, page: window.page, bob, read };
}

for (const size of ["desktop", "phone"]) {
  scene(`a fault in JSON is told by its line, which is marked, and it is tidied on request, ${size}`, async (stage) => {
    const { window, page, read } = await atBob(stage, { size });
    const card = region(page, "Preferences");
    const text = field(card, "Preferences as JSON");
    assert.equal(await text.inputValue(), JSON.stringify(PREFERENCES, null, 2));
    const marked = card.locator(".json-lines .fault");
    assert.equal(await marked.count(), 0);

    await text.fill('{\n  "theme": "dark"\n  "news": []\n}');
    await marked.waitFor();
    assert.match(await faultOf(text), /^Line 2, column 18: A comma is missing here/);
    assert.match(await marked.innerText(), /^2\b/);
    await window.look("json-fault");
    // Asked to tidy what is none, it leads to the fault.
    await button(card, "Format").click();
    assert.ok(await hasFocus(text));
    const selected = await text.evaluate((area) => area.value.slice(0, area.selectionStart).split("\n").length);
    assert.equal(selected, 2);
    // Saving it does nothing, and says the same.
    await button(card, "Save preferences").click();
    assert.match(await faultOf(text), /^Line 2, column 18/);
    assert.deepEqual((await read()).preferences, PREFERENCES);

    await text.fill('{"theme":"light","news":[1,{"at":9}]}');
    await marked.waitFor({ state: "detached" });
    await button(card, "Format").click();
    const tidy = JSON.stringify({ theme: "light", news: [1, { at: 9 }] }, null, 2);
    assert.equal(await text.inputValue(), tidy);
    // It is undone as what is typed is.
    await page.keyboard.press("Control+z");
    assert.equal(await text.inputValue(), '{"theme":"light","news":[1,{"at":9}]}');
    await page.keyboard.press("Control+y");
    assert.equal(await text.inputValue(), tidy);
    // The keyboard gets out of it.
    await text.focus();
    await page.keyboard.press("Tab");
    assert.ok(await hasFocus(button(card, "Format")));
    await tabTo(page, button(card, "Save preferences"));
    await page.keyboard.press("Enter");
    await page.getByText("Changes saved.").waitFor();
    assert.deepEqual((await read()).preferences, { theme: "light", news: [1, { at: 9 }] });
  });
}

scene("lines and their numbers stay beside each other, however long the text is", async (stage) => {
  const { page } = await atBob(stage);
  const text = field(page, "Preferences as JSON");
  const long = Array.from({ length: 300 }, (_, at) => `  "name${at}": ${at === 250 ? "" : at}`).join(",\n");
  await text.fill(`{\n${long}\n}`);
  const marked = page.locator(".json-lines .fault");
  await marked.waitFor();
  assert.match(await faultOf(text), /^Line 252, column 14: A value is missing here/);
  await button(page, "Format").click();
  await text.evaluate((area) => (area.scrollTop = 251 * 20 - 60));
  const [mark, box] = [await marked.boundingBox(), await text.boundingBox()];
  assert.ok(mark.y > box.y && mark.y < box.y + box.height, JSON.stringify([mark, box]));
  assert.ok(Math.abs(mark.y - (box.y + 1 + 8 + 60)) < 3, JSON.stringify([mark, box]));
});

scene("a language is chosen, and one that is not in the list stays", async (stage) => {
  const { page, read } = await atBob(stage);
  const language = field(page, "Language");
  assert.equal(await language.evaluate(({ tagName }) => tagName), "SELECT");
  assert.equal(await language.inputValue(), "cy");
  assert.match(await language.locator("option:checked").innerText(), /^Welsh/);
  await language.selectOption({ label: "Brazilian Portuguese – português (Brasil)" });
  await button(page, "Save profile").click();
  await eventually("the language", async () => (await read()).language === "pt-BR");
  await language.selectOption({ label: "Not set" });
  await button(page, "Save profile").click();
  await eventually("no language", async () => (await read()).language === undefined);
});

scene("an ID is copied, and the button says so", async (stage) => {
  const { window, page, bob } = await atBob(stage);
  const copy = region(page, "Details").getByRole("button", { name: "Copy ID" });
  const before = await copy.innerHTML();
  assert.equal(await copied(window, copy), bob.id);
  assert.notEqual(await copy.innerHTML(), before);
  await window.look("copied");
  await tabTo(page, copy);
});

scene("a time is relative, goes on, and is told exactly on request", async (stage) => {
  const { window, page } = await atBob(stage);
  await page.clock.install({ time: new Date() });
  await page.reload();
  await heading(page, "Bob Babbage").waitFor();
  const added = region(page, "Details").locator("time").last();
  await eventually("just now", async () => /^just now/.test(await added.innerText()));
  await page.clock.runFor(5 * 60_000);
  assert.match(await added.innerText(), /^5 minutes ago/);
  const exact = added.locator(".exact");
  assert.match(await exact.innerText(), /^\s*\d{1,2} \w{3} 20\d\d, \d\d:\d\d:\d\d (CET|CEST|GMT\+[12])$/);
  const isShown = () => exact.evaluate((element) => element.clientWidth > 50);
  assert.ok(!(await isShown()));
  await tabTo(page, added);
  assert.ok(await isShown());
  await window.look("time-exactly");
  await says(page, "bob@example.com");
});

scene("what a time is exactly stays in the window, and Escape puts it away", async (stage) => {
  const { page } = await atBob(stage, { size: "phone" });
  await page.goto(`${stage.service.console}#/users`);
  await heading(page, "Users").waitFor();
  const seen = page.locator("time").locator("visible=true").last();
  await seen.focus();
  const exact = seen.locator(".exact");
  const box = await exact.boundingBox();
  assert.ok(box.width > 100 && box.x + box.width <= page.viewportSize().width, JSON.stringify(box));
  assert.equal(await page.evaluate(() => document.scrollingElement.scrollWidth), page.viewportSize().width);
  await page.keyboard.press("Escape");
  assert.ok((await exact.boundingBox()).width < 5);
});
