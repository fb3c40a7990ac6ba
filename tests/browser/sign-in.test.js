// Coming in: with a password, by letters, and in two tabs at once.

import assert from "node:assert/strict";
import { ADA, button, faultOf, field, fill, hasFocus, heading, navigation, says, signIn, signOut } from "./support/console.js";
import { EXPIRED, Expiry, nextToken } from "./support/expiry.js";
import { TRUSTED, jwt } from "./support/issuer.js";
import { SIZES, scene } from "./support/scene.js";
import { eventually } from "./support/service.js";
import { totp } from "./support/totp.js";

scene("a wrong password is told, and the right one works", async ({ service, open }) => {
  await service.root(ADA);
  for (const size of Object.keys(SIZES)) {
    const window = await open({ size });
    const { page } = window;
    await page.goto(service.console);
    await heading(page, "Sign in").waitFor();
    await window.look("sign-in");
    window.foresee("session/create", 401);
    await fill(page, { "Email": ADA.email, Password: "rivers run downhill" });
    await button(page, "Sign in").click();
    await page.getByRole("alert").waitFor();
    assert.match(await page.getByRole("alert").innerText(), /email or password is wrong/i);
    await window.look("sign-in-refused");
    // What was typed is still there.
    assert.equal(await field(page, "Email").inputValue(), ADA.email);
    await fill(page, { Password: ADA.password });
    await button(page, "Sign in").click();
    await heading(page, "Overview").waitFor();
    await page.reload();
    await heading(page, "Overview").waitFor();
  }
});

scene("a stranger signs up by letter and has an account", async ({ service, open }) => {
  const window = await open({ size: "phone" });
  const { page } = window;
  await service.root(ADA);
  await page.goto(service.console);
  await page.getByRole("link", { name: "Sign up" }).click();
  await heading(page, "Sign up").waitFor();
  await window.look("sign-up");
  window.foresee("identity/create", 422);
  await fill(page, { "Email": "not an email", Password: "short" });
  await button(page, "Sign up").click();
  await eventually("both faults", async () => (await page.locator("[aria-invalid=true]").count()) === 2);
  assert.match(await faultOf(field(page, "Email")), /^Email must /);
  assert.match(await faultOf(field(page, "Password")), /8 char/);
  await window.look("sign-up-refused");
  await fill(page, { "Email": "grace@example.com", Password: "nine brass gears" });
  await button(page, "Sign up").click();
  await heading(page, "Check your email").waitFor();
  await window.look("sign-up-sent");

  await page.goto(await service.link("grace@example.com", "verify"));
  await heading(page, "Confirm your email").waitFor();
  await window.look("verify");
  await fill(page, { Password: "nine brass gears" });
  // Signed in, but nobody's user yet.
  window.foresee("user/login", 403);
  await button(page, "Confirm and sign in").click();
  await heading(page, "Choose an account").waitFor();
  await says(page, "You have no open invitations.");
  await window.look("no-account");
  await fill(page, { "Account name": "Compilers" });
  await button(page, "Create account").click();
  await heading(page, "Overview").waitFor();
  await navigation(page);
  await page.getByRole("button", { name: /^Signed in as/ }).getByText("grace@example.com").waitFor();
});

scene("a forgotten password is set anew by letter", async ({ service, open }) => {
  await service.root(ADA);
  const window = await open({ size: "phone" });
  const { page } = window;
  await page.goto(service.console);
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await heading(page, "Forgot your password?").waitFor();
  await window.look("forgot");
  await fill(page, { "Email": ADA.email });
  await button(page, "Send link").click();
  await heading(page, "Check your email").waitFor();
  await window.look("forgot-sent");

  const link = await service.link(ADA.email, "reset");
  await page.goto(link);
  await heading(page, "Set a new password").waitFor();
  // Whose password it is, is said before one is typed.
  await says(page, ADA.email);
  await window.look("reset");
  window.foresee("password/reset", 422);
  await fill(page, { "New password": "password1" });
  await button(page, "Set password").click();
  await page.locator("[aria-invalid=true]").waitFor();
  assert.match(await faultOf(field(page, "New password")), /common|guess/);
  await fill(page, { "New password": "tides turn twice" });
  await button(page, "Set password").click();
  await heading(page, "Sign in").waitFor();
  await window.look("reset-done");
  assert.equal(await field(page, "Email").inputValue(), ADA.email);
  await fill(page, { Password: "tides turn twice" });
  await button(page, "Sign in").click();
  await heading(page, "Overview").waitFor();

  // The link works once, which is said before another password is thought of.
  const late = await window.tab();
  window.foresee("password/check", 404);
  await late.goto(link);
  await late.getByRole("alert").getByText("This link no longer works").waitFor();
  assert.equal(await field(late, "New password").count(), 0);
  await window.look("reset-late", { page: late });
});

scene("two tabs whose access token has expired refresh it once", async ({ service, open }) => {
  await service.root(ADA);
  const window = await open();
  const { page } = window;
  const signedIn = nextToken(window);
  await signIn(page, service, ADA);
  const expiry = await Expiry.of(window, await signedIn);
  const tabs = [page, await window.tab()];
  await tabs[1].goto(`${service.console}#/users`);

  for (const call of ["user/get", "user/find", "user/login", "account/get"]) window.tolerate(call, 401);
  // Which tab is first, and what the other one is at just then, is different each time.
  for (let round = 1; round <= 4; round++) {
    // A page that is left while it refreshes the token loses the new one.
    await Promise.all(tabs.map((tab) => tab.waitForLoadState("networkidle")));
    expiry.expire();
    await Promise.all(tabs.map((tab) => tab.reload()));
    for (const tab of tabs) await tab.getByRole("main").getByText(ADA.email).locator("visible=true").first().waitFor();
    assert.equal(expiry.refreshes, round, `refreshes in ${round} rounds`);
  }

  // Signing out in one tab is seen in the other.
  await signOut(page);
  for (const tab of tabs) await heading(tab, "Sign in").waitFor();
});

/** Two tabs of Ada's, and somebody else who can sign in. */
async function twoTabs({ service, open }) {
  const token = await service.root(ADA);
  const { id } = await service.user(token, { ...BOB, role: "admin" });
  const window = await open();
  const other = await window.tab();
  await signIn(window.page, service, ADA, `users/${id}`, "Bob Babbage");
  await other.goto(`${service.console}#/me`);
  await heading(other, "Ada Lovelace").waitFor();
  return { window, page: window.page, other, token, id };
}

const BOB = { email: "bob@example.com", password: "seven green teapots", first: "Bob", last: "Babbage" };

/** Ada leaves in this tab, and Bob comes. */
async function swap(page) {
  await signOut(page);
  await heading(page, "Sign in").waitFor();
  await fill(page, { "Email": BOB.email, Password: BOB.password });
  await button(page, "Sign in").click();
  await isBobs(page);
}

/** Waits until a tab says itself that Bob is signed in. */
const isBobs = (page) => page.getByRole("banner").getByText("Bob Babbage").waitFor({ state: "attached" });

scene("what one has begun is not sent again as somebody else", async (stage) => {
  const { service } = stage;
  const { window, page, other, token, id } = await twoTabs(stage);
  const held = [];
  await page.route("**/user/update", (route) => held.push(route));
  await fill(page, { "First name": "Robert" });
  await button(page, "Save profile").click();
  await eventually("the change", () => held.length === 1);
  await swap(other);
  window.foresee("user/update", 401);
  await held[0].fulfill(EXPIRED);
  await isBobs(page);
  // Whatever it would send again is on its way by then.
  await page.reload();
  await isBobs(page);
  assert.equal(held.length, 1);
  assert.equal((await service.call("user/get", token, { id })).first, "Bob");
});

scene("a refresh does not sign in again a person who has signed out meanwhile", async (stage) => {
  const { service } = stage;
  const { window, page, other } = await twoTabs(stage);
  let answer;
  await page.route("**/user/find?*", (route) => route.fulfill(EXPIRED), { times: 1 });
  await page.route("**/session/refresh", async (route) => {
    const response = await route.fetch();
    await new Promise((resolve) => (answer = resolve));
    await route.fulfill({ response });
  });
  window.foresee("user/find", 401);
  // With the new token it may be asked once more when the session has just ended.
  window.tolerate("user/find", 401);
  await page.evaluate(() => (location.hash = "#/users"));
  await eventually("the refresh", () => answer);
  // Who signs out meanwhile waits for it.
  const swapped = swap(other);
  await eventually("the signing out", () => other.evaluate(async () => (await navigator.locks.query()).pending.length > 0));
  answer();
  await swapped;
  for (const tab of [page, other]) {
    await tab.goto(`${service.console}#/me`);
    await tab.reload();
    await heading(tab, "Bob Babbage").waitFor();
  }
});

scene("an answer that is none of the service's ends no session", async ({ service, open }) => {
  await service.root(ADA);
  const window = await open({ size: "phone" });
  const { page } = window;
  await signIn(page, service, ADA);
  const html = { status: 200, contentType: "text/html", body: "<!doctype html><title>A proxy</title>" };
  await page.route("**/user/find?*", (route) => route.fulfill(EXPIRED), { times: 1 });
  await page.route("**/session/refresh", (route) => route.fulfill(html), { times: 1 });
  window.foresee("user/find", 401);
  await page.reload();
  // It is tried again, and the service itself answers then.
  await page.getByRole("main").getByText(ADA.email).locator("visible=true").first().waitFor();

  const find = (route) => route.fulfill(html);
  await page.route("**/user/find?*", find);
  await page.reload();
  await page.getByRole("alert").getByText(/cannot be reached/).waitFor();
  await page.unroute("**/user/find?*", find);
  await button(page, "Try again").click();
  await page.getByRole("main").getByText(ADA.email).locator("visible=true").first().waitFor();
});

scene("a second factor is asked for once the password is right", async ({ service, open }) => {
  const token = await service.root(ADA);
  const { secret } = await service.call("totp/enroll", token, { currentPassword: ADA.password });
  const { recoveryCodes } = await service.call("totp/confirm", token, { code: totp(secret) });
  const window = await open({ size: "phone" });
  const { page } = window;
  await page.goto(service.console);
  await fill(page, { "Email": ADA.email, Password: ADA.password });
  assert.equal(await field(page, "Code").count(), 0);
  window.foresee("session/create", 401);
  await button(page, "Sign in").click();
  await field(page, "Code").waitFor();
  await eventually("the focus in the new field", () => hasFocus(field(page, "Code")));
  await window.look("sign-in-code");
  window.foresee("session/create", 422);
  await fill(page, { Code: "12345" });
  await button(page, "Sign in").click();
  await page.locator("[aria-invalid=true]").waitFor();
  assert.match(await faultOf(field(page, "Code")), /code/i);
  window.foresee("session/create", 401);
  await fill(page, { Code: "000000" });
  await button(page, "Sign in").click();
  await page.getByText("This code is wrong or was used before.").waitFor();
  assert.equal(await faultOf(field(page, "Code")), "This code is wrong or was used before.");
  await window.look("sign-in-code-refused");
  await fill(page, { Code: recoveryCodes[0] });
  await button(page, "Sign in").click();
  await heading(page, "Overview").waitFor();
});

scene(
  "a token of another service opens the door",
  "--registration=invite",
  TRUSTED,
  async ({ service, open }) => {
    const root = await service.root(ADA);
    await service.user(root, { email: "bob@example.com", first: "Bob" });
    const window = await open({ size: "phone" });
    const { page } = window;
    await page.goto(service.console);
    await page.getByRole("link", { name: "Sign in with a token" }).click();
    await heading(page, "Sign in with a token").waitFor();
    await window.look("token");
    await fill(page, { Token: "made up" });
    await button(page, "Sign in").click();
    await page.locator("[aria-invalid=true]").waitFor();
    assert.match(await faultOf(field(page, "Token")), /no spaces/);
    window.foresee("user/login", 401);
    await fill(page, { Token: "made-up" });
    await button(page, "Sign in").click();
    await page.getByRole("alert").waitFor();
    await window.look("token-refused");
    await fill(page, { Token: jwt({ email: "bob@example.com", email_verified: true }) });
    await button(page, "Sign in").click();
    await heading(page, "Users").waitFor();
    await says(page, "Ada Lovelace");

    // Where there is nothing to refresh it with, one has to come again when it has expired.
    await page.route("**/user/find?*", (route) => route.fulfill(EXPIRED));
    window.foresee("user/find", 401);
    await page.reload();
    await heading(page, "Sign in").waitFor();
    await says(page, "Your session has ended");
    await window.look("session-ended");
  },
);
