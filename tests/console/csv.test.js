// Sheets that are written, and read again: formulas, quotes, line ends, marks at the beginning, other separators.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readImport } from "../../console/public/import-text.js";
import { csv, ndjsonLine } from "../../console/public/save-file.js";

test("a sheet has the names of its columns, and lines that end as RFC 4180 has it", () => {
  assert.equal(
    csv([
      { line: 1, email: "ada@example.com", fault: undefined },
      { line: 2, email: "bob@example.com", fault: "No." },
    ]),
    "line,email,fault\r\n1,ada@example.com,\r\n2,bob@example.com,No.\r\n",
  );
  assert.equal(csv([]), "\r\n");
});

test("what parts cells is put in quotes, and quotes are doubled", () => {
  const last = 'Lovelace, "Countess"';
  assert.equal(
    csv([{ last, first: "Ada\nAugusta", note: "a\rb" }]),
    'last,first,note\r\n"Lovelace, ""Countess""","Ada\nAugusta","a\rb"\r\n',
  );
});

test("no cell is a formula to programs that show sheets", () => {
  for (const text of ["=1+1", "+49 30 1", "-1", "@SUM(A1)", "\t=1", "\r=1"]) {
    const [, line] = csv([{ text }]).split(/(?<=^text\r\n)/);
    assert.match(line, /^"?'/, JSON.stringify(text));
  }
  assert.equal(csv([{ text: "a=1" }]), "text\r\na=1\r\n");
  assert.equal(csv([{ text: '=A1,"x"' }]), 'text\r\n"\'=A1,""x"""\r\n');
});

test("what is written can be read", () => {
  const people = [
    { email: "ada@example.com", first: "Ada", last: 'Love, "lace"' },
    { email: "bob@example.com", first: "Bob\nBobby", last: "Bee;" },
    { email: "zoe@example.com", first: "Zoë", last: "Ωmega" },
  ];
  const read = (/** @type {string} */ text) =>
    readImport(text).lines.map((line) => ("user" in line ? line.user : line));
  const written = csv(people);
  assert.deepEqual(read(written), people);
  assert.deepEqual(read(`\uFEFF${written}`), people);
  assert.deepEqual(read(written.replaceAll("\r\n", "\n")), people);
  assert.deepEqual(read(people.map(ndjsonLine).join("")), people);
});

test("semicolons and tabs part cells where the first line has more of them", () => {
  const read = (/** @type {string} */ text) =>
    readImport(text).lines.map((line) => ("user" in line ? line.user : line));
  const ada = { email: "ada@example.com", first: "Ada", last: "King, L." };
  for (const mark of [";", "\t"]) {
    const sheet = [
      ["\uFEFFE-mail", "Schuhgröße", "Vorname", "Last name"],
      ["ada@example.com", "x", "Ada", "King, L."],
    ];
    const text = sheet.map((cells) => cells.join(mark)).join("\r\n");
    assert.deepEqual(read(text), [ada], JSON.stringify(mark));
  }
});
