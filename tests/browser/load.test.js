// How much comes over the wire before somebody can sign in, and how long that takes.

import assert from "node:assert/strict";
import { scene } from "./support/scene.js";

const MAX_BYTES = 150_000;

for (const flags of [[], ["--base-path=/people"]]) {
  scene(`the first load is small ${flags}`, ...flags, async ({ service, open }) => {
    const window = await open();
    await window.page.goto(service.console);
    await window.page.getByRole("button", { name: "Sign in" }).waitFor();
    const { files, bytes, milliseconds } = await window.page.evaluate(measured);
    console.log(`first load: ${files} files, ${bytes} bytes, load event after ${milliseconds} ms`);
    assert.ok(bytes < MAX_BYTES, `${bytes} bytes`);

    await window.page.reload();
    await window.page.getByRole("button", { name: "Sign in" }).waitFor();
    const again = await window.page.evaluate(measured);
    console.log(`second load: ${again.bytes} bytes, load event after ${again.milliseconds} ms`);
    assert.ok(again.bytes < bytes / 4, `${again.bytes} bytes`);
  });
}

/** Runs in the page: what it is made of, heads of answers included. */
function measured() {
  const [page] = performance.getEntriesByType("navigation");
  const parts = [page, ...performance.getEntriesByType("resource")];
  const bytes = parts.reduce((sum, { transferSize }) => sum + transferSize, 0);
  return { files: parts.length, bytes, milliseconds: Math.round(page.loadEventEnd) };
}
