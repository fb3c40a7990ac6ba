// What people paste, and the addresses that are found in it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { addressesIn, writtenAddress } from "../../console/addresses.js";

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
check("Ada@Example.com ada@example.com", "ada@example.com");
check(
  "(ada@example.com) [bob@example.com]",
  "ada@example.com",
  "bob@example.com",
);
check("first+tag@sub.example.co", "first+tag@sub.example.co");
// Slips are kept, so that somebody says that they are none.
check("ada@, @example.com, a@b@c", "ada@", "@example.com", "a@b@c");
