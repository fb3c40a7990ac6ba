// The TypeScript client and its example page, served by another origin than the service.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ADA, button } from "./support/console.js";
import { Expiry, nextToken } from "./support/expiry.js";
import { Corp } from "./support/providers.js";
import { scene } from "./support/scene.js";

const CLIENT = fileURLToPath(new URL("../../clients/typescript/", import.meta.url));
/** A page that keeps its tokens in the browser's store instead of a cookie. */
const SHARED = `<!doctype html>
<title>Everybody</title>
<script type="importmap">{ "imports": { "guestlist-client": "/dist/src/index.js" } }</script>
<script type="module">
  import { Guestlist, inBrowser } from "guestlist-client";
  const url = new URLSearchParams(location.search).get("service");
  window.client = new Guestlist({ url, store: inBrowser() });
  window.list = async () => {
    const { data: [{ email, role, state }] } = await client.call("user/find", {});
    document.querySelector("pre").textContent = email + ": " + role + ", " + state;
  };
  if (client.tokens) list();
</script>
<pre></pre>`;
const TYPES = { ".html": "text/html", ".js": "text/javascript" };

const built = await mkdtemp(join(tmpdir(), "guestlist-client-"));
await promisify(execFile)(join(CLIENT, "node_modules/.bin/tsc"), ["--outDir", built], { cwd: CLIENT });

// As any server of files would: the folder of the client, with what is built in `dist`.
const site = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, "http://site");
  if (pathname === "/shared/") return response.writeHead(200, { "Content-Type": "text/html" }).end(SHARED);
  const path = pathname.endsWith("/") ? `${pathname}index.html` : pathname;
  const file = path.startsWith("/dist/") ? join(built, path.slice("/dist".length)) : join(CLIENT, path);
  const text = await readFile(file).catch(() => undefined);
  response.writeHead(text ? 200 : 404, { "Content-Type": TYPES[extname(file)] ?? "text/plain" }).end(text);
}).listen(0, "127.0.0.1");
await once(site, "listening");
// Of the same site as the service: else there is no cookie.
const origin = `http://localhost:${site.address().port}`;

after(async () => {
  site.close();
  await rm(built, { recursive: true });
});

const corp = await Corp.reserve();

/** The lines of the list, once this one is among them. */
async function lines(page, line) {
  await page.locator("pre").getByText(line).waitFor();
  return (await page.locator("pre").innerText()).split("\n");
}

/** What is typed into one of the forms. */
async function submit(page, id, values, name) {
  const form = page.locator(`#${id}`);
  for (const [label, value] of Object.entries(values)) await form.getByLabel(label).fill(value);
  await button(form, name).click();
}

scene("a page of another origin signs in, lists and invites", `--cors-origin=${origin}`, async ({ service, open }) => {
  await service.root(ADA);
  const window = await open();
  window.expectOrigin(origin);
  const { page } = window;
  // An icon is asked for by the browser itself.
  window.tolerate(`${origin}/favicon.ico`, 404);
  // Nobody has signed in yet.
  window.foresee("session/refresh", 401);
  await page.goto(`${origin}/example/?service=${service.api}`);
  await submit(page, "sign-in", { "Email": ADA.email, Password: ADA.password }, "Sign in");
  assert.deepEqual(await lines(page, ADA.email), [`${ADA.email}: root, active`]);
  await submit(page, "invite", { "Email": "bob@example.com" }, "Invite");
  const both = [`${ADA.email}: root, active`, "bob@example.com: user, invited"];
  assert.deepEqual(await lines(page, "bob"), both);
  await page.reload();
  assert.deepEqual(await lines(page, "bob"), both);

  // What the service refuses is told in its words, or in the page's own.
  const dialogs = [];
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    return dialog.accept();
  });
  window.foresee("user/create", 409);
  await Promise.all([page.waitForEvent("dialog"), submit(page, "invite", { "Email": ADA.email }, "Invite")]);
  assert.deepEqual(dialogs, ["That one is here already."]);
});

scene("its tabs have one session, which no script can take", `--cors-origin=${origin}`, async ({ service, open }) => {
  await service.root(ADA);
  const window = await open();
  window.expectOrigin(origin);
  window.tolerate(`${origin}/favicon.ico`, 404);
  const tabs = [window.page, await window.tab(), await window.tab()];
  for (const tab of tabs) {
    window.foresee("session/refresh", 401);
    await tab.goto(`${origin}/example/?service=${service.api}`);
    await tab.waitForLoadState("networkidle");
  }
  await submit(tabs[0], "sign-in", { "Email": ADA.email, Password: ADA.password }, "Sign in");
  for (const tab of tabs) assert.deepEqual(await lines(tab, ADA.email), [`${ADA.email}: root, active`]);
  const kept = () => JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }]);
  for (const tab of tabs) assert.doesNotMatch(await tab.evaluate(kept), /glr_|eyJ/);
  const [cookie, ...others] = await window.context.cookies(service.api);
  assert.deepEqual([cookie.httpOnly, cookie.sameSite, others], [true, "Strict", []]);
  await button(tabs[1].locator("#sign-out"), "Sign out").click();
  for (const tab of tabs) await tab.waitForFunction(() => document.querySelector("pre").textContent === "");
  assert.deepEqual(await window.context.cookies(service.api), []);
});

scene("its tabs renew their tokens once", `--cors-origin=${origin}`, async ({ service, open }) => {
  await service.root(ADA);
  const window = await open();
  window.expectOrigin(origin);
  window.tolerate(`${origin}/favicon.ico`, 404);
  const { page } = window;
  const signedIn = nextToken(window);
  await page.goto(`${origin}/shared/?service=${service.api}`);
  await page.waitForFunction(() => "list" in window);
  await page.evaluate(({ email, password }) => client.signIn({ email, password }).then(list), ADA);
  const expiry = await Expiry.of(window, await signedIn, { "Access-Control-Allow-Origin": origin });
  const tabs = [page, await window.tab(), await window.tab()];
  for (const tab of tabs.slice(1)) await tab.goto(page.url());
  // A page that is left while it renews its tokens loses the new ones.
  for (const tab of tabs) await lines(tab, ADA.email);

  window.tolerate("user/find", 401);
  for (let round = 1; round <= 4; round++) {
    expiry.expire();
    await Promise.all(tabs.map((tab) => tab.reload()));
    for (const tab of tabs) assert.deepEqual(await lines(tab, ADA.email), [`${ADA.email}: root, active`]);
    assert.equal(expiry.refreshes, round, `refreshes in ${round} rounds`);
  }
});

const APP = `--app-url=${origin}/example/`;

scene("it signs in with a provider, once who is known has said so", `--cors-origin=${origin}`, APP, corp.flag(), async ({ service, open }) => {
  await service.root(ADA);
  corp.people.ada = { email: ADA.email, email_verified: true };
  await corp.open(service);
  const window = await open();
  for (const one of [origin, corp.issuer]) window.expectOrigin(one);
  window.tolerate(`${origin}/favicon.ico`, 404);
  const { page } = window;
  window.foresee("session/refresh", 401);
  await page.goto(`${origin}/example/?service=${service.api}`);
  const leave = async () => {
    await button(page, `Continue with ${corp.label}`).click();
    await page.waitForURL(`${corp.issuer}/**`);
  };
  await leave();
  window.foresee("provider/finish", 401);
  window.foresee("session/refresh", 401);
  await corp.signIn(page, "ada");
  await submit(page, "link", { "Password or code": ADA.password }, "Go on");
  assert.deepEqual(await lines(page, ADA.email), [`${ADA.email}: root, active`]);
  assert.equal(page.url(), `${origin}/example/`);
  // It stays signed in, and signs in by the provider alone from then on.
  await page.reload();
  await lines(page, ADA.email);
  await button(page.locator("#sign-out"), "Sign out").click();
  await page.waitForFunction(() => document.querySelector("pre").textContent === "");
  await button(page, `Continue with ${corp.label}`).click();
  assert.deepEqual(await lines(page, ADA.email), [`${ADA.email}: root, active`]);
});
