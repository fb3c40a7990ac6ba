// Users in texts: lines of JSON, sheets with and without a header, plain addresses, and what is none.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readImport } from "../../console/public/import-text.js";

/** @param {string} text @param {object[]} users */
const check = (text, users) =>
  assert.deepEqual(
    readImport(text).lines.map((line) => ("user" in line ? line.user : line)),
    users,
  );

const ADA = { email: "ada@example.com", first: "Ada", last: "Lovelace" };

test("a sheet with a header, whatever separates its cells", () => {
  check("email,first,last\nada@example.com,Ada,Lovelace\n", [ADA]);
  check("First name;Last name;Email\r\nAda;Lovelace;ada@example.com\r\n", [
    ADA,
  ]);
  check("\uFEFFLast\tEmail\tShoe size\nLovelace\tada@example.com\t38", [
    { email: "ada@example.com", last: "Lovelace" },
  ]);
});

test("cells in quotes may have separators, quotes and line breaks in them", () => {
  check(
    'email,first,last\nada@example.com,"Ada, ""A""","Love\nlace"\nbob@example.com',
    [
      { email: "ada@example.com", first: 'Ada, "A"', last: "Love\nlace" },
      { email: "bob@example.com" },
    ],
  );
  assert.deepEqual(
    readImport('email,last\na@example.com,"x\ny"\n\nb@example.com').lines.map(
      ({ number }) => number,
    ),
    [2, 5],
  );
});

test("without a header, an address and what stands beside it", () => {
  check("ada@example.com", [{ email: "ada@example.com" }]);
  check(
    'ada@example.com,Ada,Lovelace\nAda Lovelace <ada@example.com>\n"Ada","Lovelace","ada@example.com"',
    [ADA, ADA, ADA],
  );
});

test("lines of JSON, without what a new user cannot have", () => {
  check(
    '{"id":"1","email":"ada@example.com","first":"Ada","version":3,"state":"active"}',
    [{ email: "ada@example.com", first: "Ada" }],
  );
  check(
    '{"email":"ada@example.com","state":"suspended","preferences":{"a":1}}',
    [{ email: "ada@example.com", preferences: { a: 1 }, state: "suspended" }],
  );
});

test("an array of JSON, each element a line", () => {
  check('\uFEFF [{"email":"ada@example.com","id":"1"},\n {"first":"Bob"}, 3]', [
    { email: "ada@example.com" },
    { number: 2, text: '{"first":"Bob"}', fault: 'This line has no "email".' },
    { number: 3, text: "3", fault: 'This line has no "email".' },
  ]);
  check("[]", []);
});

test("what begins as an array and is none is refused as a whole", () => {
  for (const text of [
    '[{"email":"ada@example.com"}',
    "[ada@example.com]",
    '[{"email":"ada@example.com"}]\n[]',
  ]) {
    const { lines, fault } = readImport(text);
    assert.deepEqual(lines, []);
    assert.match(String(fault), /JSON array, but is not one/);
  }
  assert.equal(readImport("[]").fault, undefined);
  assert.equal(readImport("ada@example.com [Ada]").fault, undefined);
});

test("columns that no user has are told", () => {
  /** @param {string} text @param {string[]} columns */
  const ignores = (text, columns) =>
    assert.deepEqual(readImport(text).ignored, columns);
  ignores("Email,Shoe size,,First,State\nada@example.com,38,x,Ada,active", [
    "Shoe size",
    "State",
  ]);
  ignores("email,first\nada@example.com,Ada", []);
  ignores("ada@example.com,Ada", []);
  ignores('{"email":"ada@example.com","id":"1"}', []);
});

test("preferences are JSON in a cell; what is none is left to the service", () => {
  check(
    'email,preferences\na@x.example,"{""theme"":""dark""}"\nb@x.example,\nc@x.example,{dark',
    [
      { email: "a@x.example", preferences: { theme: "dark" } },
      { email: "b@x.example" },
      { email: "c@x.example", preferences: "{dark" },
    ],
  );
});

test("apostrophes and commas of names, without a header", () => {
  check("o'neil@example.com\nNeil,O'Neil,'o'neil@example.com'", [
    { email: "o'neil@example.com" },
    { email: "o'neil@example.com", first: "Neil", last: "O'Neil" },
  ]);
  check(
    '"Lovelace, Ada" <ada@example.com>\nLovelace, Ada <ada@example.com>\nAda,Lovelace,<ada@example.com>',
    [ADA, ADA, ADA],
  );
});

test("a quote that is never closed takes no other line with it", () => {
  check('email,last\nada@example.com,"Lovelace\nbob@example.com,Babbage\n', [
    { email: "ada@example.com", last: '"Lovelace' },
    { email: "bob@example.com", last: "Babbage" },
  ]);
});

test("lines that cannot be read are told, with where they stand", () => {
  check("", []);
  check("\n \n", []);
  check("email,first\n,Ada", [
    { number: 2, text: ",Ada", fault: "This line has no email address." },
  ]);
  check("Ada Lovelace", [
    {
      number: 1,
      text: "Ada Lovelace",
      fault: "This line has no email address.",
    },
  ]);
  check('{"email":"ada@example.com"}\n\n{"email":', [
    { email: "ada@example.com" },
    { number: 3, text: '{"email":', fault: "This is not valid JSON." },
  ]);
  check("email,first,last\nada@example.com,Ada,", [
    { email: "ada@example.com", first: "Ada" },
  ]);
  check('{"email":"ada@example.com"}\nbob@example.com,Bob,Babbage,\n,', [
    { email: "ada@example.com" },
    { email: "bob@example.com", first: "Bob", last: "Babbage" },
    { number: 3, text: ",", fault: "This line has no email address." },
  ]);
  check('{"email":1}', [
    { number: 1, text: '{"email":1}', fault: 'This line has no "email".' },
  ]);
});
