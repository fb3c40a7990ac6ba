// The React components and their example, with both versions of React that they are for; served by another origin than
// the service.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { after } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ADA, button, field, fill } from "./support/console.js";
import { Corp } from "./support/providers.js";
import { scene } from "./support/scene.js";
import { totp } from "./support/totp.js";

const REACT = fileURLToPath(new URL("../../clients/react/", import.meta.url));
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };
/** Stands in what is built for the URL of the service, whose port each test chooses anew. */
const PLACE = "http://the-service.invalid";

const resolve = createRequire(join(REACT, "package.json")).resolve;
const vite = await import(pathToFileURL(join(resolve("vite/package.json"), "../dist/node/index.js")));
const { default: config } = await import(pathToFileURL(join(REACT, "example/vite.config.js")));
process.env.VITE_GUESTLIST_URL = PLACE;
const folder = await mkdtemp(join(tmpdir(), "guestlist-react-"));
const VERSIONS = [
  { name: "react", dom: "react-dom" },
  { name: "react-18", dom: "react-dom-18" },
];
for (const { name, dom } of VERSIONS) {
  const own = ["react-dom", "react"].map((from, at) => ({
    find: new RegExp(`^${from}(?=$|/)`),
    replacement: join(REACT, "node_modules", [dom, name][at]),
  }));
  const others = Object.entries(config.resolve.alias).map(([find, replacement]) => ({ find, replacement }));
  await vite.build({
    ...config,
    configFile: false,
    root: join(REACT, "example"),
    logLevel: "error",
    base: `/${name}/`,
    resolve: { alias: [...own, ...others] },
    build: { outDir: join(folder, name), minify: false },
  });
}

let api;
const site = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, "http://site");
  const file = join(folder, pathname.endsWith("/") ? `${pathname}index.html` : pathname);
  const text = await readFile(file, "utf8").catch(() => undefined);
  response.writeHead(text === undefined ? 404 : 200, { "Content-Type": TYPES[extname(file)] ?? "text/plain" });
  response.end(text?.replaceAll(PLACE, api));
}).listen(0, "127.0.0.1");
await once(site, "listening");
const origin = `http://localhost:${site.address().port}`;
after(async () => {
  site.close();
  site.closeAllConnections();
  await rm(folder, { recursive: true });
});

const corp = await Corp.reserve();
const BOB = { email: "bob@example.com", password: "seven green teapots", first: "Bob" };

/** A service whose emails lead to the app, and windows in which the app is open. */
function play(name, react, act, ...flags) {
  const app = `${origin}/${react}/`;
  const given = [`--cors-origin=${origin}`, `--app-url=${app}`, ...flags];
  scene(`${react}: ${name}`, ...given, async ({ service, open }) => {
    api = service.api;
    const root = await service.root(ADA);
    const visit = async (url = app, { isKnown = false, ...options } = {}) => {
      const window = await open(options);
      for (const one of [origin, corp.issuer]) window.expectOrigin(one);
      if (!isKnown) window.foresee("session/refresh", 401);
      await window.page.goto(url);
      return window;
    };
    await act({ service, root, visit, app });
  });
}

async function signIn(page, { email, password }) {
  await fill(page, { Email: email, Password: password });
  await button(page, "Sign in").click();
}

const users = (page) => page.getByRole("list", { name: "Users" }).getByRole("listitem");
const shown = (page, email) => users(page).filter({ hasText: email }).waitFor();
const title = (page, name) => page.getByRole("heading", { name, exact: true }).waitFor();

for (const { name: react } of VERSIONS) {
  play("somebody signs in, invites, and is in two accounts", react, async ({ service, root, visit, app }) => {
    const window = await visit();
    const { page } = window;
    await title(page, "Sign in");
    await window.look(`${react}-sign-in`);
    // A wrong password is told where it was typed, and read out.
    window.foresee("session/create", 401);
    await signIn(page, { ...ADA, password: "rivers run downhill" });
    await page.getByRole("alert").getByText("The email or the password is wrong.").waitFor();
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
    await bobs.getByText("Ada Lovelace invites you to join as user. The invite is for bob@example.com.").waitFor();
    await fill(bobs, { "First name \\(optional\\)": "Bob", Password: BOB.password });
    await button(bobs, "Accept and sign in").click();
    await shown(bobs, "Bob");
    assert.equal(bobs.url(), app);

    // Expected in another account: named, and joined by a click.
    await service.user(root, { accountId: other.id, email: BOB.email, role: "admin", sendInvite: true });
    await bobs.reload();
    await bobs.getByText("Ada Lovelace invites you to join Difference Engines as admin.").waitFor();
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
  await page.getByRole("status").getByText("we have sent an email to it").waitFor();
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
  await page.getByText(`${NEW} (root)`).waitFor();

  await page.goto(await service.link(ADA.email, "undo-email"));
  await title(page, "Undo the email change");
  await field(page, "New password").fill("tides turn twice");
  await button(page, "Undo change").click();
  await page.getByText(`${ADA.email} (root)`).waitFor();
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
    await title(window.page, `Connect ${corp.label}`);
    await window.look("react-link");
    window.foresee("provider/link", 401);
    await field(window.page, "Password").fill("rivers run downhill");
    await button(window.page, "Confirm").click();
    await window.page.getByRole("alert").waitFor();
    await field(window.page, "Password").fill(ADA.password);
    await button(window.page, "Confirm").click();
    await shown(window.page, ADA.email);
    await button(window.page, "Sign out").click();
    await button(window.page, `Continue with ${corp.label}`).click();
    await shown(window.page, ADA.email);
  },
  corp.flag(),
);
