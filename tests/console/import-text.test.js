// Users in texts: lines of JSON, sheets with and without a header, plain addresses, and what is none.

import assert from "node:assert/strict";
import { test } from "node:test";
import { linesIn } from "../../console/import-text.js";

/** @param {string} text @param {object[]} users */
const check = (text, users) =>
  assert.deepEqual(
    linesIn(text).map((line) => ("user" in line ? line.user : line)),
    users,
  );

const ADA = { email: "ada@example.com", first: "Ada", last: "Lovelace" };

test("a sheet with a header, whatever separates its cells", () => {
  check("email,first,last\nada@example.com,Ada,Lovelace\n", [ADA]);
  check("First name;Last name;E-mail\r\nAda;Lovelace;ada@example.com\r\n", [
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
    linesIn('email,last\na@example.com,"x\ny"\n\nb@example.com').map(
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

test("lines that cannot be read are told, with where they stand", () => {
  check("", []);
  check("\n \n", []);
  check("email,first\n,Ada", [
    { number: 2, text: ",Ada", fault: "It has no e-mail." },
  ]);
  check("Ada Lovelace", [
    {
      number: 1,
      text: "Ada Lovelace",
      fault: "There is no e-mail address in it.",
    },
  ]);
  check('{"email":"ada@example.com"}\n\n{"email":', [
    { email: "ada@example.com" },
    { number: 3, text: '{"email":', fault: "This is no JSON." },
  ]);
  check("email,first,last\nada@example.com,Ada,", [
    { email: "ada@example.com", first: "Ada" },
  ]);
  check('{"email":"ada@example.com"}\nbob@example.com,Bob,Babbage,\n,', [
    { email: "ada@example.com" },
    { email: "bob@example.com", first: "Bob", last: "Babbage" },
    { number: 3, text: ",", fault: "There is no e-mail address in it." },
  ]);
  check('{"email":1}', [
    { number: 1, text: '{"email":1}', fault: 'It has no "email".' },
  ]);
});
