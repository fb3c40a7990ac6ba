// What the console says of calls is what the service's own document says.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import {
  isPublic,
  namesAccount,
  reads,
  takesKey,
} from "../../console/public/calls.js";

/** The service's document, which its own tests keep as it is. */
const { paths } = JSON.parse(
  await readFile(new URL("../it/golden/openapi.json", import.meta.url), "utf8"),
);

/** @type {[string, any][]} */
const calls = Object.entries(paths)
  .filter(([, { post }]) => post)
  .map(([path, { post }]) => [path.slice(1), post]);

const KEY = "#/components/parameters/IdempotencyKey";

test("what needs no token", () => {
  const open = calls.filter(([, { security }]) => security.length === 0);
  assert.ok(open.length > 0);
  assert.deepEqual(
    calls.filter(([name]) => isPublic(name)),
    open,
  );
});

test("what takes an Idempotency-Key", () => {
  const keyed = calls.filter(([, { parameters = [] }]) =>
    parameters.some((/** @type {any} */ one) => one.$ref === KEY),
  );
  assert.ok(keyed.length > 0);
  assert.deepEqual(
    calls.filter(([name]) => takesKey(name)),
    keyed,
  );
  assert.deepEqual(
    keyed.filter(([name]) => reads(name)),
    [],
  );
});

test("what says which account it is about", () => {
  const about = calls.filter(([, post]) =>
    ["user", "admin", "root"].includes(post["x-role"]),
  );
  assert.ok(about.length > 0);
  assert.deepEqual(
    calls.filter(([name]) => namesAccount(name)),
    about,
  );
});
