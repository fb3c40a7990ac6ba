// What is served of others is what they have published, and our client what it is made from.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";
import { vendored } from "../../console/build/vendor.js";

const VENDOR = new URL("../../console/public/vendor/", import.meta.url);
const made = await vendored();

for (const [name, text] of made) {
  test(`${name} is what it is made from`, async () => {
    const ours = await readFile(new URL(name, VENDOR), "utf8");
    assert.ok(ours === text, "it is another: `npm run vendor` in console/");
  });
}

test("nothing else is there, but types", async () => {
  const there = await readdir(VENDOR);
  const files = there.filter((name) => !name.endsWith(".d.ts"));
  assert.deepEqual(files.sort(), [...made.keys()].sort());
});
