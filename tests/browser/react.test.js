// The React components and their example, with both versions of React that they are for.

import assert from "node:assert/strict";
import { ADA, button, field, fill } from "./support/console.js";
import { Corp } from "./support/providers.js";
import { play, VERSIONS } from "./support/react.js";
import { totp } from "./support/totp.js";

const corp = await Corp.reserve();
const BOB = { email: "bob@example.com", password: "seven green teapots", first: "Bob" };

async function signIn(page, { email, password }) {
  await fill(page, { Email: email, Password: password });
  await button(page, "Sign in").click();
}

const users = (page) => page.getByRole("list", { name: "Users" }).getByRole("listitem");
const shown = (page, email) => users(page).filter({ hasText: email }).waitFor();
const title = (page, name) => page.getByRole("heading", { name, exact: true }).waitFor();

for (const react of Object.keys(VERSIONS)) {
  play("somebody signs in, invites, and is in two accounts", react, async ({ service, root, visit, app }) => {
    const window = await visit();
    const { page } = window;
    await title(page, "Sign in");
    await window.look(`${react}-sign-in`);
    // A wrong password is told where it was typed, and read out.
    window.foresee("session/create", 401);
    await signIn(page, { ...ADA, password: "rivers run downhill" });
    await page.getByRole("alert").getByText("The email or password is wrong.").waitFor();
    await window.look(`${react}-wrong-password`);
    await fill(page, { Password: ADA.password });
    await button(page, "Sign in").click();
    await shown(page, ADA.email);
    await window.look(`${react}-signed-in`);
    await page.getByLabel("Email of somebody new").fill(BOB.email);
    await button(page, "Invite").click();
    await shown(page, BOB.email);
    // It stays signed in, in the account that this tab is in.
    const other = await service.call("account/create", root, { name: "Difference Engines" });
    const emailed = await service.link(BOB.email, "invite");

    const { page: bobs } = await visit(emailed);
    await title(bobs, "Join Analytical Engines");
    await bobs.getByText("Ada Lovelace invites you to join as a user. The invitation is for bob@example.com.").waitFor();
    await fill(bobs, { "First name": "Bob", Password: BOB.password });
    await button(bobs, "Accept and sign in").click();
    await shown(bobs, "Bob");
    assert.equal(bobs.url(), app);

    // Expected in another account: named, and joined by a click.
    await service.user(root, { accountId: other.id, email: BOB.email, role: "admin", sendInvite: true });
    await bobs.reload();
    await bobs.getByText("Ada Lovelace invites you to join Difference Engines as an admin.").waitFor();
    await button(bobs, "Join Difference Engines").click();
    await bobs.getByText("bob@example.com (admin)").waitFor();
    await bobs.getByRole("combobox", { name: "Account" }).selectOption({ label: "Analytical Engines" });
    await shown(bobs, "Ada");
    await bobs.getByText("(user)").waitFor();
    await bobs.reload();
    await bobs.getByText("(user)").waitFor();
  });
}

play("who signs out in one tab is signed out in all", "react", async ({ visit }) => {
  const window = await visit();
  await signIn(window.page, ADA);
  await shown(window.page, ADA.email);
  const tab = await window.tab();
  await tab.goto(window.page.url());
  await shown(tab, ADA.email);
  await button(tab, "Sign out").click();
  await title(tab, "Sign in");
  assert.equal(await tab.getByText("You have been signed out.").count(), 0);
  await window.page.getByText("You have been signed out.").waitFor();
  // Signed in again in one, they all are.
  await signIn(tab, ADA);
  await shown(window.page, ADA.email);
});

play("an admin ends sessions and suspends", "react", async ({ service, root, visit }) => {
  const { id } = await service.user(root, { email: BOB.email, sendInvite: true });
  const invite = (await service.link(BOB.email, "invite")).split("=").at(-1);
  await service.call("identity/create", "", { invite, password: BOB.password });
  const window = await visit();
  const { page } = window;
  await signIn(page, BOB);
  await button(page, "Reload").waitFor();
  // The service is asked anew by each test of the memory of callers: with what has ended, the next call is refused.
  await service.call("session/remove", root, { id, others: true });
  window.foresee("user/find", 401);
  await button(page, "Reload").click();
  await page.getByText("You were signed out of this account.").waitFor();
  await window.look("react-signed-out-of-account");
  await signIn(page, BOB);
  await button(page, "Reload").waitFor();

  await service.call("user/update", root, { id, state: "suspended" });
  window.foresee("user/find", 403);
  await button(page, "Reload").click();
  await page.getByText("You cannot use this account").waitFor();
  await button(page, "Sign out").click();
  await title(page, "Sign in");

  // Back in the front, a tab looks by itself what has become of its session.
  await service.call("user/update", root, { id, state: "active" });
  await signIn(page, BOB);
  await button(page, "Reload").waitFor();
  const tokens = await service.signIn(BOB);
  await service.call("user/changePassword", tokens.accessToken, {
    currentPassword: BOB.password,
    newPassword: "tides turn twice",
  });
  for (const call of ["user/get", "account/get", "session/refresh"]) window.tolerate(call, 401);
  await page.evaluate(() => dispatchEvent(new Event("visibilitychange")));
  await page.getByText("You have been signed out.").waitFor();
});

play("a forgotten password is set anew, and a second factor asked for", "react", async ({ service, visit, app }) => {
  const { accessToken } = await service.signIn(ADA);
  const { secret } = await service.call("totp/enroll", accessToken, { currentPassword: ADA.password });
  const { recoveryCodes } = await service.call("totp/confirm", accessToken, { code: totp(secret) });
  const window = await visit();
  const { page } = window;
  await button(page, "Forgot your password?").click();
  await field(page, "Email").fill(ADA.email);
  await button(page, "Send link").click();
  await page.getByRole("status").getByText("we have sent an email to that address").waitFor();
  await page.goto(await service.link(ADA.email, "reset"));
  await title(page, "Set a new password");
  await window.look("react-reset");
  window.foresee("password/reset", 422);
  await field(page, "New password").fill("password");
  await button(page, "Set password").click();
  await page.locator("[aria-invalid=true]").waitFor();
  await window.look("react-reset-common");
  await field(page, "New password").fill("tides turn twice");
  window.foresee("session/create", 401);
  await button(page, "Set password").click();
  await title(page, "Sign in");
  window.foresee("session/create", 401);
  await signIn(page, { ...ADA, password: "tides turn twice" });
  const code = page.getByLabel("Code from your authenticator app");
  await code.waitFor();
  await window.look("react-second-factor");
  await code.fill(recoveryCodes[0]);
  await button(page, "Sign in").click();
  await shown(page, ADA.email);
  assert.equal(page.url(), app);
});

play("an email is moved by its links, and back", "react", async ({ service, visit }) => {
  const window = await visit();
  const { page } = window;
  await signIn(page, ADA);
  await shown(page, ADA.email);
  const { accessToken } = await service.signIn(ADA);
  const NEW = "countess@example.com";
  await service.call("user/update", accessToken, { newEmail: NEW, currentPassword: ADA.password });
  const link = await service.link(NEW, "confirm-email");
  // By then the sign-in is no fresh one any more.
  await service.later("11m");
  await page.goto(link);
  await title(page, "Confirm your new email");
  window.foresee("user/confirmEmail", 401);
  await button(page, "Confirm new email").click();
  await field(page, "Password").fill(ADA.password);
  await window.look("react-confirm");
  await button(page, "Confirm new email").click();
  await page.getByText(`${NEW} (root user)`).waitFor();

  await page.goto(await service.link(ADA.email, "undo-email"));
  await title(page, "Undo the email change");
  await field(page, "New password").fill("tides turn twice");
  await button(page, "Undo change").click();
  await page.getByText(`${ADA.email} (root user)`).waitFor();
});

play("somebody signs up, is in no account, and makes one", "react", async ({ service, visit }) => {
  const window = await visit();
  const { page } = window;
  await button(page, "Sign up").click();
  await fill(page, { Email: BOB.email, Password: BOB.password });
  await window.look("react-sign-up");
  await button(page, "Sign up").click();
  await title(page, "Check your email");
  await page.goto(await service.link(BOB.email, "verify"));
  await field(page, "Password").fill(BOB.password);
  window.tolerate("user/login", 403);
  await button(page, "Confirm and sign in").click();
  await title(page, "Choose an account");
  await window.look("react-no-account");
  await field(page, "Account name").fill("Compilers");
  await button(page, "Create account").click();
  await page.getByText("(admin)").waitFor();
});

play(
  "somebody joins with a provider, and another links one",
  "react",
  async ({ service, root, visit }) => {
    await corp.open(service);
    corp.people.ada = { email: ADA.email, email_verified: true };
    await service.user(root, { email: "grace@example.com", role: "admin", sendInvite: true });
    const { page } = await visit(await service.link("grace@example.com", "invite"));
    await button(page, `Continue with ${corp.label}`).click();
    await corp.signIn(page, "grace");
    await page.getByText("grace@example.com (admin)").waitFor();

    const window = await visit();
    await button(window.page, `Continue with ${corp.label}`).click();
    window.foresee("provider/finish", 401);
    window.foresee("session/refresh", 401);
    await corp.signIn(window.page, "ada");
    await title(window.page, `Link ${corp.label}`);
    await window.look("react-link");
    window.foresee("provider/link", 401);
    await field(window.page, "Password").fill("rivers run downhill");
    await button(window.page, "Confirm").click();
    await window.page.getByRole("alert").getByText("This password is wrong.").waitFor();
    await field(window.page, "Password").fill(ADA.password);
    await button(window.page, "Confirm").click();
    await shown(window.page, ADA.email);
    await button(window.page, "Sign out").click();
    await button(window.page, `Continue with ${corp.label}`).click();
    await shown(window.page, ADA.email);
  },
  { flags: [corp.flag()], others: [corp.issuer] },
);
