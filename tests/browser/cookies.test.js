// How the console holds a session: by a cookie that no script can read, where there can be one.

import assert from "node:assert/strict";
import { ADA, button, field, fill, heading, says, signIn, signOut } from "./support/console.js";
import { EXPIRED, Expiry, nextToken } from "./support/expiry.js";
import { scene } from "./support/scene.js";
import { eventually } from "./support/service.js";

const BOB = { email: "bob@example.com", password: "seven green teapots", first: "Bob", last: "Babbage" };
const REFRESH_TOKEN = /glr_/;

/** All that scripts of the page can read. */
const readable = (page) =>
  page.evaluate(async () => {
    const opened = indexedDB.open("guestlist-client");
    await new Promise((resolve) => (opened.onsuccess = resolve));
    const asked = opened.result.transaction("values").objectStore("values").getAll();
    await new Promise((resolve) => (asked.onsuccess = resolve));
    opened.result.close();
    return JSON.stringify([{ ...localStorage }, { ...sessionStorage }, asked.result, document.cookie]);
  });

/** What the console keeps in local storage of a person who is signed in. */
const kept = (page) => page.evaluate(() => JSON.parse(localStorage.getItem("guestlist:/") ?? "null"));

for (const flags of [[], ["--base-path=/people"]]) {
  scene(`no script can read what renews the session ${flags}`, ...flags, async ({ service, open }) => {
    await service.root(ADA);
    const window = await open();
    const { context, page } = window;
    await signIn(page, service, ADA);
    assert.doesNotMatch(await readable(page), REFRESH_TOKEN);
    assert.equal(await page.evaluate(() => document.cookie), "");
    const [cookie, ...others] = await context.cookies();
    assert.deepEqual(others, []);
    assert.match(cookie.value, REFRESH_TOKEN);
    assert.equal(cookie.httpOnly, true);
    assert.equal(cookie.sameSite, "Strict");
    assert.equal(await page.getByText("where scripts on this page can read it").count(), 0);

    await page.reload();
    await heading(page, "Users").waitFor();
    const other = await window.tab();
    await other.goto(`${service.console}#/me`);
    await heading(other, "Ada Lovelace").waitFor();
  });
}

scene("an access token that has expired is renewed by the cookie", async ({ service, open }) => {
  await service.root(ADA);
  const window = await open();
  const { page } = window;
  const signedIn = nextToken(window);
  await signIn(page, service, ADA);
  const { session } = await kept(page);
  const expiry = await Expiry.of(window, await signedIn);
  for (const call of ["user/get", "user/find", "user/login", "account/get"]) window.tolerate(call, 401);
  expiry.expire();
  const [request] = await Promise.all([
    page.waitForRequest((request) => request.url().endsWith("/session/refresh")),
    page.reload(),
  ]);
  await page.getByRole("main").getByText(ADA.email).locator("visible=true").first().waitFor();
  assert.equal(expiry.refreshes, 1);
  assert.deepEqual(request.postDataJSON(), { session });
  assert.ok(!("refreshToken" in (await kept(page))));
  assert.doesNotMatch(await readable(page), REFRESH_TOKEN);
});

scene("signing out ends the session and takes the cookie away", async ({ service, open }) => {
  await service.root(ADA);
  const window = await open();
  const { context, page } = window;
  const other = await window.tab();
  const signedIn = nextToken(window);
  await signIn(page, service, ADA);
  const accessToken = await signedIn;
  await other.goto(`${service.console}#/me`);
  await heading(other, "Ada Lovelace").waitFor();
  // The access token is none any more; the cookie is enough.
  const expiry = await Expiry.of(window, accessToken);
  expiry.expire();
  await signOut(page);
  for (const tab of [page, other]) await heading(tab, "Sign in").waitFor();
  assert.deepEqual(await context.cookies(), []);
  assert.equal(await kept(page), null);
  assert.equal((await service.ask("user/get", accessToken, {})).status, 401);
  assert.equal(expiry.refreshes, 0);
});

scene("who signs out while the service cannot be told is told that", async ({ service, open }) => {
  await service.root(ADA);
  const window = await open({ size: "phone" });
  const { page } = window;
  await signIn(page, service, ADA);
  window.tolerate("session/remove", 503);
  const busy = { status: 503, contentType: "application/problem+json", body: JSON.stringify({ code: "unavailable" }) };
  await page.route("**/session/remove", (route) => route.fulfill(busy));
  await signOut(page);
  await heading(page, "Sign in").waitFor();
  await says(page, "the service could not be reached");
  await window.look("sign-out-untold");
  assert.equal(await kept(page), null);
});

/** Ada's window on Bob's page, where a change of hers is under way. */
async function changing({ service, open }) {
  const token = await service.root(ADA);
  const { id } = await service.user(token, { ...BOB, role: "admin" });
  const window = await open();
  const { page } = window;
  await signIn(page, service, ADA, `users/${id}`, "Bob Babbage");
  const held = [];
  await page.route("**/user/update", (route) => held.push(route));
  await fill(page, { "First name": "Robert" });
  await button(page, "Save profile").click();
  await eventually("the change", () => held.length === 1);
  window.foresee("user/update", 401);
  return { window, page, held, assertNotDone: async () => {
    assert.equal(held.length, 1);
    assert.equal((await service.call("user/get", token, { id })).first, "Bob");
  } };
}

scene("what one has begun is not done as another person who signs in in another tab", async (stage) => {
  const { service } = stage;
  const { window, page, held, assertNotDone } = await changing(stage);
  const before = await kept(page);
  const other = await window.tab();
  await other.goto(`${service.console}#/sign-in`);
  await fill(other, { "Email": BOB.email, Password: BOB.password });
  await button(other, "Sign in").click();
  await other.getByRole("banner").getByText("Bob Babbage").waitFor({ state: "attached" });
  await held[0].fulfill(EXPIRED);
  await page.getByRole("banner").getByText("Bob Babbage").waitFor({ state: "attached" });
  await page.reload();
  await page.getByRole("banner").getByText("Bob Babbage").waitFor({ state: "attached" });
  await assertNotDone();
  // There is one cookie, so the session that was in it before has ended.
  assert.equal((await service.ask("user/get", before.accessToken, {})).status, 401);
});

scene("what one has begun is not done as another person who has got the cookie from elsewhere", async (stage) => {
  const { service } = stage;
  const { window, page, held, assertNotDone } = await changing(stage);
  // As a page of another origin does that the service trusts: the console is not told.
  const taken = await page.evaluate(async ({ url, body }) => {
    const headers = { "Content-Type": "application/json" };
    return (await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })).status;
  }, { url: `${service.api}/session/create`, body: { email: BOB.email, password: BOB.password, cookie: true } });
  assert.equal(taken, 200);
  const [cookie] = await window.context.cookies();
  window.foresee("session/refresh", 409);
  await held[0].fulfill(EXPIRED);
  await heading(page, "Sign in").waitFor();
  await says(page, "Your session has ended");
  await assertNotDone();
  assert.deepEqual(await window.context.cookies(), [cookie]);
});

scene("127.0.0.1 leads to localhost", async ({ service, open }) => {
  await service.root(ADA);
  const window = await open({ size: "phone" });
  const { page } = window;
  const address = service.console.replace("localhost", "127.0.0.1");
  window.expectOrigin(new URL(address).origin);
  await page.goto(`${address}#/forgot`);
  await heading(page, "Forgot your password?").waitFor();
  assert.equal(page.url(), `${service.console}#/forgot`);
});

scene("a name that has no cookie keeps the refresh token, and says so", async ({ service, open }) => {
  await service.root(ADA);
  const window = await open({ size: "phone" });
  const { context, page } = window;
  const { origin } = service;
  const elsewhere = origin.replace("localhost", "guests.lan");
  window.expectOrigin(elsewhere);
  await context.route(`${elsewhere}/**`, async (route) => {
    const response = await route.fetch({ url: route.request().url().replace(elsewhere, origin) });
    await route.fulfill({ response });
  });
  await page.goto(`${elsewhere}/`);
  await says(page, "This connection is not encrypted");
  await window.look("sign-in-plain");
  await fill(page, { "Email": ADA.email, Password: ADA.password });
  await button(page, "Sign in").click();
  await heading(page, "Overview").waitFor();
  assert.match((await kept(page)).refreshToken, REFRESH_TOKEN);
  assert.deepEqual(await context.cookies(), []);
});

scene("a session of before there were cookies goes on until it ends", async ({ service, open }) => {
  await service.root(ADA);
  const { accessToken, refreshToken, session } = await service.signIn(ADA);
  const window = await open();
  const { context, page } = window;
  await page.goto(service.console);
  await heading(page, "Sign in").waitFor();
  const old = JSON.stringify({ accessToken, refreshToken, session });
  await page.evaluate((old) => localStorage.setItem("guestlist:/", old), old);
  await page.reload();
  await heading(page, "Overview").waitFor();

  const expiry = await Expiry.of(window, accessToken);
  for (const call of ["user/get", "user/login", "account/get", "account/overview"]) window.tolerate(call, 401);
  expiry.expire();
  await page.reload();
  await heading(page, "Overview").waitFor();
  assert.equal(expiry.refreshes, 1);
  assert.match((await kept(page)).refreshToken, REFRESH_TOKEN);
  assert.deepEqual(await context.cookies(), []);

  await signOut(page);
  await heading(page, "Sign in").waitFor();
  assert.equal((await service.ask("session/refresh", "", { refreshToken })).status, 401);
  assert.equal(await field(page, "Email").inputValue(), "");
});
