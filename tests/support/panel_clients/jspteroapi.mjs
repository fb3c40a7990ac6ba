// JSPteroAPI, used as its users use it, on the panel façade: `node jspteroapi.mjs URL KEY READ_ONLY_KEY`.
//
// Expects the users that `tests/it/facades/clients.rs` makes. Prints one line of JSON for each step, and fails where
// what comes out is not what went in. What it makes, it deletes.

import assert from "node:assert/strict";
import { key, readKey, refusal, require, say, shown, url } from "./steps.mjs";

const { Application } = require("jspteroapi");

const panel = new Application(url, key);
const refused = (step, call) =>
  refusal(step, call, ({ HTML_STATUS: status, HTML_STATUS_TEXT: text, ERRORS: errors }) => ({ status, text, errors }));
const emails = (found) => found.map(({ attributes }) => attributes.email);

say("test", { works: await panel.testAPI() });
// Page by page, 75 on each.
const all = await panel.getAllUsers();
assert.equal(new Set(emails(all)).size, all.length);
say("all", { size: all.length, first: emails(all)[0], last: emails(all).at(-1) });
say("filter email", { emails: emails(await panel.getAllUsers({}, { filterBy: "email", filter: "USER-15" })) });
const found = await panel.getAllUsers({ servers: true }, { filterBy: "external_id", filter: "ext-09,ext-12" });
say("filter external id", { users: found.map(({ attributes: { email, relationships } }) => ({ email, relationships })) });
await refused("filter unknown", () => panel.getAllUsers({}, { filterBy: "password", filter: "x" }));
const { id } = all[3].attributes;
say("get", { user: shown(await panel.getUserInfo(id)) });
assert.deepEqual(await panel.getUserInfo(id), all[3].attributes);
await refused("get unknown", () => panel.getUserInfo(999_999));
await refused("get what is no number", () => panel.getUserInfo("user-003"));

const password = "correct horse battery";
const made = await panel.createUser("JSPtero-API", "Jasper", "Rosapi", "JSPtero@Example.com");
say("create", { user: shown(made) });
// As a shop does that looks for its customer.
const [customer] = await panel.getAllUsers({}, { filterBy: "email", filter: "JSPtero@Example.com" });
assert.equal(customer.attributes.email, "JSPtero@Example.com");
const edited = await panel.editUser(made.id, { lastName: "Røsapi", isAdmin: true, externalId: "jspteroapi 1", language: "de" });
say("edit", { user: shown(edited) });
assert.deepEqual(await panel.getUserInfo(made.id), edited);
say("edit with password", { user: shown(await panel.editUser(made.id, { password, options: { servers: true } })) });
await refused("duplicate e-mail", () => panel.createUser("jspteroapi-2", "J", "A", "jsptero@example.com"));
await refused("bad fields", () => panel.createUser("-", " ", "A", "at", password, "yes", "xx"));
const kept = await panel.createUser("jspteroapi-2", "J", "A", "jsptero-2@example.com", password, false, "en", "jspteroapi-2");
say("create with password", { user: shown(kept) });
await refused("edit to a duplicate username", () => panel.editUser(kept.id, { username: made.username }));
for (const { id } of [made, kept]) {
  say("delete", { reply: await panel.deleteUser(id) });
  await refused("get deleted", () => panel.getUserInfo(id));
}
await refused("edit deleted", () => panel.editUser(made.id, {}));
await refused("delete deleted", () => panel.deleteUser(made.id));
await refused("delete the owner of a server", () => panel.deleteUser(found.at(-1).attributes.id));

const reader = new Application(url, readKey);
assert.equal((await reader.getAllUsers()).length, all.length);
await refused("create with read-only key", () => reader.createUser("jspteroapi-3", "J", "A", "jsptero-3@example.com"));
await refused("edit with read-only key", () => reader.editUser(id, { email: "at" }));
await refused("delete with read-only key", () => reader.deleteUser(id));
// Without the test at the start, whose failure nobody could catch.
const stranger = new Application(url, "unknown", undefined, true);
await refused("test with unknown key", () => stranger.testAPI());
await refused("list with unknown key", () => stranger.getAllUsers());
