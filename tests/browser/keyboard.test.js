// The console without a mouse: all is reached, what has the focus is seen, and it is never lost.
// Nothing here is clicked or filled in: there are keys alone.

import assert from "node:assert/strict";
import { ADA, button, field, hasFocus, heading, region, rows, says } from "./support/console.js";
import { scene } from "./support/scene.js";
import { eventually } from "./support/service.js";
import { totp } from "./support/totp.js";

/** More than any page here has stops. */
const MAX_STOPS = 120;
const COLLEAGUES = ["grace", "alan", "dennis", "ken", "barbara", "edsger", "linus", "margaret", "donald", "frances"];

const link = (page, name) => page.getByRole("link", { name, exact: true });
const dialogOf = (page, name) => page.getByRole("dialog", { name, exact: true });

/** Somebody's hands at the keys. */
class Keys {
  constructor(page) {
    this.page = page;
  }

  async press(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Goes to something by Tab, or back by Shift+Tab; looks at everything on the way. */
  async reach(target, key = "Tab") {
    const wanted = await target.elementHandle();
    for (let presses = 0; presses < MAX_STOPS; presses++) {
      if ((await this.look(wanted)).isThere) return;
      await this.press(key);
    }
    assert.fail(`${MAX_STOPS} times ${key} does not lead to ${target}`);
  }

  /** What has the focus shows that it has it, and nothing lies over it. */
  async look(wanted = null) {
    const { name, fault, isThere } = await this.page.evaluate(lookAtFocus, wanted);
    assert.equal(fault, undefined, name);
    return { isThere };
  }

  /** Goes to a button, a link or a box, and presses it. */
  async use(target, key = "Enter", way = "Tab") {
    await this.reach(target, way);
    await this.press(key);
  }

  /** Goes to a field, and types in place of what stands there. */
  async type(target, text) {
    await this.reach(target);
    await this.press("Control+a");
    await this.page.keyboard.type(text);
  }

  /** The focus is on something, and on the same once all has settled. */
  async keepsFocus(when) {
    await eventually(`the focus after ${when}`, () =>
      this.page.evaluate(() => document.activeElement !== document.body && document.activeElement !== null),
    );
    await this.look();
  }

  /** The focus comes to this by itself. */
  comesTo(target, when) {
    return eventually(`the focus on ${target} after ${when}`, async () => (await target.count()) === 1 && hasFocus(target));
  }
}

/** Runs in the page. The browser's own controls, and the page as a whole, are no matter here. */
function lookAtFocus(wanted) {
  const at = document.activeElement;
  const isThere = at === wanted;
  // In a date, the parts and the button show the focus themselves.
  if (!at || at.matches("body, main, input[type=date], .alert")) return { isThere };
  const name = `${at.localName} ${at.getAttribute("aria-label") ?? at.textContent.trim().slice(0, 60)} ${at.name ?? ""}`;
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(at);
  if (boxShadow === "none" && (outlineStyle === "none" || parseFloat(outlineWidth) === 0)) return { name, fault: "the focus is not seen" };
  const [box] = at.getClientRects();
  const isOut = !box || box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth;
  if (isOut) return { name, fault: "it is out of sight" };
  // Of what is larger, the beginning counts: of a long text the browser brings no more than the caret into view.
  const top = document.elementFromPoint(box.left + Math.min(box.width / 2, 40), box.top + Math.min(box.height / 2, 24));
  // A message goes by itself.
  const isOver = top && !at.contains(top) && !top.contains(at) && !top.closest("label, .toast");
  return { name, isThere, fault: isOver ? `${top.outerHTML.slice(0, 120)} lies over it` : undefined };
}

scene("a service is set up, people are invited and given roles", async ({ service, open }) => {
  const window = await open();
  const { page } = window;
  const keys = new Keys(page);
  await page.goto(await service.setupLink());
  await heading(page, "Set up Guestlist").waitFor();
  await keys.type(field(page, "First name"), ADA.first);
  await keys.type(field(page, "Email"), ADA.email);
  window.foresee("identity/create", 422);
  await keys.press("Enter");
  // What is wrong is where one goes on.
  await keys.comesTo(field(page, "Password"), "a refusal");
  await page.keyboard.type(ADA.password);
  await keys.type(field(page, "Account name"), "Engines");
  await keys.use(button(page, "Set up and sign in"));
  await heading(page, "Overview").waitFor();
  await keys.comesTo(page.getByRole("main"), "signing in");

  // Past the navigation, which is walked through once.
  await page.reload();
  await heading(page, "Overview").waitFor();
  await keys.press("Tab");
  await keys.look();
  await keys.comesTo(link(page, "Skip to content"), "Tab");
  await keys.reach(page.getByRole("button", { name: /^Signed in as/ }));
  await keys.use(link(page, "Skip to content"), "Enter", "Shift+Tab");
  await keys.comesTo(page.getByRole("main"), "the skip link");
  await keys.use(link(page, "Invite people"));
  await heading(page, "Invite people").waitFor();

  await keys.reach(field(page, "Email addresses"));
  for (const name of COLLEAGUES) {
    await page.keyboard.type(`${name}@example.com`);
    await keys.press("Enter");
  }
  await keys.use(button(page, "Send 10 invites"));
  await says(page, "10 of 10 invited");
  await keys.keepsFocus("ten invites");
  await keys.use(page.getByRole("main").getByRole("link", { name: "Show all users" }), "Enter", "Shift+Tab");
  await heading(page, "Users").waitFor();
  await keys.comesTo(page.getByRole("main"), "another page");

  // Three at once.
  await rows(page, "Users").nth(10).waitFor();
  for (const name of ["ken", "barbara", "alan"]) {
    const box = page.getByRole("checkbox", { name: `Select ${name}@example.com` });
    const isBehind = await box.evaluate((box) => box.compareDocumentPosition(document.activeElement) & Node.DOCUMENT_POSITION_FOLLOWING);
    await keys.use(box, "Space", isBehind ? "Shift+Tab" : "Tab");
  }
  const selection = region(page, "Selection");
  await selection.getByText("3 selected").waitFor();
  await keys.use(button(selection, "Change role"));
  const dialog = dialogOf(page, "Change the role of 3 users");
  await keys.comesTo(field(dialog, "Role"), "the dialog has opened");
  await keys.press("Escape");
  await keys.comesTo(button(selection, "Change role"), "Escape");
  await keys.press("Enter");
  await keys.comesTo(field(dialog, "Role"), "the dialog has opened again");
  await page.keyboard.type("Admin");
  await keys.use(button(dialog, "Change role"));
  await page.getByText("Role of 3 users changed.").waitFor();
  await selection.waitFor({ state: "detached" });
  await keys.keepsFocus("the selection is gone");
  assert.equal(await rows(page, "Users").getByText("Admin", { exact: true }).count(), 3);

  // The menu of a row, and a row that vanishes.
  const actions = (name) => button(page, `Actions: ${name}@example.com`);
  await keys.reach(actions("linus"), (await isAfterFocus(actions("linus"))) ? "Tab" : "Shift+Tab");
  await keys.press("ArrowDown");
  const menu = page.getByRole("menu");
  await keys.comesTo(menu.getByRole("menuitem").first(), "the menu has opened");
  await keys.press("End", "Home", "ArrowUp");
  await keys.comesTo(menu.getByRole("menuitem", { name: "Remove" }), "the arrows");
  await keys.press("Escape");
  await keys.comesTo(actions("linus"), "the menu is closed");
  await keys.press("Enter", "End", "Enter");
  await keys.use(button(page.getByRole("dialog"), "Remove"));
  await page.getByText("linus@example.com is in the trash.").waitFor();
  await actions("linus").waitFor({ state: "detached" });
  await keys.keepsFocus("a row is gone");
  const inRow = await page.evaluate(() => document.activeElement.closest("tr")?.textContent);
  assert.ok(inRow?.includes("@example.com"), "the focus stays in the list");
  // What a message offers is reached, and brings one back.
  await keys.use(button(page, "Undo"));
  await actions("linus").waitFor();
  await keys.keepsFocus("the message is gone");

  await palette(page, keys, "audit");
  await heading(page, "Audit log").waitFor();
  await keys.comesTo(page.getByRole("main"), "a page was gone to");
  await keys.reach(page.getByRole("main").getByLabel("From"));
  await page.keyboard.type("11302020");
  await keys.use(button(page, "Show entries"));
  await says(page, "Ada");
  await keys.keepsFocus("the list is filtered");
  await keys.use(page.getByRole("button", { name: "Export" }), "Enter", "Shift+Tab");
  await keys.comesTo(page.getByRole("menuitem").first(), "the menu has opened");
  await keys.press("Escape");
  await keys.keepsFocus("the menu is closed");
});

/** Whether something stands behind what has the focus. */
const isAfterFocus = (target) =>
  target.evaluate((one) => Boolean(document.activeElement.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING));

/** Finds a page or a person from anywhere. */
async function palette(page, keys, text) {
  await keys.press("Control+k");
  await keys.comesTo(page.getByRole("combobox", { name: "Find anything" }), "Ctrl K");
  await page.keyboard.type(text);
  await page.getByRole("option").first().waitFor();
  await keys.press("Enter");
}

scene("one works in two accounts and looks after one's sign-in", "--registration=invite", async ({ service, open }) => {
  const window = await open();
  const { page } = window;
  const keys = new Keys(page);
  await service.root(ADA);
  await page.goto(service.console);
  await heading(page, "Sign in").waitFor();
  await keys.type(field(page, "Email"), ADA.email);
  await keys.type(field(page, "Password"), ADA.password);
  await keys.press("Enter");
  await heading(page, "Overview").waitFor();
  await keys.comesTo(page.getByRole("main"), "signing in");

  const accounts = page.getByRole("button", { name: /^Account: / });
  await keys.use(accounts, "Enter", "Shift+Tab");
  await keys.use(link(page, "Manage your accounts"));
  await heading(page, "Your accounts").waitFor();
  await keys.use(button(page, "Create account"));
  const dialog = dialogOf(page, "Create a new account");
  await keys.comesTo(field(dialog, "Name"), "the dialog has opened");
  await page.keyboard.type("Looms");
  await keys.use(button(dialog, "Create account"));
  await heading(page, "Looms").waitFor();
  await keys.comesTo(page.getByRole("main"), "the account is made");
  const invite = region(page, "Invite an admin");
  await keys.type(field(invite, "Email"), ADA.email);
  await keys.press("Enter");
  await page.getByText(`${ADA.email} is invited.`).waitFor();
  await keys.keepsFocus("an admin is invited");

  await palette(page, keys, "your accounts");
  await heading(page, "Your accounts").waitFor();
  await keys.use(button(page, "Join Looms"));
  await page.getByText("You have joined Looms.").waitFor();
  await heading(page, "Overview").waitFor();
  await keys.keepsFocus("another account was joined");
  await keys.use(accounts, "Enter", "Shift+Tab");
  await page.getByRole("list", { name: "Your accounts" }).waitFor();
  await keys.use(page.getByRole("banner").getByRole("button", { name: /^Analytical Engines/ }));
  await page.getByText(/You are now in Analytical Engines/).waitFor();
  await heading(page, "Overview").waitFor();
  await keys.keepsFocus("the account was switched");

  await signInOf(window, keys);
  await apiKey(page, keys);
});

/** Another email, another password, a second factor. */
async function signInOf(window, keys) {
  const { page, service } = window;
  await palette(page, keys, "profile");
  await heading(page, ADA.first + " " + ADA.last).waitFor();
  await keys.use(link(page, "Sign-in"));
  const email = "ada@lovelace.example";
  const emails = region(page, "Email");
  await keys.type(field(emails, "Email"), email);
  await keys.type(field(emails, "Your password"), ADA.password);
  await keys.press("Enter");
  await emails.getByText(/Check your email/).waitFor();
  await keys.keepsFocus("the link is sent");
  await page.goto(await service.link(email, "confirm-email"));
  await keys.use(button(page, "Confirm email"));
  await heading(page, "Your email has been changed").waitFor();
  await keys.keepsFocus("the email is confirmed");
  await keys.use(link(page, "Go to your profile"));
  await heading(page, ADA.first + " " + ADA.last).waitFor();
  if (!page.url().endsWith("sign-in")) await keys.use(link(page, "Sign-in"));

  const password = "engines weave algebra";
  const passwords = region(page, "Password");
  await keys.type(field(passwords, "Current password"), ADA.password);
  // What is typed can be looked at, and each button says whose.
  await keys.use(button(passwords, "Show password: Current password"), "Space");
  assert.equal(await field(passwords, "Current password").getAttribute("type"), "text");
  await keys.type(field(passwords, "New password"), password);
  await keys.press("Enter");
  await page.getByText(/^Password changed/).waitFor();
  await keys.keepsFocus("the password is changed");

  const factor = region(page, "Two-factor authentication");
  await keys.type(field(factor, "Your password"), password);
  await keys.press("Enter");
  await keys.comesTo(field(factor, "Code shown in the app"), "the second factor is begun");
  const secret = await factor.getByLabel("Or enter this key in the app").inputValue();
  await page.keyboard.type(totp(secret));
  await keys.press("Enter");
  await factor.getByText("Keep these recovery codes").waitFor();
  await keys.keepsFocus("the second factor is on");
  const [recoveryCode] = await factor.getByRole("listitem").allInnerTexts();
  await keys.use(button(factor, "I’ve saved them"));
  await factor.getByText("Keep these recovery codes").waitFor({ state: "detached" });
  await keys.keepsFocus("the codes are saved");

  await keys.use(page.getByRole("button", { name: /^Signed in as/ }), "ArrowDown", "Shift+Tab");
  await keys.press("End", "Enter");
  await heading(page, "Sign in").waitFor();
  await keys.keepsFocus("signing out");
  await keys.type(field(page, "Email"), email);
  await keys.type(field(page, "Password"), password);
  window.foresee("session/create", 401);
  await keys.press("Enter");
  await field(page, "Code").waitFor();
  await keys.comesTo(field(page, "Code"), "the password is right");
  // A code of the app works once, and that one is used up.
  await page.keyboard.type(recoveryCode);
  await keys.press("Enter");
  await heading(page, "Overview").waitFor();
  await keys.comesTo(page.getByRole("main"), "signing in with two factors");
}

/** A key is made, saved, and removed. */
async function apiKey(page, keys) {
  await palette(page, keys, "api keys");
  await heading(page, "API keys").waitFor();
  await keys.use(button(page, "Create key"));
  const dialog = dialogOf(page, "Create an API key");
  await keys.comesTo(field(dialog, "Name"), "the dialog has opened");
  await page.keyboard.type("nightly");
  await keys.reach(field(dialog, "Role"));
  await page.keyboard.type("Admin");
  await keys.use(button(dialog, "Create key"));
  await page.getByText("Copy the key now").waitFor();
  await dialog.waitFor({ state: "detached" });
  await keys.keepsFocus("the key is made");
  await keys.use(button(page, "I’ve saved it"));
  await page.getByText("Copy the key now").waitFor({ state: "detached" });
  await keys.keepsFocus("the key is saved");
  await keys.use(button(page, "Remove nightly"));
  await keys.use(button(page.getByRole("dialog"), "Remove key"));
  await says(page, "No API keys");
  await keys.comesTo(button(page, "Create key"), "the last row is gone");
}

scene("on a phone an invitation is accepted, and the drawer is walked through", async ({ service, open }) => {
  const token = await service.root(ADA);
  await service.user(token, { email: "bob@example.com", first: "Robert", role: "admin", sendInvite: true });
  const window = await open({ size: "phone" });
  const { page } = window;
  const keys = new Keys(page);
  await page.goto(await service.link("bob@example.com", "invite"));
  await heading(page, "Join Analytical Engines").waitFor();
  // What one is called by those who invite is there already.
  assert.equal(await field(page, "First name").inputValue(), "Robert");
  await keys.type(field(page, "First name"), "Bob");
  await keys.type(field(page, "Password"), "seven green teapots");
  await keys.use(button(page, "Accept and sign in"));
  await heading(page, "Overview").waitFor();
  await keys.comesTo(page.getByRole("main"), "joining");

  const pages = ["Users", "Invitations", "Trash", "Import and export", "Account", "API keys", "Audit log", "Your profile", "Your accounts"];
  for (const name of pages) {
    await keys.use(button(page, "Menu"), "Enter", "Shift+Tab");
    const drawer = dialogOf(page, "Menu");
    const entry = drawer.getByRole("link", { name, exact: true });
    await keys.use(entry, "Enter", (await isAfterFocus(entry)) ? "Tab" : "Shift+Tab");
    await drawer.waitFor({ state: "detached" });
    await keys.comesTo(page.getByRole("main"), `going to ${name}`);
    await window.settled();
    await sameBothWays(page, keys, name);
  }
});

/** What Tab comes by on a page, Shift+Tab comes by, too, the other way round. */
async function sameBothWays(page, keys, name) {
  const stops = async (key) => {
    const found = [];
    for (let presses = 0; presses < MAX_STOPS; presses++) {
      await keys.press(key);
      await keys.look();
      const at = await page.evaluate(stopInMain);
      // The browser itself comes between the end and the beginning.
      if (at === null && (found.length > 0 || presses > 3)) return found;
      if (at !== null) found.push(at);
    }
    return assert.fail(`${name} has no end`);
  };
  const forth = await stops("Tab");
  assert.ok(forth.length > 0, `${name} has nothing to come by`);
  const back = await stops("Shift+Tab");
  assert.deepEqual(back.toReversed(), forth, name);
}

/** Runs in the page: which of all elements has the focus, unless it has left the page proper. */
function stopInMain() {
  const at = document.activeElement;
  const isInside = at?.closest("main") && !at.matches("main");
  return isInside ? [...document.querySelectorAll("main *")].indexOf(at) : null;
}
