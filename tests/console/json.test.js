// Objects that people write, and the patch that makes one of the other (RFC 7396).

import assert from "node:assert/strict";
import { test } from "node:test";
import { mergePatch, readObject, written } from "../../console/public/json.js";
import { slipIn } from "../../console/public/json-slip.js";

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

/** @param {string} text @param {string} kind @param {number} line @param {number} column */
const slips = (text, kind, line, column) =>
  test(`${JSON.stringify(text)} slips at ${line}:${column}, ${kind}`, () => {
    assert.equal(slipIn(text)?.kind, kind);
    const read = readObject(text);
    assert.ok("at" in read);
    assert.deepEqual([read.at.line, read.at.column], [line, column]);
    assert.ok(
      read.fault.startsWith(`Line ${line}, column ${column}: `),
      read.fault,
    );
  });

slips('{\n  "a": 1\n  "b": 2\n}', "next", 2, 9);
slips('{\n  "a": 1,\n}', "comma", 2, 9);
slips('{\n  "a" 1\n}', "colon", 2, 6);
slips("{\n  a: 1\n}", "name", 2, 3);
slips("{\n  'a': 1\n}", "name", 2, 3);
slips('{ "a": “x” }', "quotes", 1, 8);
slips('{ "a": }', "value", 1, 8);
slips('{ "a": [1, 2 }', "next", 1, 13);
slips('{ "ä😀": yes }', "value", 1, 9);
slips('{\n  "a": {\n', "ended", 2, 9);
slips('{ "a": "b\n" }', "open", 1, 8);
slips('{ "a": "C:\\x" }', "escape", 1, 11);
slips('{ "a": 01 }', "next", 1, 9);
slips('{} {"a": 1}', "more", 1, 4);

test("what is JSON and what is not is told apart as the browser does", () => {
  const samples = [
    '{"a":[1,-2.5e3,"x\\n\\u00e9",true,false,null,{"b":{}}],"c":""}',
    ' { "a" : [ ] } ',
  ];
  const letters = [...'{}[]":,\\ \n\t0-.eEu1atn/\u0001\u00a0'];
  let seed = 7;
  const upTo = (/** @type {number} */ count) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % count;
  };
  let bad = 0;
  for (let round = 0; round < 20_000; round += 1) {
    let text = samples[upTo(samples.length)];
    for (let changes = upTo(3); changes >= 0; changes -= 1) {
      const at = upTo(text.length + 1);
      text =
        text.slice(0, at) +
        letters[upTo(letters.length)] +
        text.slice(at + upTo(3));
    }
    let isJson = true;
    try {
      JSON.parse(text);
    } catch {
      isJson = false;
    }
    const slip = slipIn(text);
    assert.equal(slip === undefined, isJson, JSON.stringify(text));
    if (slip) assert.ok(slip.at >= 0 && slip.at <= text.length);
    if (slip) bad += 1;
  }
  assert.ok(bad > 1000 && bad < 19_900, String(bad));
});
