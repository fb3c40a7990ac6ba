// PteroJS, used as its users use it, on the panel façade: `node pterojs.mjs URL KEY READ_ONLY_KEY`.
//
// Expects the users that `tests/it/facades/clients.rs` makes. Prints one line of JSON for each step, and fails where
// what comes out is not what went in. What it makes, it deletes.

import assert from "node:assert/strict";
import { key, readKey, refusal, require, say, url } from "./steps.mjs";

const { PteroApp, UserBuilder } = require("@devnote-dev/pterojs");

const { users } = new PteroApp(url, key);
const refused = (step, call) =>
  refusal(step, call, ({ constructor, message, codes, meta }) => ({ error: constructor.name, message, codes, meta }));
const emails = (found) => [...found.values()].map(({ email }) => email);
/** A user as it writes itself, without the id, which is by chance; its dates would be empty objects. */
const shown = (user) => {
  const { id, updated_at, updated_timestamp, created_at, created_timestamp, ...rest } = user.toJSON();
  return { ...rest, created: user.createdAt.toISOString(), updated: user.updatedAt.toISOString() };
};

const sizes = [];
for (let page = 1; page === 1 || page <= users.meta.totalPages; page++) {
  sizes.push((await users.fetch({ page, perPage: 50 })).size);
}
say("pages", { sizes, total: users.meta.total });
const all = await users.fetchAll({ perPage: 100 });
assert.equal(all.size, users.meta.total);
say("fetch all", { first: emails(all)[0], last: emails(all).at(-1), meta: { ...users.meta, links: undefined } });
const falling = await users.fetch({ page: 3, perPage: 30, sort: "-id" });
const links = Object.entries(users.meta.links).map(([name, link]) => [name, link.replace(url, "")]);
say("third page", { size: falling.size, first: emails(falling)[0], links: Object.fromEntries(links) });

say("filter email", { emails: emails(await users.query("USER-15", { filter: "email" })) });
say("filter username", { emails: emails(await users.query("user-007,user-008", { filter: "username", sort: "-id" })) });
say("filter external id", { emails: emails(await users.query("ext-09", { filter: "externalId" })) });
const fourth = [...all.values()][3];
/** Past the client's own cache. */
const forced = { force: true };
say("get", { user: shown(await users.fetch(fourth.id, forced)) });
say("get by external id", { user: shown(await users.fetchExternal("ext-120", forced)) });
const owner = await users.fetchExternal("ext-120", { ...forced, include: ["servers"] });
say("include servers", { servers: [...owner.servers.values()].map(({ id, name }) => ({ id, name })) });
await refused("get unknown", () => users.fetch(999_999));
await refused("get unknown external id", () => users.fetch("ext-12"));

const names = { username: "ptero.js", email: "ptero.js@example.com", firstname: "Petra", lastname: "Rojas" };
const made = await users.create({ ...names });
for (const name in names) assert.equal(made[name], names[name]);
say("create", { user: shown(made) });
const edited = await users.update(made.id, { lastname: "Røjas", externalId: "ptero js 1", isAdmin: true });
say("edit", { user: shown(edited) });
assert.deepEqual(shown(await users.fetch(made.id, forced)), shown(edited));
say("edit with password", { user: shown(await users.update(made.id, { password: "correct horse battery" })) });

const built = new UserBuilder().setUsername("ptero.js-2").setEmail("ptero.js-2@example.com").setFirstname("P");
const second = built.setLastname("J").setPassword("correct horse battery").setExternalId("ptero-js-2").build();
await refused("duplicate e-mail", () => users.create({ ...second, email: names.email }));
await refused("duplicate external id", () => users.create({ ...second, externalId: "ptero js 1" }));
await refused("bad fields", () => users.create({ username: "-", email: "at", firstname: " ", isAdmin: "yes" }));
const kept = await users.create(second);
say("create with password", { user: shown(kept) });
await refused("edit to a duplicate e-mail", () => users.update(kept.id, { email: names.email }));
for (const { id } of [made, kept]) {
  say("delete", { reply: await users.delete(id) });
  await refused("get deleted", () => users.fetch(id, forced));
}
await refused("delete deleted", () => users.delete(made.id));
await refused("delete the owner of a server", () => users.delete(owner.id));

const reader = new PteroApp(url, readKey).users;
assert.equal((await reader.fetchAll()).size, all.size);
await refused("create with read-only key", () => reader.create({ ...names }));
await refused("edit with read-only key", () => reader.update(fourth.id, { email: "at" }));
await refused("delete with read-only key", () => reader.delete(fourth.id));
await refused("delete unknown with read-only key", () => reader.delete(999_999));
await refused("list with unknown key", () => new PteroApp(url, "unknown").users.fetch());
