// How the console's modules hang together: in no circle, and the page names those that it needs at once.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { posix } from "node:path";
import { test } from "node:test";

const PUBLIC = new URL("../../console/public/", import.meta.url);
/** Comments may name modules, too. */
const COMMENT = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;
const STATIC = /^(?:import|export)\b[^'"`;]*?['"](\.[^'"]+\.js)['"]/gm;
const DYNAMIC = /\bimport\(\s*[`'"](\.[^`'"$]+)[`'"]\s*\)/g;

const files = await readdir(PUBLIC, { recursive: true });
const names = files.filter(
  (name) => name.endsWith(".js") && !name.startsWith("vendor/"),
);
/** What each module imports: as it is loaded, and later. @type {Map<string, { now: string[], later: string[] }>} */
const modules = new Map();
for (const name of names) {
  const text = await readFile(new URL(name, PUBLIC), "utf8");
  const code = text.replace(COMMENT, "");
  const at = (/** @type {RegExp} */ form) =>
    [...code.matchAll(form)].map(([, to]) =>
      posix.join(posix.dirname(name), to),
    );
  modules.set(name, { now: at(STATIC), later: at(DYNAMIC) });
}

test("modules are found, and import what is there", () => {
  assert.ok(names.length > 50, String(names.length));
  const known = new Set(files);
  const missing = [...modules].flatMap(([name, { now, later }]) =>
    [...now, ...later]
      .filter((to) => !known.has(to))
      .map((to) => `${name} imports ${to}`),
  );
  assert.deepEqual(missing, []);
});

test("no module needs itself by way of others, nor when they load pages", () => {
  const done = new Set();
  /** @param {string} name @param {string[]} way */
  const walk = (name, way) => {
    const begin = way.indexOf(name);
    assert.ok(
      begin < 0,
      `in a circle: ${[...way.slice(begin), name].join(" → ")}`,
    );
    if (done.has(name)) return;
    const { now = [], later = [] } = modules.get(name) ?? {};
    for (const next of [...now, ...later]) walk(next, [...way, name]);
    done.add(name);
  };
  for (const name of names) walk(name, []);
});

test("the page has the browser load what it needs at once, and nothing else", async () => {
  const needed = new Set();
  const add = (/** @type {string} */ name) => {
    if (needed.has(name)) return;
    needed.add(name);
    modules.get(name)?.now.forEach(add);
  };
  add("main.js");
  // The texts of one language are loaded, too; this is what they have in common.
  for (const language of modules.get("texts.js")?.later ?? [])
    modules.get(language)?.now.forEach(add);
  const page = await readFile(new URL("index.html", PUBLIC), "utf8");
  const loaded = [
    ...page.matchAll(/modulepreload" href="console\/([^"]+)"/g),
  ].map(([, name]) => name);
  assert.deepEqual(
    [...loaded, "main.js"].sort(),
    [...needed].sort(),
    "the list in index.html",
  );
});
