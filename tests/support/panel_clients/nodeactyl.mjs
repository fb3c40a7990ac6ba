// Nodeactyl, used as its users use it, on the panel façade: `node nodeactyl.mjs URL KEY READ_ONLY_KEY`.
//
// Expects the users that `tests/it/facades/clients.rs` makes. Prints one line of JSON for each step, and fails where
// what comes out is not what went in. What it makes, it deletes.

import assert from "node:assert/strict";
import { key, readKey, refusal, require, say, shown, url } from "./steps.mjs";

const { NodeactylApplication } = require("nodeactyl");

const panel = new NodeactylApplication(url, key);
// All that it says of an error is its status.
const refused = (step, call) => refusal(step, call, (status) => ({ status }));

const pages = [await panel.getAllUsers()];
while (pages.length < pages[0].meta.pagination.total_pages) pages.push(await panel.getUserPage(pages.length + 1));
const all = pages.flatMap(({ data }) => data).map(({ attributes }) => attributes);
assert.equal(new Set(all.map(({ email }) => email)).size, pages[0].meta.pagination.total);
const beyond = await panel.getUserPage(99);
const pagination = [...pages, beyond].map(({ meta }) => meta.pagination);
for (const { links } of pagination) for (const name in links) links[name] = links[name].replace(url, "");
say("pages", { pagination: pagination.slice(0, -1), first: all[0].email, last: all.at(-1).email });
say("page beyond the last", { page: beyond });
// Both go through every page, and find whom the last page has.
const last = all.at(-1);
assert.deepEqual((await panel.getUserByUsername(last.username)).attributes, last);
assert.deepEqual((await panel.getUserByEmail(last.email)).attributes, last);
const { id } = all[3];
say("get", { user: shown((await panel.getUserDetails(id)).attributes) });
await refused("get unknown", () => panel.getUserDetails(999_999));
say("servers", { page: await panel.getAllServers() });

const made = (await panel.createUser("nodeactyl@example.com", "Node.Actyl", "Nora", "Dactyl")).attributes;
say("create", { user: shown(made) });
const names = ["nodeactyl@example.com", "node.actyl", "Nora", "Dåctyl"];
say("edit", { reply: await panel.updateUserDetails(made.id, ...names, "de", "correct horse battery") });
say("edited", { user: shown((await panel.getUserDetails(made.id)).attributes) });
await refused("duplicate e-mail", () => panel.createUser("nodeactyl@example.com", "nodeactyl-2", "N", "D"));
await refused("no last name", () => panel.createUser("nodeactyl-2@example.com", "nodeactyl-2", "N"));
await refused("edit to an unknown language", () => panel.updateUserDetails(made.id, ...names, "xx"));
const kept = await panel.createUser("nodeactyl-2@example.com", "nodeactyl-2", "N", "D", "correct horse battery");
say("create with password", { user: shown(kept.attributes) });
for (const { id } of [made, kept.attributes]) {
  say("delete", { reply: await panel.deleteUser(id) });
  await refused("get deleted", () => panel.getUserDetails(id));
}
await refused("delete deleted", () => panel.deleteUser(made.id));
const owner = all.find(({ external_id }) => external_id === "ext-120");
await refused("delete the owner of a server", () => panel.deleteUser(owner.id));

const reader = new NodeactylApplication(url, readKey);
assert.deepEqual(await reader.getUserDetails(id), await panel.getUserDetails(id));
await refused("create with read-only key", () => reader.createUser("nodeactyl-3@example.com", "nodeactyl-3", "N", "D"));
await refused("edit with read-only key", () => reader.updateUserDetails(id, "at"));
await refused("edit unknown with read-only key", () => reader.updateUserDetails(999_999, "at"));
await refused("delete with read-only key", () => reader.deleteUser(id));
await refused("list with unknown key", () => new NodeactylApplication(url, "unknown").getAllUsers());
