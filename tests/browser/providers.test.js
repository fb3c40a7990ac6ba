// Signing in with a provider: two public ones, as they are, in a real browser.

import assert from "node:assert/strict";
import { ADA, button, faultOf, field, fill, hasFocus, heading, region, says, signIn } from "./support/console.js";
import { Corp, Mock, goAs, goTo, openAt as openAtThem, signOut, signOutHere } from "./support/providers.js";
import { SIZES, scene } from "./support/scene.js";
import { eventually } from "./support/service.js";
import { totp } from "./support/totp.js";

const corp = await Corp.reserve();
const mock = await Mock.start(
  { sub: "grace", email: "grace@example.com", email_verified: true, given_name: "Grace" },
  { sub: "nobody" },
);
const CORP = corp.flag();

/** A window whose person may go to both providers. */
const openAt = (open, service, options) => openAtThem(open, service, [corp, mock], options);

scene("a stranger signs in with a provider, and again", CORP, mock.flag(), async ({ service, open }) => {
  await service.root(ADA);
  await corp.open(service);
  for (const size of Object.keys(SIZES)) {
    const window = await openAt(open, service, { size });
    const { page } = window;
    await window.look("provider-sign-in");
    if (size === "desktop") {
      await page.getByRole("link", { name: "Sign up" }).click();
      await heading(page, "Sign up").waitFor();
      await window.look("provider-sign-up");
    }
    const visited = [];
    page.on("framenavigated", () => visited.push(page.url()));
    // Signed in, but nobody's user yet.
    window.foresee("user/login", 403);
    await goAs(page, corp, `stranger-${size}`);
    await heading(page, "Choose an account").waitFor();
    assert.doesNotMatch(page.url(), /code=|state=/);
    await page.goBack();
    assert.doesNotMatch(page.url(), /code=/, "the history has no code");
    window.tolerate("user/login", 403);
    await page.goto(service.console);
    await heading(page, "Choose an account").waitFor();
    await fill(page, { "Account name": `Of ${size}` });
    await button(page, "Create account").click();
    await heading(page, "Overview").waitFor();
    await signOut(window);
    // The provider knows who it is by now.
    await button(page, `Continue with ${corp.label}`).click();
    await heading(page, "Overview").waitFor();
  }
});

scene("an invitation is accepted with a provider", "--registration=invite", CORP, async ({ service, open }) => {
  const root = await service.root(ADA);
  await corp.open(service);
  await service.user(root, { email: "bob@example.com", role: "admin", sendInvite: true });
  for (const size of Object.keys(SIZES)) {
    const email = `bob-${size}@example.com`;
    await service.user(root, { email, role: "admin", sendInvite: true });
    const window = await openAt(open, service, { size });
    const { page } = window;
    await page.goto(await service.link(email, "invite"));
    await heading(page, "Join Analytical Engines").waitFor();
    await window.look("provider-invite");
    // Somebody else at the provider is not the one who is invited.
    if (size === "desktop") {
      window.foresee("provider/finish", 403);
      await goAs(page, corp, "mallory", "Accept");
      await heading(page, "You are not signed in yet").waitFor();
      await window.look("provider-refused");
      await page.getByRole("link", { name: "Back to the invitation" }).click();
      await heading(page, "Join Analytical Engines").waitFor();
      await page.context().clearCookies({ domain: "localhost" });
    }
    await goAs(page, corp, `bob-${size}`, "Accept");
    await heading(page, "Overview").waitFor();
  }
});

scene("a person who has joined elsewhere reads an invitation before joining", CORP, async ({ service, open }) => {
  const root = await service.root(ADA);
  await corp.open(service);
  const window = await openAt(open, service);
  const { page } = window;
  window.foresee("user/login", 403);
  await goAs(page, corp, "bob");
  await heading(page, "Choose an account").waitFor();
  await signOutHere(page);
  await service.user(root, { email: "bob@example.com", role: "admin", sendInvite: true });
  await page.goto(await service.link("bob@example.com", "invite"));
  await button(page, `Accept with ${corp.label}`).click();
  await says(page, "You are signed in as bob@example.com.");
  await button(page, "Join Analytical Engines").click();
  await heading(page, "Overview").waitFor();
});

scene("somebody who is expected signs in with a provider", "--registration=invite", CORP, async ({ service, open }) => {
  const root = await service.root(ADA);
  await corp.open(service);
  await service.user(root, { email: "bob@example.com", role: "admin" });
  const window = await openAt(open, service, { size: "phone" });
  const { page } = window;
  // Nobody has invited this one.
  window.foresee("provider/finish", 403);
  await goAs(page, corp, "mallory");
  await heading(page, "You are not signed in yet").waitFor();
  await window.look("provider-not-registered");
  await page.context().clearCookies({ domain: "localhost" });
  await page.getByRole("link", { name: "Sign in with a password" }).click();
  await goAs(page, corp, "bob");
  await heading(page, "Overview").waitFor();
});

scene("the operator sets up with a provider", CORP, async ({ service, open }) => {
  await corp.open(service);
  for (const size of Object.keys(SIZES)) {
    const window = await openAt(open, service, { size });
    const { page } = window;
    await page.goto(size === "desktop" ? `${service.console}#/setup` : await service.setupLink());
    await heading(page, "Set up Guestlist").waitFor();
    if (size === "desktop") {
      await button(page, `Set up with ${corp.label}`).click();
      await page.getByText("Enter the setup code first.").first().waitFor();
    }
    await window.look("provider-set-up");
    if (size === "desktop") continue;
    await fill(page, { "Account name": "Analytical Engines" });
    await goAs(page, corp, "ada", "Set up");
    await heading(page, "Overview").waitFor();
    await page.getByRole("banner").getByText("Analytical Engines").waitFor();
  }
});

scene("an identity is linked from inside, signs in, and is unlinked", CORP, async ({ service, open }) => {
  await service.root(ADA);
  await corp.open(service);
  for (const size of Object.keys(SIZES)) {
    const window = await openAt(open, service, { size });
    const { page } = window;
    await signIn(page, service, ADA, "me/sign-in", "Ada Lovelace");
    const methods = region(page, "Sign-in methods");
    await window.look("provider-methods-none");
    await button(methods, `Link ${corp.label}`).click();
    const dialog = page.getByRole("dialog", { name: `Link ${corp.label}` });
    await window.look("provider-link-dialog");
    await button(dialog, `Continue to ${corp.label}`).click();
    await corp.signIn(page, `ada-at-work-${size}`);
    const address = methods.getByRole("listitem").filter({ hasText: `ada-at-work-${size}@example.com` });
    await address.waitFor();
    await page.getByText(`You can now sign in with ${corp.label}.`).waitFor();
    // The button says that this one is linked: it links another account of the same person.
    assert.equal(await button(methods, `Link ${corp.label}`).count(), 0);
    await button(methods, `Link another account at ${corp.label}`).click();
    await page.getByRole("dialog", { name: `Link another account at ${corp.label}` }).waitFor();
    await button(page.getByRole("dialog"), "Cancel").click();
    await window.look("provider-methods");

    await signOut(window);
    await page.goto(service.console);
    await button(page, `Continue with ${corp.label}`).click();
    await heading(page, "Overview").waitFor();
    await page.goto(`${service.console}#/me/sign-in`);
    await methods.getByRole("button", { name: /^Unlink/ }).click();
    const question = page.getByRole("dialog", { name: `Unlink ${corp.label}` });
    await window.look("provider-unlink-dialog");
    // It has been a while since the provider has asked who it is.
    window.tolerate("provider/remove", 401);
    await button(question, "Unlink").click();
    const confirmation = page.getByRole("dialog", { name: "Confirm it’s you" });
    const asked = await Promise.race([
      confirmation.waitFor().then(() => true),
      address.waitFor({ state: "detached" }).then(() => false),
    ]);
    if (asked) {
      await fill(confirmation, { Password: ADA.password });
      await button(confirmation, "Confirm").click();
    }
    await address.waitFor({ state: "detached" });
    await page.getByText(`${corp.label} has been unlinked and no longer signs you in.`).waitFor();
    await signOut(window);
    await page.context().clearCookies({ domain: "localhost" });
  }
});

scene("somebody with a password shows it before a provider is linked", CORP, async ({ service, open }) => {
  await service.root(ADA);
  await corp.open(service);
  for (const size of Object.keys(SIZES)) {
    corp.people[`ada-${size}`] = { email: ADA.email, email_verified: true };
    const window = await openAt(open, service, { size });
    const { page } = window;
    window.foresee("provider/finish", 401);
    await goAs(page, corp, `ada-${size}`);
    await heading(page, `Link ${corp.label}`).waitFor();
    await eventually("the focus in the field", () => hasFocus(field(page, "Password")));
    await window.look("provider-link-password");
    if (size === "desktop") {
      window.foresee("provider/link", 401);
      await fill(page, { Password: "rivers run downhill" });
      await button(page, "Sign in").click();
      await page.locator("[aria-invalid=true]").waitFor();
      assert.equal(await faultOf(field(page, "Password")), "This password is wrong.");
      await window.look("provider-link-refused");
      // It survives that the page is loaded anew.
      await page.reload();
      await heading(page, `Link ${corp.label}`).waitFor();
      await fill(page, { Password: ADA.password });
    } else {
      await button(page, "Email me a code instead").click();
      await field(page, "Code from the email").waitFor();
      await window.look("provider-link-code");
      await fill(page, { "Code from the email": await service.code(ADA.email) });
    }
    await button(page, "Sign in").click();
    await heading(page, "Overview").waitFor();
  }
});

scene("who says no at the provider can begin again", CORP, mock.flag(), async ({ service, open }) => {
  await service.root(ADA);
  await corp.open(service);
  const window = await openAt(open, service, { size: "phone" });
  const { page } = window;
  for (const provider of [corp, mock]) {
    await page.goto(service.console);
    await goTo(page, provider);
    // The one in Python leaves the state out, so there is nothing to ask the service.
    if (provider === corp) window.foresee("provider/finish", 401);
    await provider.deny(page);
    await heading(page, "You are not signed in yet").waitFor();
    await window.look(`provider-denied-${provider.name}`);
    await button(page, `Start again with ${provider.label}`).click();
    await page.waitForURL(`${provider.issuer}/**`);
  }
});

scene("what came back once is good for nothing else", CORP, async ({ service, open }) => {
  await service.root(ADA);
  await corp.open(service);
  const window = await openAt(open, service);
  const { page } = window;
  const back = page.waitForRequest(/\/provider\/corp\?/);
  const finish = page.waitForRequest(`${service.api}/provider/finish`);
  window.foresee("user/login", 403);
  await goAs(page, corp, "grace");
  await heading(page, "Choose an account").waitFor();

  // The same page, again; the key is gone.
  window.tolerate("user/login", 403);
  await page.goto((await back).url());
  await heading(page, "You are not signed in yet").waitFor();
  await says(page, "started in another tab or browser");
  await window.look("provider-elsewhere");
  await page.getByRole("link", { name: "Continue with your current sign-in" }).click();
  await heading(page, "Choose an account").waitFor();

  // A person who has all of it is refused by the service.
  const { cookie: _, ...sent } = (await finish).postDataJSON();
  const replayed = await service.ask("provider/finish", "", sent);
  assert.deepEqual([replayed.status, replayed.reply.code], [400, "invalid_state"]);
});

scene("what one browser has begun no other can finish", CORP, async ({ service, open }) => {
  await service.root(ADA);
  await corp.open(service);
  const [mine, theirs] = [await openAt(open, service), await openAt(open, service)];
  // What has come back to Mallory is not gone on with by Mallory.
  await mine.page.route(`${service.api}/provider/finish`, (route) => route.abort("aborted"));
  const finish = mine.page.waitForRequest(`${service.api}/provider/finish`);
  const back = mine.page.waitForRequest(/\/provider\/corp\?/);
  await goAs(mine.page, corp, "mallory");
  const url = (await back).url();
  await heading(mine.page, "You are not signed in yet").waitFor();
  await theirs.page.goto(url);
  await says(theirs.page, "started in another tab or browser");
  await theirs.page.getByRole("link", { name: "Sign in with a password" }).click();

  // With the key of another sign-in it is refused, and nothing of it is used up.
  const { key } = (await finish).postDataJSON();
  const own = await service.call("provider/begin", "", { provider: "corp" });
  const { code, state, iss } = Object.fromEntries(new URL(url).searchParams);
  const body = { code, state, iss, provider: "corp" };
  const refused = await service.ask("provider/finish", "", { ...body, key: own.key });
  assert.deepEqual([refused.status, refused.reply.code], [400, "invalid_state"]);
  assert.equal((await service.call("provider/finish", "", { ...body, key })).state, "verified");
});

scene("an address that nobody vouches for is proved by a code", mock.flag(), async ({ service, open }) => {
  await service.root(ADA);
  for (const size of Object.keys(SIZES)) {
    const window = await openAt(open, service, { size });
    const { page } = window;
    await goAs(page, mock, "grace");
    if (size === "phone") {
      // Linked by now.
      window.foresee("user/login", 403);
      await heading(page, "Choose an account").waitFor();
      continue;
    }
    await heading(page, "Check your email").waitFor();
    await window.look("provider-pending");
    window.foresee("provider/link", 422);
    await fill(page, { "Code from the email": "00000000" });
    await button(page, "Sign in").click();
    await page.locator("[aria-invalid=true]").waitFor();
    assert.match(await faultOf(field(page, "Code from the email")), /wrong/);
    await window.look("provider-pending-refused");
    await service.code("grace@example.com");
    await button(page, "Email me another code").click();
    await says(page, "We have sent you another code.");
    await window.look("provider-pending-again");
    const code = await service.code("grace@example.com");
    window.foresee("user/login", 403);
    await fill(page, { "Code from the email": ` ${code.slice(0, 4)} ${code.slice(4)}` });
    await button(page, "Sign in").click();
    await heading(page, "Choose an account").waitFor();
  }
  // There is nothing to know of who has no address.
  const window = await openAt(open, service);
  window.foresee("provider/finish", 403);
  await goAs(window.page, mock, "nobody");
  await heading(window.page, "You are not signed in yet").waitFor();
  await window.look("provider-no-address");
});

scene("the second factor is asked for after the provider", CORP, async ({ service, open }) => {
  const token = await service.root(ADA);
  const { secret } = await service.call("totp/enroll", token, { currentPassword: ADA.password });
  const { recoveryCodes } = await service.call("totp/confirm", token, { code: totp(secret) });
  corp.people.ada = { email: ADA.email, email_verified: true };
  await corp.open(service);
  for (const size of Object.keys(SIZES)) {
    const window = await openAt(open, service, { size });
    const { page } = window;
    window.foresee("provider/finish", 401);
    await goAs(page, corp, "ada");
    if (size === "desktop") {
      // Not linked yet: the password comes first.
      await heading(page, `Link ${corp.label}`).waitFor();
      window.foresee("provider/link", 401);
      await fill(page, { Password: ADA.password });
      await button(page, "Sign in").click();
      await field(page, "Code").waitFor();
      await window.look("provider-link-second-factor");
      await fill(page, { Code: recoveryCodes[0] });
    } else {
      await heading(page, "Enter your code").waitFor();
      await eventually("the focus in the field", () => hasFocus(field(page, "Code")));
      await window.look("provider-second-factor");
      window.foresee("provider/link", 401);
      await fill(page, { Code: "000000" });
      await button(page, "Sign in").click();
      await page.locator("[aria-invalid=true]").waitFor();
      assert.equal(await faultOf(field(page, "Code")), "This code is wrong or was used before.");
      await window.look("provider-second-factor-refused");
      await fill(page, { Code: recoveryCodes[1] });
    }
    await button(page, "Sign in").click();
    await heading(page, "Overview").waitFor();
  }
});

scene("a provider that is down, and one with new keys", CORP, async ({ service, open }) => {
  service.tolerate(/provider/);
  await service.root(ADA);
  await corp.close();
  const window = await openAt(open, service, { size: "phone" });
  const { page } = window;
  // Nobody is sent to one of which nothing is known.
  window.tolerate("provider/begin", 503);
  await button(page, `Continue with ${corp.label}`).click();
  await page.getByRole("alert").waitFor();
  await window.look("provider-down");
  await corp.open(service);
  await eventually("the provider", async () => {
    await button(page, `Continue with ${corp.label}`).click();
    return page.waitForURL(`${corp.issuer}/**`, { timeout: 3000 }).then(() => true, () => false);
  });
  // It goes down while somebody is there, and comes back with other keys and without what it knew.
  window.tolerate("provider/finish", 503);
  window.tolerate("provider/finish", 401);
  await page.route(`${service.api}/provider/finish`, async (route) => {
    await corp.close();
    return route.continue();
  });
  await corp.signIn(page, "grace");
  await heading(page, "You are not signed in yet").waitFor();
  await window.look("provider-down-later");
  await page.unroute(`${service.api}/provider/finish`);
  await corp.open(service);
  window.tolerate("user/login", 403);
  await button(page, `Start again with ${corp.label}`).click();
  await corp.signIn(page, "grace");
  await heading(page, "Choose an account").waitFor();
});

scene("a new password unlinks providers, unless they are kept", CORP, async ({ service, open }) => {
  const root = await service.root(ADA);
  await corp.open(service);
  for (const size of Object.keys(SIZES)) {
    const email = `bob-${size}@example.com`;
    await service.user(root, { email, role: "admin", sendInvite: true });
    const window = await openAt(open, service, { size });
    const { page } = window;
    await page.goto(await service.link(email, "invite"));
    await goAs(page, corp, `bob-${size}`, "Accept");
    await heading(page, "Overview").waitFor();
    // Who has no password sets one by an email.
    await page.goto(`${service.console}#/me/sign-in`);
    await button(page, "Email me a link").click();
    await says(page, "We have sent you an email.");
    await window.look("provider-no-password");
    await page.goto(await service.link(email, "reset"));
    await heading(page, "Set a new password").waitFor();
    await fill(page, { "New password": "tides turn twice" });
    await window.look("provider-reset");
    const keeps = size === "phone";
    if (keeps) await page.getByRole("checkbox").check();
    await button(page, "Set password").click();
    await fill(page, { Password: "tides turn twice" });
    await button(page, "Sign in").click();
    await heading(page, "Overview").waitFor();
    await page.goto(`${service.console}#/me/sign-in`);
    const methods = region(page, "Sign-in methods");
    await methods.getByText("Set", { exact: true }).waitFor();
    assert.equal(await methods.getByRole("button", { name: /^Unlink/ }).count(), keeps ? 1 : 0);
    if (!keeps) continue;
    // The last way in stays; this one is not the last.
    await page.getByRole("button", { name: /^Unlink/ }).click();
    await page.getByRole("dialog", { name: `Unlink ${corp.label}` }).getByRole("button", { name: "Unlink" }).click();
    await page.getByText(`${corp.label} has been unlinked and no longer signs you in.`).waitFor();
  }
});

/** Forgets in a browser that somebody is signed in at the provider, and not who is signed in here. */
const forget = (page) => page.context().clearCookies({ name: /^_/ });

/** Links an identity from the page that is shown. */
async function link(page, login) {
  await page.getByRole("button", { name: new RegExp(`^Link .*${corp.label}$`) }).click();
  await button(page.getByRole("dialog"), `Continue to ${corp.label}`).click();
  await corp.signIn(page, login);
}

scene("five identities can be linked, and none that signs in somebody else", CORP, async ({ service, open }) => {
  await service.root(ADA);
  await corp.open(service);
  const theirs = await openAt(open, service);
  theirs.foresee("user/login", 403);
  await goAs(theirs.page, corp, "mallory");
  await heading(theirs.page, "Choose an account").waitFor();

  const window = await openAt(open, service, { size: "phone" });
  const { page } = window;
  await signIn(page, service, ADA, "me/sign-in", "Ada Lovelace");
  window.foresee("provider/finishLink", 409);
  await link(page, "mallory");
  await heading(page, "Nothing was linked").waitFor();
  await says(page, "Someone else signs in here with this account");
  await window.look("provider-taken");
  for (let number = 1; number <= 6; number++) {
    await forget(page);
    await page.goto(`${service.console}#/me/sign-in`);
    if (number === 6) window.foresee("provider/finishLink", 409);
    await link(page, `ada-${number}`);
    if (number === 6) break;
    const methods = region(page, "Sign-in methods");
    await methods.getByText(`ada-${number}@example.com`, { exact: true }).first().waitFor();
  }
  await heading(page, "Nothing was linked").waitFor();
  await says(page, "You cannot link any more providers. Unlink one first.");
  // It would end here again.
  assert.equal(await page.getByRole("button", { name: /^Start again/ }).count(), 0);
  await window.look("provider-too-many");
  await page.getByRole("link", { name: "Back to your sign-in methods" }).click();
  const unlink = page.getByRole("button", { name: /^Unlink/ });
  await unlink.first().waitFor();
  assert.equal(await unlink.count(), 5);
});

scene("the last way in stays", CORP, async ({ service, open }) => {
  await service.root(ADA);
  await corp.open(service);
  const window = await openAt(open, service, { size: "phone" });
  const { page } = window;
  window.foresee("user/login", 403);
  await goAs(page, corp, "grace");
  await heading(page, "Choose an account").waitFor();
  await fill(page, { "Account name": "Compilers" });
  await button(page, "Create account").click();
  await heading(page, "Overview").waitFor();
  await page.goto(`${service.console}#/me/sign-in`);
  await page.getByRole("button", { name: /^Unlink/ }).click();
  const question = page.getByRole("dialog", { name: `Unlink ${corp.label}` });
  // Nobody knows when Grace has signed in there.
  window.tolerate("provider/remove", 401);
  window.foresee("provider/remove", 409);
  await button(question, "Unlink").click();
  const confirmation = page.getByRole("dialog", { name: "Confirm it’s you" });
  await confirmation.waitFor();
  await button(confirmation, "Email me a code").click();
  await fill(confirmation, { Code: await service.code("grace@example.com") });
  await button(confirmation, "Confirm").click();
  await question.getByRole("alert").waitFor();
  await window.look("provider-last-credential");
  await button(question, "Cancel").click();
  assert.equal(await page.getByRole("button", { name: /^Unlink/ }).count(), 1);

  // Without a password, a second factor takes the confirmation that was given just now.
  await region(page, "Two-factor authentication").getByRole("button", { name: "Set up" }).click();
  await field(page, "Code shown in the app").waitFor();
  await window.look("provider-second-factor-set-up");
});

scene("a ticket that has run out is begun again", mock.flag(), async ({ service, open }) => {
  await service.root(ADA);
  const window = await openAt(open, service, { size: "phone" });
  const { page } = window;
  await goAs(page, mock, "grace");
  await heading(page, "Check your email").waitFor();
  const code = await service.code("grace@example.com");
  await service.later("11m");
  window.foresee("provider/link", 400);
  await fill(page, { "Code from the email": code });
  await button(page, "Sign in").click();
  await says(page, "This took too long");
  await window.look("provider-expired");
  await button(page, `Start again with ${mock.label}`).click();
  await page.waitForURL(`${mock.issuer}/**`);
});

scene("who has no password changes the email by a code from the old mailbox", CORP, async ({ service, open }) => {
  await service.root(ADA);
  // That the person has signed in there just now is no proof of who sits at the browser.
  corp.tellsAuthTime = true;
  await corp.open(service);
  corp.tellsAuthTime = false;
  for (const size of Object.keys(SIZES)) {
    const [old, next] = [`grace-${size}@example.com`, `grace-${size}@example.org`];
    const window = await openAt(open, service, { size });
    const { page } = window;
    window.foresee("user/login", 403);
    await goAs(page, corp, `grace-${size}`);
    await heading(page, "Choose an account").waitFor();
    await fill(page, { "Account name": `Compilers of ${size}` });
    await button(page, "Create account").click();
    await heading(page, "Overview").waitFor();
    await page.goto(`${service.console}#/me/sign-in`);
    const own = region(page, "Email");
    await window.look("provider-own-email");
    await fill(own, { Email: next });
    window.foresee("user/update", 401);
    await button(own, "Change email").click();
    const confirmation = page.getByRole("dialog", { name: "Confirm it’s you" });
    await window.look("provider-own-email-confirmation");
    await button(confirmation, "Email me a code").click();
    window.foresee("session/confirm", 422);
    await fill(confirmation, { Code: "00000000" });
    await button(confirmation, "Confirm").click();
    await confirmation.locator("[aria-invalid=true]").waitFor();
    await fill(confirmation, { Code: await service.code(old) });
    await button(confirmation, "Confirm").click();
    await own.getByText("Check your email").waitFor();
    await window.look("provider-own-email-sent");
    await page.goto(await service.link(next, "confirm-email"));
    await button(page, "Confirm email").click();
    await heading(page, "Your email has been changed").waitFor();
    await window.look("provider-own-email-changed");
    assert.match(await service.link(old, "undo-email"), /#undo-email=/);
    // The provider knows the person as before.
    await page.goto(service.console);
    await heading(page, "Overview").waitFor();
    await signOut(window);
    await button(page, `Continue with ${corp.label}`).click();
    await heading(page, "Overview").waitFor();
    await page.goto(`${service.console}#/me/sign-in`);
    await own.waitFor();
    assert.equal(await field(own, "Email").inputValue(), next);
  }
});
