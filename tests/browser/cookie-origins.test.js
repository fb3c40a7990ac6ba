// Whose pages may work with the cookie, and what becomes of all others' attempts: as a real browser has it.

import assert from "node:assert/strict";
import { ADA, button, fill, heading, says } from "./support/console.js";
import { launchWith, scene } from "./support/scene.js";
import { Service } from "./support/service.js";
import { selfSigned, serveProxy, serveSite } from "./support/sites.js";

const NAMES = ["nas.lan", "auth.example.com", "app.example.com", "evil.example.com"];
const rules = NAMES.map((name) => `MAP ${name} 127.0.0.1`).join(", ");
launchWith(`--host-resolver-rules=${rules}`, "--ignore-certificate-errors");

const CREDENTIALS = { email: ADA.email, password: ADA.password };
const REFRESH_TOKEN = /^glr_/;

const [port, otherPort] = [await serveSite(), await serveSite()];
const LISTED = `http://localhost:${port}`;
const UNLISTED = `http://localhost:${otherPort}`;
/** The same program, but of another site. */
const ELSEWHERE = `http://127.0.0.1:${port}`;

/** What people see of the service where it is behind a proxy. */
const front = await serveProxy();
const FRONT = `http://localhost:${front.port}`;
const LAN = `http://nas.lan:${front.port}`;

const tls = await selfSigned("example.com");
const [auth, appPort, evilPort] = [await serveProxy(tls), await serveSite(tls), await serveSite(tls)];
const AUTH = `https://auth.example.com:${auth.port}`;
const APP = `https://app.example.com:${appPort}`;
const EVIL = `https://evil.example.com:${evilPort}`;

/** A browser that nobody is signed in with: its cookies, and its pages by their addresses. */
async function visitor(open) {
  const window = await open({ isJudged: false });
  const visit = async (url) => {
    const page = await window.tab();
    await page.goto(url);
    return page;
  };
  /** The only cookie of them all. */
  const cookie = async () => {
    const [cookie, ...others] = await window.context.cookies();
    assert.deepEqual(others, []);
    return cookie;
  };
  return { context: window.context, visit, cookie };
}

/** What a page is answered: the status and the reply. Where the browser keeps it from the page, the error's name. */
function ask(page, api, call, body = {}, credentials = "include") {
  const headers = { "Content-Type": "application/json" };
  const init = { method: "POST", credentials, headers, body: JSON.stringify(body) };
  const run = async ({ url, init }) => {
    const answer = await fetch(url, init).catch((error) => error.name);
    return typeof answer === "string" ? { error: answer } : { status: answer.status, ...(await answer.json()) };
  };
  return page.evaluate(run, { url: `${api}/${call}`, init });
}

/** Signs Ada in with the cookie; returns the reply. */
async function signIn(page, api) {
  const reply = await ask(page, api, "session/create", { ...CREDENTIALS, cookie: true });
  assert.equal(reply.status, 200, JSON.stringify(reply));
  assert.ok(reply.accessToken && reply.session);
  assert.equal(reply.refreshToken, undefined);
  return reply;
}

/** The page renews the session by the cookie, whose token is another one then. */
async function assertRefreshes(page, api, { cookie }) {
  const before = await cookie();
  const reply = await ask(page, api, "session/refresh");
  assert.equal(reply.status, 200, JSON.stringify(reply));
  assert.equal(reply.refreshToken, undefined);
  const after = await cookie();
  assert.match(after.value, REFRESH_TOKEN);
  assert.notEqual(after.value, before.value);
  assert.deepEqual([after.name, after.domain, after.path], [before.name, before.domain, before.path]);
  return reply;
}

async function assertRefused(answer, status, code) {
  const { status: actual, code: said, error, detail } = await answer;
  assert.deepEqual([actual, said], [status, code], error ?? detail);
}

const assertBlocked = async (answer) => assert.deepEqual(await answer, { error: "TypeError" });

/** Whatever the page tries at a service behind a proxy, it reads nothing, and the cookie stays as it is. */
async function assertKeptOut(page, { url, proxy }, { context }, isSameSite) {
  const before = await context.cookies();
  const [{ name, value }] = before;
  const wanted = { ...CREDENTIALS, cookie: true };
  const calls = ["session/create", "session/refresh", "session/remove"];
  for (const call of calls) await assertBlocked(ask(page, url, call, call === calls[0] ? wanted : {}));
  // What browsers send for any page, without asking the service first.
  for (const call of calls) {
    for (const body of [undefined, "{}", JSON.stringify(wanted)]) {
      const send = ({ url, body }) =>
        fetch(url, { method: "POST", mode: "no-cors", credentials: "include", body }).catch(() => {});
      await page.evaluate(send, { url: `${url}/${call}`, body });
      // Another page may still be fetching its own files.
      const { path, cookie, status } = proxy.passed.findLast(({ method }) => method === "POST");
      assert.equal(path, `/${call}`);
      // Within the site the browser does send it, so it is the service that refuses.
      assert.equal(cookie, isSameSite ? `${name}=${value}` : undefined);
      const isRefused = call === "session/refresh" && !body ? status === 403 : status >= 400 && status < 500;
      assert.ok(isRefused, `${call} with ${body} was answered ${status}`);
    }
  }
  assert.deepEqual(await context.cookies(), before);
}

const listing = (...origins) => origins.map((origin) => `--cors-origin=${origin}`);
/** At that address, with pages of these other origins. */
const at = (url, ...origins) => [`--public-url=${url}`, ...listing(...origins)];

scene("a listed origin of the same site works with the cookie", ...listing(LISTED), async ({ service, open }) => {
  await service.root(ADA);
  const { api } = service;
  const browser = await visitor(open);
  const page = await browser.visit(LISTED);
  await assertRefused(ask(page, api, "session/refresh"), 401, "unauthenticated");
  const { session } = await signIn(page, api);
  const { name, value, httpOnly, sameSite, secure } = await browser.cookie();
  assert.match(name, /^guestlist-[0-9a-f]{8}$/);
  assert.match(value, REFRESH_TOKEN);
  assert.deepEqual([httpOnly, sameSite, secure], [true, "Strict", false]);

  await page.reload();
  assert.equal((await assertRefreshes(page, api, browser)).session, session);
  const own = await browser.visit(service.console);
  assert.equal((await ask(own, api, "session/refresh")).session, session);
  for (const tab of [page, own]) assert.equal(await tab.evaluate(() => document.cookie), "");

  assert.equal((await ask(page, api, "session/remove")).ended, 1);
  assert.deepEqual(await browser.context.cookies(), []);
  await assertRefused(ask(page, api, "session/refresh"), 401, "unauthenticated");
});

scene("an origin that is not listed is kept out", ...at(FRONT, LISTED), async ({ service, open }) => {
  front.leadTo(service);
  await service.root(ADA);
  const browser = await visitor(open);
  const page = await browser.visit(LISTED);
  const { session } = await signIn(page, FRONT);
  await assertKeptOut(await browser.visit(UNLISTED), { url: FRONT, proxy: front }, browser, true);
  assert.equal((await assertRefreshes(page, FRONT, browser)).session, session);
});

scene("another site has no cookie, listed or not", ...at(FRONT, LISTED, ELSEWHERE), async ({ service, open }) => {
  front.leadTo(service);
  await service.root(ADA);
  const browser = await visitor(open);
  const elsewhere = await browser.visit(ELSEWHERE);
  const creates = () => ask(elsewhere, FRONT, "session/create", { ...CREDENTIALS, cookie: true });
  await assertRefused(creates(), 403, "forbidden");
  assert.deepEqual(await browser.context.cookies(), []);
  // Without the cookie it may sign in.
  assert.match((await ask(elsewhere, FRONT, "session/create", CREDENTIALS)).refreshToken, REFRESH_TOKEN);

  const page = await browser.visit(LISTED);
  const { session } = await signIn(page, FRONT);
  const before = await browser.cookie();
  for (const [from, value] of [[page, `${before.name}=${before.value}`], [elsewhere, undefined]]) {
    assert.equal((await ask(from, FRONT, "service/about")).status, 200);
    assert.equal(front.passed.at(-1).cookie, value);
  }
  await assertRefused(creates(), 403, "forbidden");
  await assertRefused(ask(elsewhere, FRONT, "session/refresh"), 403, "forbidden");
  assert.ok((await ask(elsewhere, FRONT, "session/remove")).status >= 400);
  assert.deepEqual(await browser.cookie(), before);
  assert.equal((await assertRefreshes(page, FRONT, browser)).session, session);
});

scene("where all origins may call, none has the cookie", ...at(FRONT, "*"), async ({ service, open }) => {
  front.leadTo(service);
  await service.root(ADA);
  const browser = await visitor(open);
  const page = await browser.visit(UNLISTED);
  assert.equal((await ask(page, FRONT, "service/about", {}, "same-origin")).cookieOrigin, FRONT);
  await assertBlocked(ask(page, FRONT, "service/about"));
  const wanted = { ...CREDENTIALS, cookie: true };
  await assertBlocked(ask(page, FRONT, "session/create", wanted));
  await assertRefused(ask(page, FRONT, "session/create", wanted, "same-origin"), 403, "forbidden");
  assert.deepEqual(await browser.context.cookies(), []);

  const own = await browser.visit(FRONT);
  const { session } = await signIn(own, FRONT);
  await assertKeptOut(page, { url: FRONT, proxy: front }, browser, true);
  assert.equal((await assertRefreshes(own, FRONT, browser)).session, session);
});

scene("a sandboxed frame of a listed page is kept out", ...at(FRONT, LISTED), async ({ service, open }) => {
  front.leadTo(service);
  await service.root(ADA);
  const browser = await visitor(open);
  const page = await browser.visit(LISTED);
  const { session } = await signIn(page, FRONT);
  await page.evaluate(() => {
    const frame = Object.assign(document.createElement("iframe"), { sandbox: "allow-scripts", src: "/framed" });
    document.body.append(frame);
    return new Promise((resolve) => (frame.onload = resolve));
  });
  const frame = page.frame({ url: `${LISTED}/framed` });
  assert.equal(await frame.evaluate(() => origin), "null");
  await assertKeptOut(frame, { url: FRONT, proxy: front }, browser, false);
  assert.equal((await assertRefreshes(page, FRONT, browser)).session, session);
});

scene("two services on one host have a cookie each", async ({ service, open }) => {
  const other = await Service.start();
  try {
    const { context, visit } = await visitor(open);
    /** The session of a service, and the cookie by its name. */
    const begin = async ({ api, console: address }) => {
      const page = await visit(address);
      const known = (await context.cookies()).map(({ name }) => name);
      await signIn(page, api);
      const added = (await context.cookies()).filter(({ name }) => !known.includes(name));
      assert.equal(added.length, 1);
      const [{ name }] = added;
      const cookie = async () => (await context.cookies()).find((one) => one.name === name);
      return { page, api, cookie };
    };
    for (const one of [service, other]) await one.root(ADA);
    const here = await begin(service);
    const there = await begin(other);
    const before = await here.cookie();
    assert.equal((await ask(there.page, there.api, "session/remove")).ended, 1);
    assert.deepEqual(await context.cookies(), [before]);
    await assertRefreshes(here.page, here.api, here);
    await signIn(there.page, there.api);
    await assertRefreshes(there.page, there.api, there);
    assert.equal((await ask(here.page, here.api, "session/refresh")).status, 200);
  } finally {
    await other.stop();
  }
});

scene("a name in the local network has no cookie by http", ...at(LAN), async ({ service, open }) => {
  front.leadTo(service);
  await service.root(ADA);
  const window = await open();
  const { context, page } = window;
  window.expectOrigin(LAN);
  await page.goto(LAN);
  await says(page, "This connection is not encrypted");
  window.foresee(`${LAN}/session/create`, 422);
  const refused = await ask(page, LAN, "session/create", { ...CREDENTIALS, cookie: true });
  await assertRefused(refused, 422, "validation_failed");
  assert.deepEqual(refused.errors.map(({ field }) => field), ["cookie"]);
  assert.equal((await ask(page, LAN, "service/about")).cookieOrigin, undefined);

  await fill(page, { "Email": ADA.email, Password: ADA.password });
  await button(page, "Sign in").click();
  await heading(page, "Overview").waitFor();
  const kept = await page.evaluate(() => JSON.parse(localStorage.getItem("guestlist:/")));
  assert.match(kept.refreshToken, REFRESH_TOKEN);
  assert.deepEqual(await context.cookies(), []);
});

scene("by https, other hosts of the site neither use nor plant it", ...at(AUTH, APP), async ({ service, open }) => {
  auth.leadTo(service);
  await service.root(ADA);
  const browser = await visitor(open);
  const page = await browser.visit(APP);
  const { session } = await signIn(page, AUTH);
  const { name, value, domain, path, httpOnly, secure, sameSite } = await browser.cookie();
  assert.match(name, /^__Host-guestlist-[0-9a-f]{8}$/);
  assert.match(value, REFRESH_TOKEN);
  // One that was set with a domain would be shown with a dot before it.
  assert.deepEqual([domain, path], ["auth.example.com", "/"]);
  assert.deepEqual([httpOnly, secure, sameSite], [true, true, "Strict"]);

  const evil = await browser.visit(EVIL);
  await assertKeptOut(evil, { url: AUTH, proxy: auth }, browser, true);
  const before = await browser.context.cookies();
  const planted = `${name}=${value}; Domain=example.com; Secure; Path=/`;
  await evil.evaluate((planted) => (document.cookie = planted), planted);
  assert.deepEqual(await browser.context.cookies(), before);
  await page.reload();
  assert.equal((await assertRefreshes(page, AUTH, browser)).session, session);
  // Under a name without the prefix the browser does take it; but that is not the service's.
  await evil.evaluate((planted) => (document.cookie = planted), planted.replace("__Host-", ""));
  assert.equal((await browser.context.cookies(AUTH)).length, 2);
  assert.equal((await ask(page, AUTH, "session/refresh")).session, session);
  assert.equal((await ask(page, AUTH, "session/remove")).ended, 1);
  assert.deepEqual((await browser.context.cookies(AUTH)).map(({ name }) => name), [name.replace("__Host-", "")]);
});

scene("signing out in one tab signs out the others", ...listing(LISTED), async ({ service, open }) => {
  await service.root(ADA);
  const { api } = service;
  const browser = await visitor(open);
  const [page, other] = [await browser.visit(LISTED), await browser.visit(LISTED)];
  const { session } = await signIn(page, api);
  assert.equal((await ask(other, api, "session/refresh", { session })).session, session);
  assert.equal((await ask(page, api, "session/remove", { session })).ended, 1);
  assert.deepEqual(await browser.context.cookies(), []);
  for (const body of [{ session }, {}]) {
    await assertRefused(ask(other, api, "session/refresh", body), 401, "unauthenticated");
  }
});
