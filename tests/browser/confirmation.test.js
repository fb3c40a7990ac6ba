// Confirming who one is: one dialog, whatever waits for it. But for the last scenes, the service's part is played here, as
// docs/interface.md has it: so changes wait that the service itself would not have confirmed.

import assert from "node:assert/strict";
import { ADA, button, faultOf, field, fill, hasFocus, heading, says, signIn, signOut } from "./support/console.js";
import { SIZES, scene } from "./support/scene.js";
import { eventually } from "./support/service.js";

const CODE = "12345678";
const problem = (status, more) => ({
  status,
  contentType: "application/problem+json",
  body: JSON.stringify({ status, ...more }),
});
const wrong = (name) =>
  problem(422, { code: "validation_failed", errors: [{ field: name, code: "wrong", detail: `${name} is wrong` }] });
const issuedAt = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url")).iat;

/** A service that has people confirm who they are before it changes a user, by one of these ways. */
class Guard {
  /** How many codes were sent. */
  sent = 0;
  /** Tokens that were made before are too old, in seconds. */
  #since = Infinity;

  static async of({ context, service }, ...confirmBy) {
    const guard = new Guard();
    guard.refusal = problem(401, {
      code: "reauthentication_required",
      detail: "This takes somebody who has signed in a moment ago.",
      maxAge: 900,
      confirmBy,
    });
    await context.route(`${service.api}/user/update`, (route) => guard.#judge(route));
    await context.route(`${service.api}/session/code`, (route) => guard.#mail(route));
    await context.route(`${service.api}/session/confirm`, (route) => guard.#confirm(route, service));
    return guard;
  }

  async #judge(route) {
    const token = (await route.request().headerValue("authorization")).replace("Bearer ", "");
    return issuedAt(token) >= this.#since ? route.fallback() : route.fulfill(this.refusal);
  }

  #mail(route) {
    this.sent++;
    return route.fulfill({ json: { key: `key-${this.sent}`, expires: new Date().toISOString() } });
  }

  async #confirm(route, service) {
    const { currentPassword, totp, emailCode, key } = route.request().postDataJSON();
    if (currentPassword !== undefined && currentPassword !== ADA.password) return route.fulfill(wrong("currentPassword"));
    if (totp !== undefined && totp !== CODE.slice(2)) return route.fulfill(wrong("totp"));
    if (emailCode !== undefined && (emailCode !== CODE || key !== `key-${this.sent}`)) return route.fulfill(wrong("emailCode"));
    const second = Math.floor(Date.now() / 1000) + 1;
    await eventually("the next second", () => Date.now() >= second * 1000);
    const response = await route.fetch({ url: `${service.api}/session/refresh`, postData: "{}" });
    const reply = await response.json();
    assert.equal(response.status(), 200, JSON.stringify(reply));
    this.#since = second;
    return route.fulfill({ json: { ...reply, freshUntil: reply.expires } });
  }
}

const dialogOf = (page) => page.getByRole("dialog", { name: "Confirm it’s you" });

/** Has a change made that waits for the dialog. */
async function change(window, name) {
  const { page } = window;
  window.foresee("user/update", 401);
  await fill(page, { "First name": name });
  await button(page, "Save profile").click();
  await dialogOf(page).waitFor();
}

scene("a change waits until its person has given the password", async ({ service, open }) => {
  await service.root(ADA);
  for (const size of Object.keys(SIZES)) {
    const window = await open({ size });
    const { page } = window;
    await signIn(page, service, ADA, "me", "Ada Lovelace");
    const guard = await Guard.of(window, "currentPassword", "emailCode");
    const dialog = dialogOf(page);

    await change(window, "Augusta");
    await eventually("the focus in the field", () => hasFocus(field(dialog, "Password")));
    await window.look("confirm");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await says(page, "This takes somebody who has signed in a moment ago.");
    await heading(page, "Ada Lovelace").waitFor();

    await change(window, "Augusta");
    window.foresee("session/confirm", 422);
    await fill(dialog, { Password: "rivers run downhill" });
    await page.keyboard.press("Enter");
    await dialog.locator("[aria-invalid=true]").waitFor();
    assert.equal(await faultOf(field(dialog, "Password")), "Password is wrong.");
    await window.look("confirm-refused");
    await fill(dialog, { Password: ADA.password });
    await button(dialog, "Confirm").click();
    await heading(page, "Augusta Lovelace").waitFor();
    await dialog.waitFor({ state: "detached" });
    assert.equal(guard.sent, 0);

    // It is not asked for again, whether or not the page is another one.
    await page.reload();
    await fill(page, { "First name": "Ada" });
    await button(page, "Save profile").click();
    await heading(page, "Ada Lovelace").waitFor();
  }
});

/** Ada on a phone, whose change waits for her to confirm by one of these ways. */
async function asked({ service, open }, ...ways) {
  await service.root(ADA);
  const window = await open({ size: "phone" });
  const { page } = window;
  await signIn(page, service, ADA, "me", "Ada Lovelace");
  const guard = await Guard.of(window, ...ways);
  await change(window, "Augusta");
  return { window, page, guard, dialog: dialogOf(page) };
}

scene("a code by email will do", async (stage) => {
  const { window, page, guard, dialog } = await asked(stage, "totp", "emailCode");
  await dialog.getByText("From your authenticator app.").waitFor();
  await button(dialog, "Email me a code").click();
  await dialog.getByText("The 8 digits in the email").waitFor();
  await eventually("the focus in the field", () => hasFocus(field(dialog, "Code")));
  await window.look("confirm-by-email");
  await button(dialog, "Email me another code").click();
  await eventually("the other code", () => guard.sent === 2);
  await eventually("the focus in the field", () => hasFocus(field(dialog, "Code")));
  window.foresee("session/confirm", 422);
  await fill(dialog, { Code: "00000000" });
  await button(dialog, "Confirm").click();
  await dialog.locator("[aria-invalid=true]").waitFor();
  await fill(dialog, { Code: "1234 5678" });
  await button(dialog, "Confirm").click();
  await heading(page, "Augusta Lovelace").waitFor();
});

scene("a code by email is all that there is", async (stage) => {
  const { window, page, guard, dialog } = await asked(stage, "emailCode");
  assert.equal(await dialog.getByRole("textbox").count(), 0);
  assert.equal(guard.sent, 0);
  await window.look("confirm-by-email-alone");
  await button(dialog, "Email me a code").click();
  await fill(dialog, { Code: CODE });
  await button(dialog, "Confirm").click();
  await heading(page, "Augusta Lovelace").waitFor();
});

scene("calls that wait share the dialog", async ({ service, open }) => {
  await service.root(ADA);
  const window = await open();
  const { page } = window;
  await signIn(page, service, ADA, "me", "Ada Lovelace");
  await Guard.of(window, "currentPassword");
  for (let calls = 0; calls < 2; calls++) window.foresee("user/update", 401);
  const both = page.evaluate(async () => {
    const { call } = await import(new URL("console/api.js", location.href).href);
    const updates = [{ first: "Augusta" }, { last: "King" }].map((names) => call("user/update", names));
    return Promise.all(updates).then(() => "done");
  });
  const dialog = dialogOf(page);
  await dialog.waitFor();
  assert.equal(await page.getByRole("dialog").count(), 1);
  await fill(dialog, { Password: ADA.password });
  await button(dialog, "Confirm").click();
  assert.equal(await both, "done");
  await dialog.waitFor({ state: "detached" });
  await page.reload();
  await heading(page, "Augusta King").waitFor();
});

scene("in another account of the same session it is the new token that is exchanged", async ({ service, open }) => {
  await service.root(ADA);
  const window = await open();
  const { page } = window;
  await signIn(page, service, ADA, "accounts", "Your accounts");
  await fill(page, { "Account name": "Compilers" });
  await button(page, "Create account").click();
  await page.getByRole("banner").getByText("Compilers").waitFor();
  await page.goto(`${service.console}#/me`);
  await field(page, "First name").waitFor();
  await Guard.of(window, "currentPassword");
  await change(window, "Augusta");
  const dialog = dialogOf(page);
  await fill(dialog, { Password: ADA.password });
  await button(dialog, "Confirm").click();
  await page.getByRole("heading", { level: 1, name: /^Augusta/ }).waitFor();
});

scene("what was confirmed in one tab is not asked for in the other", async ({ service, open }) => {
  await service.root(ADA);
  const window = await open();
  const { page } = window;
  const other = await window.tab();
  await signIn(page, service, ADA, "me", "Ada Lovelace");
  await other.goto(`${service.console}#/me`);
  await heading(other, "Ada Lovelace").waitFor();
  const guard = await Guard.of(window, "currentPassword");

  // It is on its way when the other tab asks.
  const held = [];
  const hold = (route) => held.push(route);
  await other.route("**/user/update", hold, { times: 1 });
  await fill(other, { "Last name": "King" });
  await button(other, "Save profile").click();
  await eventually("the change", () => held.length === 1);
  await change(window, "Augusta");
  const dialog = dialogOf(page);
  await fill(dialog, { Password: ADA.password });
  await button(dialog, "Confirm").click();
  await heading(page, "Augusta Lovelace").waitFor();
  window.foresee("user/update", 401);
  // What it changes is not what it was any more; that it is sent is what counts.
  window.tolerate("user/update", 409);
  const again = other.waitForResponse((response) => response.url().endsWith("/user/update") && response.request() !== held[0].request());
  await held[0].fulfill(guard.refusal);
  assert.notEqual((await again).status(), 401);
  assert.equal(await dialogOf(other).count(), 0);
});

scene("who signs out in another tab is asked nothing more", async ({ service, open }) => {
  await service.root(ADA);
  const window = await open();
  const { page } = window;
  const other = await window.tab();
  await signIn(page, service, ADA, "me", "Ada Lovelace");
  await other.goto(`${service.console}#/me`);
  await heading(other, "Ada Lovelace").waitFor();
  await Guard.of(window, "currentPassword");
  await change(window, "Augusta");
  await signOut(other);
  await heading(page, "Sign in").waitFor();
  assert.equal(await page.getByRole("dialog").count(), 0);
});

/** Somebody who signed in a while ago, by the service's clock, and has all other sessions ended. */
async function endOthers({ service, open }, size) {
  await service.root(ADA);
  const window = await open({ size });
  const { page } = window;
  await signIn(page, service, ADA, "me/sessions", "Ada Lovelace");
  await service.signIn(ADA);
  await service.later("11m");
  await page.reload();
  window.foresee("session/remove", 401);
  await button(page, "End all other sessions").click();
  await button(page, "End sessions").click();
  await dialogOf(page).waitFor();
  return { window, page, dialog: dialogOf(page) };
}

scene("the service asks for the password, and goes on with it", async (stage) => {
  const { window, page, dialog } = await endOthers(stage, "desktop");
  window.foresee("session/confirm", 422);
  await fill(dialog, { Password: "rivers run downhill" });
  await button(dialog, "Confirm").click();
  await dialog.locator("[aria-invalid=true]").waitFor();
  await fill(dialog, { Password: ADA.password });
  await button(dialog, "Confirm").click();
  await dialog.waitFor({ state: "detached" });
  await page.getByText("2 sessions ended.").waitFor();
});

scene("the service asks for a code, and mails it", async (stage) => {
  const { page, dialog } = await endOthers(stage, "phone");
  await button(dialog, "Email me a code").click();
  await fill(dialog, { Code: await stage.service.code(ADA.email) });
  await button(dialog, "Confirm").click();
  await dialog.waitFor({ state: "detached" });
  await page.getByText("2 sessions ended.").waitFor();
});

/** Somebody at that page who signed in a while ago, by the service's clock. */
async function late({ service, open }, path, title) {
  await service.root(ADA);
  const window = await open();
  await signIn(window.page, service, ADA, path, title);
  await service.later("11m");
  await window.page.reload();
  return { window, page: window.page, dialog: dialogOf(window.page) };
}

scene("a key is made once its maker has given the password, above what was filled in", async (stage) => {
  const { window, page, dialog } = await late(stage, "keys", "API keys");
  await button(page, "Create key").click();
  const making = page.getByRole("dialog", { name: "Create an API key" });
  await fill(making, { Name: "nightly" });
  window.foresee("key/create", 401);
  await button(making, "Create key").click();
  await dialog.waitFor();
  await button(dialog, "Cancel").click();
  await dialog.waitFor({ state: "detached" });
  // What was typed is still there.
  assert.equal(await field(page, "Name").inputValue(), "nightly");
  window.foresee("key/create", 401);
  await button(making, "Create key").click();
  await fill(dialog, { Password: ADA.password });
  await button(dialog, "Confirm").click();
  await page.getByText("nightly has been created").waitFor();
  assert.equal(await page.getByRole("dialog").count(), 0);
});

scene("a password that the page asks for is not asked for twice", async (stage) => {
  const { window, page, dialog } = await late(stage, "me/sign-in", "Ada Lovelace");
  const fields = { "Current password": "rivers run downhill", "New password": "nine brass cogs in a row" };
  await fill(page, fields);
  window.foresee("user/changePassword", 401);
  window.foresee("session/confirm", 422);
  await button(page, "Change password").click();
  await page.locator("[aria-invalid=true]").waitFor();
  await fill(page, { "Current password": ADA.password });
  window.foresee("user/changePassword", 401);
  await button(page, "Change password").click();
  await page.getByText("Password changed.").waitFor();
  assert.equal(await dialog.count(), 0);
});
