// What people paste, and the addresses that are found in it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { addressesIn, writtenAddress } from "../../console/public/addresses.js";

/** @param {string} text @param {...string} expected */
const check = (text, ...expected) =>
  test(JSON.stringify(text), () =>
    assert.deepEqual(addressesIn(text).map(writtenAddress), expected),
  );

check("");
check("nobody here");
check("ada@example.com", "ada@example.com");
check(
  "ada@a.example bob@b.example\ncy@c.example",
  "ada@a.example",
  "bob@b.example",
  "cy@c.example",
);
check(
  "a@x.example,b@x.example;c@x.example\td@x.example",
  "a@x.example",
  "b@x.example",
  "c@x.example",
  "d@x.example",
);
check("Ada Lovelace <ada@example.com>", "Ada Lovelace <ada@example.com>");
check(
  '"Ada King Lovelace" <ada@example.com>; <bob@example.com>',
  "Ada King Lovelace <ada@example.com>",
  "bob@example.com",
);
check(
  "Ada <ada@example.com>, bob@example.com, Cy Y <cy@example.com>",
  "Ada <ada@example.com>",
  "bob@example.com",
  "Cy Y <cy@example.com>",
);
check(
  "bob@example.com\nAda Lovelace <ada@example.com>",
  "bob@example.com",
  "Ada Lovelace <ada@example.com>",
);
// The first of equal ones stays, with its name.
check("Ada@Example.com ada@example.com", "Ada@Example.com");
check("Ada L <ada@x.example>, ada@x.example", "Ada L <ada@x.example>");
// Apostrophes belong to names and addresses, unless they are around all of it.
check("o'neil@example.com", "o'neil@example.com");
check(
  "'ada@example.com', 'o'neil@example.com'",
  "ada@example.com",
  "o'neil@example.com",
);
check("'ada@example.com", "'ada@example.com");
check("Neil O'Neil <o'neil@example.com>", "Neil O'Neil <o'neil@example.com>");
check("'Ada Lovelace' <ada@example.com>", "Ada Lovelace <ada@example.com>");
// The last name comes first where a comma follows it.
check('"Lovelace, Ada" <ada@x.example>', "Ada Lovelace <ada@x.example>");
check("Lovelace, Ada <ada@x.example>", "Ada Lovelace <ada@x.example>");
check(
  '"King Lovelace, Ada" <ada@x.example>',
  '"King Lovelace, Ada" <ada@x.example>',
);
check(
  'bob@x.example, "Lovelace, Ada" <ada@x.example>',
  "bob@x.example",
  "Ada Lovelace <ada@x.example>",
);
check("Bob, Cy, Ada L <ada@x.example>", "Ada L <ada@x.example>");
check("Bob; Ada L <ada@x.example>", "Ada L <ada@x.example>");
check("Ada,Lovelace,<ada@x.example>", "ada@x.example");
// An address is nobody's name.
check("ada@x.example <ada@x.example>", "ada@x.example");
check('"ada@x.example" <ada@x.example>', "ada@x.example");
check(
  "bob@x.example Ada <ada@x.example>",
  "bob@x.example",
  "Ada <ada@x.example>",
);
check("Ada <3 <ada@x.example>", '"<3, Ada" <ada@x.example>');
check(
  "(ada@example.com) [bob@example.com]",
  "ada@example.com",
  "bob@example.com",
);
check("first+tag@sub.example.co", "first+tag@sub.example.co");
// Slips are kept, so that somebody says that they are none.
check("ada@, @example.com, a@b@c", "ada@", "@example.com", "a@b@c");

test("what is written is read again as the same", () => {
  const text = `"King Lovelace, Ada A." <ada@x.example>; "B; B" <bob@x.example>
    "Cy," <cy@x.example>, Dan <dan@x.example>, e'e@x.example`;
  const found = addressesIn(text);
  assert.equal(found.length, 5);
  assert.deepEqual(addressesIn(found.map(writtenAddress).join("\n")), found);
});

test("a long text is read in a moment, whatever is in it", () => {
  const began = performance.now();
  for (const part of [
    "a",
    "@",
    "<",
    '"',
    "'",
    " ",
    "<@",
    "<a@b",
    '"a" ',
    '"a"<',
    ", a",
    "<a ",
  ]) {
    addressesIn(part.repeat(100_000));
  }
  const seconds = (performance.now() - began) / 1000;
  assert.ok(seconds < 10, `${seconds} s`);
});
// The columns of a sheet: a name in one cell or in two, before the address; other cells are none of it.
check(
  "Name\tEmail\nAda Lovelace\tada@x.example\r\nBob\tbob@x.example",
  "Ada Lovelace <ada@x.example>",
  "Bob <bob@x.example>",
);
check(
  "1\tAda\tLovelace\tada@x.example\n2\tMary Ann\tO'Neil\tmary@x.example",
  "Ada Lovelace <ada@x.example>",
  "Mary Ann O'Neil <mary@x.example>",
);
check("Sales\tAda Lovelace\tada@x.example", "Ada Lovelace <ada@x.example>");
check("ada@x.example\tSales\tbob@x.example", "ada@x.example", "bob@x.example");
check("ada@x.example\tbob@x.example", "ada@x.example", "bob@x.example");
check("030 123\tada@x.example", "ada@x.example");
check("please ask ada@x.example", "ada@x.example");
