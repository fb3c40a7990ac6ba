// What others have typed, among the words of a text; and that every page shows it by the one part that is made for it.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";
import {
  contained,
  isolated,
  isolating,
} from "../../console/public/isolated.js";

const PUBLIC = new URL("../../console/public/", import.meta.url);

test("a name keeps nothing that turns what stands around it", () => {
  const cases = {
    "Ada Lovelace": "Ada Lovelace",
    "\u202Egnp.exe": "gnp.exe",
    "\u2069\u202EEve": "Eve",
    "\u2067\u2067Eve": "Eve",
    "\u2068Eve": "Eve",
    "a\u2068b\u2069c": "a\u2068b\u2069c",
    "\u2069a\u2068\u2068b\u2069": "a\u2068b\u2069",
    "א\u200F": "א\u200F",
  };
  for (const [name, kept] of Object.entries(cases))
    assert.equal(contained(name), kept, JSON.stringify(name));
});

test("a name is isolated in a sentence where it is written from the right", () => {
  assert.equal(isolated("Ada (1)"), "Ada (1)");
  for (const name of ["אבג", "محمد", "Ada ﷺ", "𐤀", "𞤀"])
    assert.equal(isolated(name), `\u2068${name}\u2069`);
});

test("texts isolate whatever is put into them, also in lists, and leave the rest alone", () => {
  const texts = isolating({
    plain: "Remove",
    map: { state: "Active" },
    said: (
      /** @type {string} */ who,
      /** @type {number} */ count,
      /** @type {object} */ part,
    ) => [who, count, part],
    all: (/** @type {string[]} */ names) => names.join(", "),
  });
  const part = {};
  assert.deepEqual(texts.said("אבג", 3, part), ["\u2068אבג\u2069", 3, part]);
  assert.equal(texts.said("אבג", 3, part)[2], part);
  assert.equal(texts.all(["Ada", "\u202Eאבג"]), "Ada, \u2068אבג\u2069");
  assert.equal(texts.plain, "Remove");
  assert.deepEqual(texts.map, { state: "Active" });
});

test("names are shown by the part that is made for them", async () => {
  const names = (await readdir(PUBLIC, { recursive: true })).filter(
    (name) => name.endsWith(".js") && !name.startsWith("vendor/"),
  );
  /** @type {string[]} */
  const others = [];
  for (const name of names) {
    const code = await readFile(new URL(name, PUBLIC), "utf8");
    if (/<bdi\b/.test(code) && name !== "ui/name.js") others.push(name);
  }
  assert.deepEqual(others, []);
});
