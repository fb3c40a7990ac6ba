// How much comes over the wire before somebody can sign in, and what of it comes again.

import assert from "node:assert/strict";
import { scene } from "./support/scene.js";

const MAX_BYTES = 150_000;

for (const flags of [[], ["--base-path=/people"]]) {
  scene(`the first load is small, and files are loaded once ${flags}`, ...flags, async ({ service, open }) => {
    const window = await open();
    await window.page.goto(service.console);
    await window.page.getByRole("button", { name: "Sign in" }).waitFor();
    const first = await window.page.evaluate(measured);
    const bytes = sumOf(first);
    console.log(`first load: ${first.length} answers, ${bytes} bytes`);
    assert.ok(bytes < MAX_BYTES, `${bytes} bytes`);
    const files = first.filter(({ path }) => path.includes("/console/"));
    assert.ok(files.length > 20, String(files.length));
    // Each is named by its content, so that it is good for ever.
    for (const { path } of files) assert.match(path, /\.[\w-]{12}\.(js|css|svg)$/);

    // As a returning visitor does it, and not as `reload`, which asks for all of it.
    const again = await window.tab();
    await again.goto(service.console);
    await again.getByRole("button", { name: "Sign in" }).waitFor();
    const second = await again.evaluate(measured);
    const asked = second.filter(({ path, bytes }) => path.includes("/console/") && bytes > 0);
    assert.deepEqual(asked, []);
    console.log(`second load: ${second.filter(({ bytes }) => bytes > 0).length} answers, ${sumOf(second)} bytes`);
    assert.ok(sumOf(second) < bytes / 4);
  });
}

const sumOf = (answers) => answers.reduce((sum, { bytes }) => sum + bytes, 0);

/** Runs in the page: what it is made of, heads of answers included; what was kept weighs nothing. */
function measured() {
  const parts = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  return parts.map(({ name, transferSize }) => ({ path: new URL(name).pathname, bytes: transferSize }));
}
