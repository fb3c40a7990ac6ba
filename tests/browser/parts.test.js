// The parts that pages are made of, by themselves: tables whose rows are sorted and selected, and menus.

import assert from "node:assert/strict";
import { scene } from "./support/scene.js";

const NAMES = ["Ada Lovelace", "Grace Hopper", "Hedy Lamarr"];

/** Shows a table of people in place of the page; what was done with it is in `window.done`. */
async function showTable(page, service) {
  await page.goto(service.console);
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  await page.evaluate(async (names) => {
    const { html, render, useState } = await import("/console/vendor/preact.js");
    const ui = await import("/console/ui.js");
    window.done = [];
    const rows = names.map((name, index) => ({ id: String(index), name }));
    function Page() {
      const [sort, setSort] = useState({ by: "name", descending: false });
      const sorted = sort.descending ? [...rows].reverse() : rows;
      const selection = ui.useSelection(sorted);
      const items = (row) => [
        { label: "Open", onChoose: () => window.done.push(`open ${row.name}`) },
        { label: "Restore", disabled: true },
        { label: "Remove", danger: true, onChoose: () => window.done.push(`remove ${row.name}`) },
      ];
      const columns = [
        { label: "Name", kind: "main", sort: "name", cell: ({ name }) => html`<a href="#/users">${name}</a>` },
        { label: "Number", cell: ({ id }) => id },
        { label: "Actions", kind: "end", cell: (row) => html`<${ui.Menu} label="Actions" about=${row.name} items=${items(row)} />` },
      ];
      return html`<main id="main">
        <${ui.Head} title="People" />
        <${ui.Table} label="People" columns=${columns} rows=${sorted} sort=${sort} onSort=${setSort}
          selection=${selection} nameOf=${({ name }) => name} />
        <${ui.BulkBar} selection=${selection}>
          <${ui.Button} small onClick=${() => window.done.push([...selection.ids].sort().join())}>Suspend<//>
        <//>
        <${ui.Skeleton} rows=${2} />
      </main>`;
    }
    const root = document.getElementById("app");
    render(null, root);
    render(html`<${Page} />`, root);
  }, NAMES);
  return () => page.evaluate(() => window.done);
}

for (const size of ["desktop", "phone"]) {
  scene(`rows are selected, and something is done with all of them, ${size}`, async ({ service, open }) => {
    const window = await open({ size });
    const { page } = window;
    const done = await showTable(page, service);
    const bar = page.getByRole("region", { name: "Selection" });
    assert.equal(await bar.count(), 0);
    await page.getByRole("checkbox", { name: "Select Grace Hopper" }).check();
    await page.getByRole("checkbox", { name: "Select Hedy Lamarr" }).check();
    await bar.getByText("2 selected").waitFor();
    await window.look("parts-selected");
    await bar.getByRole("button", { name: "Suspend" }).click();
    assert.deepEqual(await done(), ["1,2"]);
    if (size === "desktop") {
      const all = page.getByRole("checkbox", { name: "Select all on this page" });
      assert.ok(await all.evaluate((input) => input.indeterminate));
      await all.check();
      await bar.getByText("3 selected").waitFor();
    }
    await bar.getByRole("button", { name: "Clear selection" }).click();
    await bar.waitFor({ state: "detached" });
    assert.equal(await page.getByRole("checkbox", { checked: true }).count(), 0);
  });

  scene(`a row's menu is open until something is chosen, ${size}`, async ({ service, open }) => {
    const window = await open({ size });
    const { page } = window;
    const done = await showTable(page, service);
    const button = page.getByRole("button", { name: "Actions: Grace Hopper" });
    await button.click();
    const menu = page.getByRole("menu", { name: "Actions: Grace Hopper" });
    await menu.waitFor();
    await window.look("parts-menu");
    await menu.getByRole("menuitem", { name: "Remove" }).click();
    assert.deepEqual(await done(), ["remove Grace Hopper"]);
    assert.equal(await menu.count(), 0);
    // A click elsewhere closes it and chooses nothing.
    await button.click();
    await page.getByRole("heading", { name: "People" }).click();
    await menu.waitFor({ state: "detached" });
    assert.equal((await done()).length, 1);
  });
}

scene("a table is sorted by its headers", async ({ service, open }) => {
  const { page } = await open();
  await showTable(page, service);
  const header = page.getByRole("columnheader", { name: "Name" });
  const names = () => page.locator("tbody a").allTextContents();
  assert.equal(await header.getAttribute("aria-sort"), "ascending");
  await header.getByRole("button").click();
  assert.equal(await header.getAttribute("aria-sort"), "descending");
  assert.deepEqual(await names(), [...NAMES].reverse());
  await header.getByRole("button").click();
  assert.deepEqual(await names(), NAMES);
  // Others cannot be.
  assert.equal(await page.getByRole("columnheader", { name: "Number" }).getByRole("button").count(), 0);
});

scene("menus and rows are gone through with the keyboard", async ({ service, open }) => {
  const { page } = await open();
  const done = await showTable(page, service);
  const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent.trim());
  await page.getByRole("checkbox", { name: "Select Ada Lovelace" }).focus();
  await page.keyboard.press("ArrowDown");
  assert.equal(await focused(), "Select Grace Hopper");
  await page.keyboard.press("Space");
  assert.ok(await page.getByRole("checkbox", { name: "Select Grace Hopper" }).isChecked());
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  assert.equal(await focused(), "Select Ada Lovelace");

  await page.getByRole("button", { name: "Actions: Ada Lovelace" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("menu").waitFor();
  assert.equal(await focused(), "Open");
  // What cannot be chosen is passed over, and after the last one comes the first.
  await page.keyboard.press("ArrowDown");
  assert.equal(await focused(), "Remove");
  await page.keyboard.press("ArrowDown");
  assert.equal(await focused(), "Open");
  await page.keyboard.press("End");
  await page.keyboard.press("Escape");
  await page.getByRole("menu").waitFor({ state: "detached" });
  assert.equal(await focused(), "Actions: Ada Lovelace");
  await page.keyboard.press("Enter");
  await page.getByRole("menu").waitFor();
  await page.keyboard.press("Enter");
  assert.deepEqual(await done(), ["open Ada Lovelace"]);
  assert.equal(await focused(), "Actions: Ada Lovelace");
});
