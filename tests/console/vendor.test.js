// What is served of others is what they have published.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";

const CONSOLE = new URL("../../console/", import.meta.url);
/** The files of `public/vendor`, and where they come from. */
const PUBLISHED = {
  "LICENSE-htm": "htm/LICENSE",
  "LICENSE-lean-qr": "lean-qr/LICENSE",
  "LICENSE-preact": "preact/LICENSE",
  "lean-qr.js": "lean-qr/index.mjs",
  "preact.js": "htm/preact/standalone.module.js",
};

for (const [name, source] of Object.entries(PUBLISHED)) {
  test(`${name} is ${source}`, async () => {
    const ours = await readFile(
      new URL(`public/vendor/${name}`, CONSOLE),
      "utf8",
    );
    const theirs = await readFile(new URL(`node_modules/${source}`, CONSOLE));
    assert.ok(ours === theirs.toString(), "it is another");
  });
}

test("nothing else is there, but types", async () => {
  const there = await readdir(new URL("public/vendor/", CONSOLE));
  const files = there.filter((name) => !name.endsWith(".d.ts"));
  assert.deepEqual(files.sort(), Object.keys(PUBLISHED).sort());
});
