// Signing in with a provider, when somebody is up to no good, or the provider is not up to it.

import assert from "node:assert/strict";
import { ADA, button, faultOf, field, fill, heading, says } from "./support/console.js";
import { Corp, Mock, goAs, goTo, openAt as openAtThem, signOut, signOutHere } from "./support/providers.js";
import { scene } from "./support/scene.js";

const corp = await Corp.reserve();
const mock = await Mock.start({ sub: "grace", email: "grace@example.com", email_verified: true });
const CORP = corp.flag();

const openAt = (open, service, options) => openAtThem(open, service, [corp, mock], options);

/** Where a browser would be led back to, which is kept from going there. */
async function ledBack(page, provider) {
  const place = new RegExp(`/provider/${provider.name}\\?`);
  await page.route(place, (route) => route.abort("aborted"));
  const back = page.waitForRequest(place);
  return async () => {
    const url = new URL((await back).url());
    await page.unroute(place);
    return url;
  };
}

/** Begins at a provider; the state that goes there. */
async function begun(page, provider) {
  const sent = page.waitForRequest((request) => request.url().startsWith(provider.issuer));
  await goTo(page, provider);
  return new URL((await sent).url()).searchParams.get("state");
}

const NOT_IN = "You are not signed in yet";

scene("an answer to nothing that was asked is taken nowhere", CORP, async ({ service, open }) => {
  await service.root(ADA);
  await corp.open(service);
  const window = await openAt(open, service);
  const { page } = window;
  const back = await ledBack(page, corp);
  await goAs(page, corp, "mallory");
  const url = await back();
  const state = url.searchParams.get("state");
  // One that is made up, one that was changed on the way, and none at all: the page has begun nothing of the kind.
  for (const other of ["AAAA", state.slice(0, -2) + (state.endsWith("AA") ? "BB" : "AA"), ""]) {
    const changed = new URL(url);
    changed.searchParams.set("state", other);
    await page.goto(changed.href);
    await heading(page, NOT_IN).waitFor();
    await says(page, "started in another tab or browser");
    assert.doesNotMatch(page.url(), /code=|state=/);
  }
  // Nor does the service take them, from any caller.
  const { key } = await service.call("provider/begin", "", { provider: "corp" });
  const [code, iss] = ["code", "iss"].map((name) => url.searchParams.get(name));
  for (const other of ["AAAA", state]) {
    const { status, reply } = await service.ask("provider/finish", "", { code, iss, state: other, key, provider: "corp" });
    assert.deepEqual([status, reply.code], [400, "invalid_state"]);
  }
  // The true one is as good as before.
  window.foresee("user/login", 403);
  await page.goto(url.href);
  await heading(page, "Choose an account").waitFor();
});

scene("what one provider says is not taken for another's word", CORP, mock.flag(), async ({ service, open }) => {
  service.tolerate(/provider/);
  await service.root(ADA);
  await corp.open(service);
  const window = await openAt(open, service);
  const { page } = window;
  const back = await ledBack(page, corp);
  await goAs(page, corp, "grace");
  const url = await back();
  const code = url.searchParams.get("code");

  /** The browser comes back from somewhere, after the other provider was asked. */
  const returns = async (path, brought, status) => {
    await page.goto(service.console);
    const state = await begun(page, mock);
    const there = new URL(`${service.api}/provider/${path}`);
    for (const [name, value] of Object.entries({ code, state, ...brought })) there.searchParams.set(name, value);
    window.foresee("provider/finish", status);
    await page.goto(there.href);
    await heading(page, NOT_IN).waitFor();
  };
  // At its own place, with the other's state; at the other's, which it names itself at; and there without a name.
  await returns("corp", { iss: corp.issuer }, 400);
  await window.look("provider-mixed-up");
  await returns("mock", { iss: corp.issuer }, 400);
  await returns("mock", {}, 401);
  await window.look("provider-refused-code");

  // None of it has used up what belongs together.
  window.foresee("user/login", 403);
  await page.goto(url.href);
  await heading(page, "Choose an account").waitFor();
});

scene("who has an address after somebody else does not get that one's sign-in", CORP, mock.flag(), async ({ service, open }) => {
  await service.root(ADA);
  const email = "grace@example.com";
  corp.people["grace-hopper"] = { email, email_verified: true };
  corp.people["grace-kelly"] = { email, email_verified: true };
  await corp.open(service);
  const window = await openAt(open, service);
  const { page } = window;
  window.foresee("user/login", 403);
  await goAs(page, corp, "grace-hopper");
  await heading(page, "Choose an account").waitFor();
  await fill(page, { "Account name": "Compilers" });
  await button(page, "Create account").click();
  await heading(page, "Overview").waitFor();

  // At the same provider, under another name for the person; and at one whose word does not count.
  const successor = await openAt(open, service, { size: "phone" });
  successor.foresee("provider/finish", 401);
  await goAs(successor.page, corp, "grace-kelly");
  await heading(successor.page, `Link ${corp.label}`).waitFor();
  successor.foresee("provider/link", 401);
  await fill(successor.page, { Password: "moves to monaco" });
  await button(successor.page, "Sign in").click();
  await successor.page.locator("[aria-invalid=true]").waitFor();
  // Whether there is a password to guess is not told.
  assert.equal(await faultOf(field(successor.page, "Password")), "This password is wrong.");
  await button(successor.page, "Sign in another way").click();
  await goAs(successor.page, mock, "grace");
  await heading(successor.page, "Check your email").waitFor();
  await button(successor.page, "Sign in another way").click();
  await heading(successor.page, "Sign in").waitFor();

  // The first one's name for the person counts, whatever address goes with it.
  await signOut(window);
  corp.people["grace-hopper"] = { email: "hopper@example.com", email_verified: true };
  await button(page, `Continue with ${corp.label}`).click();
  await heading(page, "Overview").waitFor();
});

scene("a slow provider is waited for, but not for long", CORP, async ({ service, open }) => {
  service.tolerate(/provider/);
  await service.root(ADA);
  await corp.open(service);
  const window = await openAt(open, service, { size: "phone" });
  const { page } = window;
  const answers = corp.hold("/token");
  await goAs(page, corp, "grace");
  await heading(page, "Signing in").waitFor();
  await window.look("provider-slow");
  window.foresee("user/login", 403);
  answers();
  await heading(page, "Choose an account").waitFor();
  await signOutHere(page);

  const neverAnswers = corp.hold("/token");
  window.foresee("provider/finish", 503);
  await button(page, `Continue with ${corp.label}`).click();
  await heading(page, NOT_IN).waitFor();
  await window.look("provider-too-slow");
  // What was brought back is used up: only beginning again helps.
  assert.equal(await button(page, "Try again").count(), 0);
  neverAnswers();
  window.foresee("user/login", 403);
  await button(page, `Start again with ${corp.label}`).click();
  await heading(page, "Choose an account").waitFor();
});
