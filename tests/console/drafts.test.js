// What was typed and is not saved: what is kept of it, for whom, and until when.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { asksBeforeUnload, tokenOf } from "./support/browser.js";

const { client } = await import("../../console/public/client.js");
const { forgetDrafts, keepDraft, withDraft } =
  await import("../../console/public/drafts.js");

const START = { first: "Ada", last: "" };

beforeEach(async () => {
  forgetDrafts();
  await client.signInWithToken(tokenOf("ada"));
});

test("what was typed is there again, and nothing where nothing differs", () => {
  assert.deepEqual(withDraft("user 1", START), START);
  keepDraft("user 1", START, { first: "Adele", last: "" });
  assert.deepEqual(withDraft("user 1", START), { first: "Adele", last: "" });
  assert.deepEqual(withDraft("user 2", START), START);
  keepDraft("user 1", START, START);
  assert.deepEqual(withDraft("user 1", START), START);
  assert.ok(!asksBeforeUnload());
});

test("forms without a name keep nothing", () => {
  keepDraft(undefined, START, { first: "Adele", last: "" });
  assert.deepEqual(withDraft(undefined, START), START);
});

test("what has become another value since is not overwritten", () => {
  keepDraft("user 1", START, { first: "Adele", last: "King" });
  assert.deepEqual(withDraft("user 1", { first: "Augusta", last: "" }), {
    first: "Augusta",
    last: "King",
  });
});

test("secrets are never kept", () => {
  const start = { currentPassword: "", totp: "", emailCode: "", name: "" };
  keepDraft("x", start, {
    currentPassword: "rivers",
    totp: "1",
    emailCode: "2",
    name: "Ada",
  });
  assert.deepEqual(withDraft("x", start), { ...start, name: "Ada" });
});

test("nobody else sees it", async () => {
  keepDraft("user 1", START, { first: "Adele", last: "" });
  keepDraft("long", { text: "" }, { text: "x".repeat(300_000) });
  await client.signInWithToken(tokenOf("bob"));
  assert.deepEqual(withDraft("user 1", START), START);
  assert.deepEqual(withDraft("long", { text: "" }), { text: "" });
  await client.signInWithToken(tokenOf("ada"));
  assert.deepEqual(withDraft("user 1", START), { first: "Adele", last: "" });
});

test("what is too long to be stored is asked about before the page goes", () => {
  const text = "ada@example.com\n".repeat(20_000);
  keepDraft("user 1", START, { first: "Adele", last: "" });
  keepDraft("import", { text: "" }, { text });
  assert.deepEqual(withDraft("import", { text: "" }), { text });
  assert.deepEqual(withDraft("user 1", START), { first: "Adele", last: "" });
  assert.ok(asksBeforeUnload());
  keepDraft("import", { text: "" }, { text: "" });
  assert.ok(!asksBeforeUnload());
  keepDraft("import", { text: "" }, { text });
  forgetDrafts();
  assert.ok(!asksBeforeUnload());
  assert.deepEqual(withDraft("import", { text: "" }), { text: "" });
});
