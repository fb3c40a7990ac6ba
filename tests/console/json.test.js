// Objects that people write, and the patch that makes one of the other (RFC 7396).

import assert from "node:assert/strict";
import { test } from "node:test";
import { mergePatch, readObject, written } from "../../console/public/json.js";

/** What the service makes of a patch. @param {any} target @param {any} patch @returns {any} */
function patched(target, patch) {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch))
    return patch;
  const isObject =
    typeof target === "object" && target !== null && !Array.isArray(target);
  const result = isObject ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = patched(result[name], value);
  }
  return result;
}

/** @param {object} from @param {object} to @param {object} patch */
const check = (from, to, patch) =>
  test(`${JSON.stringify(from)} → ${JSON.stringify(to)}`, () => {
    assert.deepEqual(mergePatch(from, to), patch);
    assert.deepEqual(patched(from, patch), to);
  });

check({}, {}, {});
check({ a: 1 }, { a: 1 }, {});
check({ a: 1 }, { a: 2 }, { a: 2 });
check({ a: 1, b: 2 }, { b: 2 }, { a: null });
check({ a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }, { a: { c: 3 } });
check({ a: { b: 1, c: 2 } }, { a: { b: 1 } }, { a: { c: null } });
check({ a: { b: 1 } }, { a: [1] }, { a: [1] });
check({ a: [1, 2] }, { a: [2, 1] }, { a: [2, 1] });
check({ a: 1 }, { a: { b: 1 } }, { a: { b: 1 } });
check({ a: { b: 1 } }, { a: {} }, { a: { b: null } });
// Names that all objects have.
check({ constructor: 1 }, {}, { constructor: null });
check({}, { toString: 1 }, { toString: 1 });

test("only objects are read", () => {
  for (const text of ["", "  ", "{}"])
    assert.deepEqual(readObject(text), { object: {} });
  assert.deepEqual(readObject(' {"a": [1]} '), { object: { a: [1] } });
  for (const text of ["[]", "1", "null", '"x"', "{", "{a: 1}", '{"a": 1,}']) {
    const read = readObject(text);
    assert.ok("fault" in read, text);
  }
});

test("what is written can be read again", () => {
  for (const object of [{}, { a: { b: [1, "x", null] } }]) {
    assert.deepEqual(readObject(written(object)), { object });
  }
  assert.equal(written(undefined), "{}");
});
