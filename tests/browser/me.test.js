// Oneself: names, password, second factor and sessions.

import assert from "node:assert/strict";
import {
  ADA,
  button,
  copied,
  faultOf,
  field,
  fill,
  heading,
  hasFocus,
  navigation,
  region,
  rows,
  says,
  signIn,
  signOut,
  visit,
} from "./support/console.js";
import { TRUSTED, jwt } from "./support/issuer.js";
import { SIZES, scene } from "./support/scene.js";
import { eventually } from "./support/service.js";
import { scanned, totp } from "./support/totp.js";

/** The people who play in a window of each size: the operator, and a user with the lowest role. */
const PEOPLE = {
  desktop: ADA,
  phone: { email: "bob@example.com", password: "seven green teapots", first: "Bob", last: "Babbage" },
};
const nameOf = ({ first, last }) => `${first} ${last}`;

async function everybody(service) {
  const root = await service.root(ADA);
  await service.user(root, { ...PEOPLE.phone, role: "user" });
  await service.call("session/remove", root, {});
}

scene("one's own names and preferences", async ({ service, open }) => {
  await everybody(service);
  for (const size of Object.keys(SIZES)) {
    const window = await open({ size });
    const { page } = window;
    const me = PEOPLE[size];
    await signIn(page, service, me);
    await (await navigation(page)).getByRole("link", { name: "Your profile" }).click();
    await heading(page, nameOf(me)).waitFor();
    await window.look("me");
    window.foresee("user/update", 422);
    await fill(page, { "Username": "no spaces" });
    await button(page, "Save profile").click();
    await page.locator("[aria-invalid=true]").waitFor();
    assert.match(await faultOf(field(page, "Username")), /user ?name/i);
    await window.look("me-refused");
    await fill(page, { "Username": `me-${size}`, "Last name": "of Elsewhere" });
    await button(page, "Save profile").click();
    await heading(page, `${me.first} of Elsewhere`).waitFor();
    await navigation(page);
    await button(page, `Signed in as: ${me.first} of Elsewhere ${me.email}`).waitFor();
    if (size === "phone") await button(page, "Close").click();
    await fill(page, { "Preferences as JSON": '{ "theme": "dark" }' });
    await button(page, "Save preferences").click();
    await page.getByText("Changes saved.").last().waitFor();
    await page.reload();
    await heading(page, `${me.first} of Elsewhere`).waitFor();
    assert.match(await field(page, "Preferences as JSON").inputValue(), /"theme": "dark"/);
    assert.equal(await field(page, "Username").inputValue(), `me-${size}`);
  }
});

scene("another password, and all other sessions end", async ({ service, open }) => {
  await everybody(service);
  for (const size of Object.keys(SIZES)) {
    const window = await open({ size });
    const { page } = window;
    const me = PEOPLE[size];
    const { refreshToken } = await service.signIn(me);
    await signIn(page, service, me, "me/sign-in", nameOf(me));
    await window.look("me-sign-in");
    assert.ok(await button(page, "Change password").isDisabled(), "before anything was typed");
    const form = region(page, "Password");
    window.foresee("user/changePassword", 422);
    await fill(form, { "Current password": "guessed", "New password": "tides turn twice" });
    await button(page, "Change password").click();
    await field(form, "Current password").and(page.locator("[aria-invalid]")).waitFor();
    assert.match(await faultOf(field(form, "Current password")), /wrong|not/);
    window.foresee("user/changePassword", 422);
    await fill(form, { "Current password": me.password, "New password": "password1" });
    await button(page, "Change password").click();
    await field(form, "New password").and(page.locator("[aria-invalid]")).waitFor();
    assert.match(await faultOf(field(form, "New password")), /common|guess/);
    await window.look("me-password-refused");
    await fill(form, { "New password": "tides turn twice" });
    await button(page, "Change password").click();
    await page.getByText(/Password changed\./).waitFor();
    assert.equal((await service.ask("session/refresh", "", { refreshToken })).status, 401);
    await page.reload();
    await heading(page, nameOf(me)).waitFor();
    await service.signIn({ ...me, password: "tides turn twice" });
  }
});

scene("a second factor is turned on, used and turned off", async ({ service, open }) => {
  await everybody(service);
  for (const size of Object.keys(SIZES)) {
    const window = await open({ size });
    const { page } = window;
    const me = PEOPLE[size];
    await signIn(page, service, me, "me/sign-in", nameOf(me));
    const card = region(page, "Two-factor authentication");
    await card.getByText(/^Off\./).waitFor();
    await fill(card, { "Your password": me.password });
    await button(card, "Set up").click();
    const codes = await enrol(window, card);
    await button(page, "I’ve saved them").click();
    await card.getByText(/^On:/).waitFor();
    assert.ok(!(await page.content()).includes(codes[0]), "recovery codes are shown once");

    await signOut(page);
    await heading(page, "Sign in").waitFor();
    await comeIn(window, service, me, codes[0]);
    // Each recovery code signs in once.
    const again = await service.ask("session/create", "", { ...login(me), totp: codes[0] });
    assert.equal(again.status, 401);

    await visit(page, service, "me/sign-in", nameOf(me));
    await button(card, "Turn off").click();
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    await window.look("me-factor-off");
    await fill(dialog, { "Your password": me.password });
    await button(dialog, "Turn off").click();
    await card.getByText(/^Off\./).waitFor();
    await service.signIn(me);
  }
});

/** With the code that is on the screen; returns the recovery codes. */
async function enrol(window, card) {
  const { page } = window;
  const qr = card.getByRole("img", { name: /QR code/ });
  await qr.waitFor();
  const secret = await field(card, "Or enter this key in the app").inputValue();
  for (const colorScheme of ["dark", "light"]) {
    await page.emulateMedia({ colorScheme });
    const url = new URL(await scanned(qr));
    assert.equal(url.protocol, "otpauth:", colorScheme);
    assert.equal(url.searchParams.get("secret"), secret, colorScheme);
  }
  await eventually("the focus in the new field", () => hasFocus(field(card, "Code shown in the app")));
  await window.look("me-factor");
  window.foresee("totp/confirm", 422);
  await fill(card, { "Code shown in the app": String((Number(totp(secret)) + 1) % 1_000_000).padStart(6, "0") });
  await button(card, "Turn on").click();
  await page.locator("[aria-invalid=true]").waitFor();
  assert.match(await faultOf(field(card, "Code shown in the app")), /code/i);
  await window.look("me-factor-refused");
  await fill(card, { "Code shown in the app": totp(secret) });
  await button(card, "Turn on").click();
  const list = card.getByRole("list", { name: "Recovery codes" }).getByRole("listitem");
  await list.first().waitFor();
  await window.look("me-recovery-codes");
  const codes = await list.allInnerTexts();
  assert.equal(await copied(window, button(card, "Copy all")), codes.join("\n"));
  assert.equal(new Set(codes).size, codes.length);
  assert.ok(codes.length >= 8, codes.join());
  return codes;
}

const login = ({ email, password }) => ({ email, password });

/** Signs in with a password and a code. */
async function comeIn(window, service, me, code) {
  const { page } = window;
  await fill(page, { "Email": me.email, Password: me.password });
  window.foresee("session/create", 401);
  await button(page, "Sign in").click();
  await fill(page, { Code: code });
  await button(page, "Sign in").click();
  await page.getByRole("banner").waitFor();
}

scene("sessions elsewhere are ended", async ({ service, open }) => {
  await everybody(service);
  for (const size of Object.keys(SIZES)) {
    const window = await open({ size });
    const { page } = window;
    const me = PEOPLE[size];
    const elsewhere = await open({ size });
    await signIn(elsewhere.page, service, me);
    const others = [await service.signIn(me), await service.signIn(me)];
    await signIn(page, service, me, "me/sessions", nameOf(me));
    const sessions = rows(page, "Sessions");
    await eventually("all sessions", async () => (await sessions.count()) === 4);
    assert.equal(await sessions.filter({ hasText: "This session" }).count(), 1);
    assert.equal(await sessions.filter({ hasText: "127.0.0.1" }).count(), 4);
    await window.look("me-sessions");
    // The browser elsewhere is the one before this one.
    const chromiums = sessions.filter({ hasText: /Chrom/ });
    await button(chromiums.filter({ hasNotText: "This session" }), "End session").click();
    await eventually("one session less", async () => (await sessions.count()) === 3);
    elsewhere.tolerate("user/get", 401);
    elsewhere.tolerate("account/get", 401);
    elsewhere.foresee("session/refresh", 401);
    await elsewhere.page.reload();
    await heading(elsewhere.page, "Sign in").waitFor();
    await says(elsewhere.page, "Your session has ended");

    await button(page, "End all other sessions").click();
    await page.getByRole("dialog").waitFor();
    await window.look("me-sessions-end");
    await button(page, "End sessions").click();
    await page.getByText("2 sessions ended.").waitFor();
    await eventually("this session alone", async () => (await sessions.count()) === 1);
    for (const { refreshToken } of others) {
      assert.equal((await service.ask("session/refresh", "", { refreshToken })).status, 401);
    }
    await page.reload();
    await heading(page, nameOf(me)).waitFor();
  }
});

scene("one deletes one's sign-in, and is told what goes and what stays", async ({ service, open }) => {
  await everybody(service);
  const me = PEOPLE.phone;
  const window = await open({ size: "phone" });
  const { page } = window;
  await signIn(page, service, me, "me/sign-in", nameOf(me));
  const card = region(page, "Delete my sign-in");
  await card.getByText(/password, second factor and sessions are deleted, and you leave all your accounts\. The accounts themselves stay/).waitFor();
  await button(card, "Delete my sign-in…").click();
  const dialog = page.getByRole("dialog", { name: "Delete my sign-in" });
  await fill(dialog, { [`Type ${me.email} to continue`]: me.email });
  await window.look("me-delete");
  await button(dialog, "Delete my sign-in").click();
  await heading(page, "Sign in").waitFor();
  await says(page, "Your sign-in has been deleted, and you have left all your accounts.");
  assert.equal((await service.ask("session/create", "", { email: me.email, password: me.password })).status, 401);
});

scene(
  "who signs in with another service leaves all accounts",
  "--registration=invite",
  TRUSTED,
  async ({ service, open }) => {
    const root = await service.root(ADA);
    const { email, first } = PEOPLE.phone;
    await service.user(root, { email, first });
    const token = jwt({ email, email_verified: true });
    await service.call("user/login", token, {});
    const window = await open({ size: "phone" });
    const { page } = window;
    await page.goto(`${service.console}#/token`);
    await fill(page, { Token: token });
    await button(page, "Sign in").click();
    await heading(page, "Users").waitFor();
    await visit(page, service, "me/sign-in", first);
    const card = region(page, "Leave all my accounts");
    await card.getByText(/so does your sign-in with the other service/).waitFor();
    await button(card, "Leave all my accounts…").click();
    const dialog = page.getByRole("dialog", { name: "Leave all my accounts" });
    await fill(dialog, { [`Type ${email} to continue`]: email });
    await window.look("me-leave-all");
    window.foresee("identity/remove", 401);
    await button(dialog, "Leave all my accounts").click();
    // A token of somebody else's says nothing of when its person was last asked.
    const confirmation = page.getByRole("dialog", { name: "Confirm it’s you" });
    await button(confirmation, "Email me a code").click();
    await fill(confirmation, { Code: await service.code(email) });
    await button(confirmation, "Confirm").click();
    await heading(page, "Sign in").waitFor();
    await says(page, "You have left all your accounts.");
    assert.equal((await service.ask("user/get", token, {})).status, 403);
  },
);
