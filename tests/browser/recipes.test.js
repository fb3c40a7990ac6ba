// docs/recipes.md, run as it stands: in a page of another origin than the service's.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ADA } from "./support/console.js";
import { TRUSTED, jwt } from "./support/issuer.js";
import { Corp } from "./support/providers.js";
import { scene } from "./support/scene.js";
import { totp } from "./support/totp.js";

const CLIENT = fileURLToPath(new URL("../../clients/typescript/", import.meta.url));
const DOCUMENT = fileURLToPath(new URL("../../docs/recipes.md", import.meta.url));
const PAGE = `<!doctype html>
<title>An app</title>
<link rel="icon" href="data:,">
<script type="importmap">{ "imports": { "guestlist-client": "/dist/src/index.js" } }</script>`;
const typescript = createRequire(join(CLIENT, "package.json"))("typescript");

/** The snippets in a language, by the headings that they stand under. */
async function recipes(language) {
  const sections = (await readFile(DOCUMENT, "utf8")).split(/^#+ /m).slice(1);
  const snippet = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "ms");
  const all = sections.map((section) => [section.split("\n")[0], section.match(snippet)?.[1]]);
  return Object.fromEntries(all.filter(([, text]) => text));
}

const TEXTS = await recipes("ts");
const built = await mkdtemp(join(tmpdir(), "guestlist-recipes-"));
await promisify(execFile)(join(CLIENT, "node_modules/.bin/tsc"), ["--outDir", built], { cwd: CLIENT });

const site = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, "http://site");
  if (pathname === "/") return response.writeHead(200, { "Content-Type": "text/html" }).end(PAGE);
  const recipe = TEXTS[decodeURIComponent(pathname.replace("/recipes/", ""))];
  const text = recipe ? scriptOf(recipe) : await readFile(join(built, pathname.replace("/dist/", "")), "utf8");
  response.writeHead(200, { "Content-Type": "text/javascript" }).end(text);
}).listen(0, "127.0.0.1");
await once(site, "listening");
const origin = `http://localhost:${site.address().port}`;

/** The types of a snippet are checked where the client's README is. */
function scriptOf(text) {
  const compilerOptions = { module: typescript.ModuleKind.ESNext, target: typescript.ScriptTarget.ES2022 };
  return typescript.transpileModule(text, { compilerOptions }).outputText;
}

after(async () => {
  site.close();
  site.closeAllConnections();
  await rm(built, { recursive: true });
});

const corp = await Corp.reserve();
const FLAGS = [
  `--cors-origin=${origin}`,
  `--app-url=${origin}/`,
  "--audience=https://api.example.com",
  TRUSTED,
  corp.flag(),
];
const BOB = { email: "bob@example.com", password: "seven green teapots" };

/** A browser in which the app is open, whose client is `client`. */
async function app(service, open) {
  const window = await open();
  for (const one of [origin, corp.issuer]) window.expectOrigin(one);
  await load(window.page, service);
  return window;
}

/** Loads the app. */
async function load(page, { api }) {
  await page.goto(`${origin}/`);
  await begin(page, api);
}

const begin = (page, api) =>
  page.evaluate(async (url) => {
    const { Guestlist, GuestlistError } = await import("guestlist-client");
    Object.assign(window, { Guestlist, GuestlistError, client: new Guestlist({ url, cookie: true }) });
  }, api);

/** Calls a function of a recipe with the client and these values. */
function follow(page, recipe, name, ...values) {
  assert.ok(TEXTS[recipe], `there is no recipe ${recipe}`);
  return page.evaluate(
    async ({ recipe, name, values }) => (await import(`/recipes/${encodeURIComponent(recipe)}`))[name](client, ...values),
    { recipe, name, values },
  );
}

const codeIn = (link) => link.split("=").at(-1);

scene("an invite is accepted, in several accounts, and another backend is called", ...FLAGS, async ({ service, open }) => {
  const root = await service.root(ADA);
  const { page: ada } = await app(service, open);
  await ada.evaluate((known) => client.signIn(known), { email: ADA.email, password: ADA.password });
  const INVITE = "Sign up with an invite";
  await follow(ada, INVITE, "invite", BOB.email);

  const { page } = await app(service, open);
  const code = codeIn(await service.link(BOB.email, "invite"));
  const shown = await follow(page, INVITE, "shown", code);
  assert.deepEqual([shown.accountName, shown.role, shown.inviter], ["Analytical Engines", "user", "Ada Lovelace"]);
  assert.equal(await follow(page, INVITE, "join", code, BOB.password), "Welcome to Analytical Engines");

  // Into another account with the same sign-in.
  const other = await service.call("account/create", root, { name: "Difference Engines" });
  const sent = await service.call("user/create", root, { accountId: other.id, email: BOB.email, role: "admin", sendInvite: true });
  const CHOOSE = "Switch between several accounts";
  const choices = await follow(page, CHOOSE, "choices");
  const texts = choices.map(({ text }) => text);
  assert.deepEqual(texts, ["Analytical Engines", "Ada Lovelace invites you to join Difference Engines as admin"]);
  assert.equal(await follow(page, CHOOSE, "choose", other.id), "Difference Engines");
  assert.equal((await follow(page, CHOOSE, "choices")).length, 2);
  assert.ok(sent.id);
  const third = await service.call("account/create", root, { name: "Looms" });
  const { invite } = await service.call("user/create", root, { accountId: third.id, email: BOB.email, sendInvite: true });
  assert.equal((await follow(page, INVITE, "joinAlso", invite)).account.name, "Looms");

  const claims = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
  const header = await follow(page, "Call another backend", "authorization");
  const { aud, account_id } = claims(header.replace("Bearer ", ""));
  assert.deepEqual([aud, account_id], ["https://api.example.com", third.id]);
  const shell = (await recipes("sh"))["Call another backend"];
  const env = { ...process.env, URL: service.api, TOKEN: root };
  const { stdout } = await promisify(execFile)("bash", ["-c", shell], { env });
  assert.equal(claims(JSON.parse(stdout).accessToken).aud, "https://api.example.com");
});

scene("people sign up, turn on a second factor, and set a new password", ...FLAGS, async ({ service, open }) => {
  await service.root(ADA);
  const window = await app(service, open);
  const { page } = window;
  const PASSWORD = "Sign up and sign in with a password";
  await follow(page, PASSWORD, "signUp", BOB.email, BOB.password);
  await follow(page, PASSWORD, "verify", codeIn(await service.link(BOB.email, "verify")), BOB.password);
  await page.evaluate(() => client.signOut());
  window.foresee("user/login", 403);
  assert.equal(await follow(page, PASSWORD, "signIn", BOB.email, BOB.password), false);
  await page.evaluate(() => client.register("Compilers"));
  await page.evaluate(() => client.signOut());
  assert.equal(await follow(page, PASSWORD, "signIn", BOB.email, BOB.password), true);

  const SECOND = "Turn on a second factor";
  const { secret } = await follow(page, SECOND, "enroll", BOB.password);
  const codes = await follow(page, SECOND, "confirm", totp(secret));
  await page.evaluate(() => client.signOut());
  window.foresee("session/create", 401);
  const signIn = ({ recipe, known, code }) =>
    import(`/recipes/${encodeURIComponent(recipe)}`).then((it) => it.signIn(client, known, async () => code));
  await page.evaluate(signIn, { recipe: SECOND, known: BOB, code: codes[0] });
  await page.evaluate((currentPassword) => client.call("totp/remove", { currentPassword }), BOB.password);
  await page.evaluate(() => client.signOut());

  const RESET = "Set a new password";
  await follow(page, RESET, "forgot", BOB.email);
  await follow(page, RESET, "reset", codeIn(await service.link(BOB.email, "reset")), "tides turn twice");
  assert.equal(await page.evaluate(() => client.call("user/get").then(({ email }) => email)), BOB.email);
});

scene("people sign in with a provider, or with the token of an outside issuer", ...FLAGS, async ({ service, open }) => {
  const root = await service.root(ADA);
  await corp.open(service);
  const window = await app(service, open);
  const { page } = window;
  const PROVIDER = "Sign in with a provider";
  window.foresee("session/refresh", 401);
  assert.equal(await follow(page, PROVIDER, "start"), undefined);
  const click = async (recipe) => {
    const [button] = await (await import(`/recipes/${encodeURIComponent(recipe)}`)).buttons(client);
    await button.click();
    return button.text;
  };
  const left = page.waitForURL(`${corp.issuer}/**`);
  // The page may be left before it can answer.
  await page.evaluate(click, PROVIDER).catch(() => {});
  await left;
  await corp.signIn(page, "grace");
  await page.waitForURL(`${origin}/**`);
  await begin(page, service.api);
  assert.equal(await follow(page, PROVIDER, "start"), "signed-in");
  assert.equal(page.url(), `${origin}/`);
  await page.evaluate(() => client.signOut());

  const OUTSIDE = "Use the tokens of an outside issuer";
  const { invite } = await service.user(root, { email: "eve@example.com", role: "admin", sendInvite: true });
  const token = jwt({ sub: "eve", email: "eve@example.com", email_verified: true });
  await page.evaluate(
    async ({ recipe, url, token }) => {
      const { withTokensOf } = await import(`/recipes/${encodeURIComponent(recipe)}`);
      Object.assign(window, { client: withTokensOf(url, async () => token) });
    },
    { recipe: OUTSIDE, url: service.api, token },
  );
  assert.equal((await follow(page, OUTSIDE, "join", invite)).user.role, "admin");
  assert.equal(await follow(page, OUTSIDE, "whoAmI"), "admin of Analytical Engines");
});
