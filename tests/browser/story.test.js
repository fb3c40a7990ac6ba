// What the console is for: somebody sets it up, invites a colleague, gives a role, removes and takes back.

import assert from "node:assert/strict";
import { ADA, button, copied, entries, faultOf, field, fill, hasFocus, heading, navigation, says, tabTo, visit } from "./support/console.js";
import { SIZES, scene } from "./support/scene.js";
import { eventually } from "./support/service.js";

const BOB = { email: "bob@example.com", password: "seven green teapots" };

for (const size of Object.keys(SIZES)) {
  scene(`from the setup code to a colleague, ${size}`, async ({ service, open }) => {
    const ada = await open({ size });
    await setUp(ada, service);
    const copied = await invite(ada);
    const link = await service.link(BOB.email, "invite");
    // What was emailed proves, besides, that it was read.
    assert.equal(link.replace(/\.[\w-]+$/, ""), copied);
    assert.notEqual(link, copied);

    const bob = await open({ size });
    await accept(bob, link);
    await ada.page.reload();
    await giveRole(ada);

    await visit(bob.page, service, "users", "Users");
    await bob.page.reload();
    await bob.page.getByRole("link", { name: "Invite people", exact: true }).waitFor();
    await bob.look("users-of-admin");

    await remove(ada, bob);
  });
}

async function setUp(window, service) {
  const { page, size } = window;
  // A person who follows the link that the service prints has the code already.
  await page.goto(size === "phone" ? await service.setupLink() : service.console);
  if (size !== "phone") await page.getByRole("link", { name: /First run/ }).click();
  await heading(page, "Set up Guestlist").waitFor();
  assert.equal(await field(page, "Setup code").inputValue(), size === "phone" ? await service.setupCode() : "");
  await window.look("set-up");
  const given = { "First name": ADA.first, "Last name": ADA.last, "Email": ADA.email, "Account name": "Engines" };
  await fill(page, { ...given, "Setup code": "made-up", Password: "short" });
  window.foresee("identity/create", 422);
  await button(page, "Set up and sign in").click();
  await page.locator("[aria-invalid=true]").first().waitFor();
  assert.match(await faultOf(field(page, "Password")), /8/);
  await window.look("set-up-refused");
  await fill(page, { "Setup code": await service.setupCode(), Password: ADA.password });
  await button(page, "Set up and sign in").click();
  await heading(page, "Overview").waitFor();
  await (await navigation(page)).getByRole("link", { name: "Users" }).click();
  await says(page, "You are the only one here");
  await window.look("users-alone");
}

/** Returns the link that can be copied. */
async function invite(window) {
  const { page } = window;
  await page.getByRole("link", { name: "Invite people", exact: true }).click();
  await heading(page, "Invite people").waitFor();
  await window.look("invite");
  await button(page, "Send invite").click();
  await page.getByText(/^Enter at least one email address/).waitFor();
  // Ada is there already; one address is none.
  const pasted = `Bob Babbage <${BOB.email}>\n${ADA.email}; carl@example.com, dora@`;
  await fill(page, { "Email addresses": pasted });
  await page.getByRole("button", { name: /^Send/ }).click();
  await says(page, "2 of 4 invited, 2 failed");
  await page.getByRole("heading", { name: "Done, 2 not sent", exact: true }).waitFor();
  await page.getByRole("banner").getByText("Sending invites: 2 not sent").waitFor();
  await window.look("invite-done");
  await page.getByRole("link", { name: "Show all users" }).click();
  await says(page, "Bob Babbage");
  await window.look("users-invited");
  await page.getByRole("button", { name: "Actions: Bob Babbage" }).click();
  return copied(window, page.getByRole("menuitem", { name: "Copy invite link" }));
}

async function accept(window, link) {
  const { page } = window;
  await page.goto(link);
  await heading(page, "Join Engines").waitFor();
  await says(page, "Ada Lovelace");
  await says(page, BOB.email);
  await window.look("accept");
  window.foresee("identity/create", 422);
  await fill(page, { "First name": "Bob", Password: "password" });
  await button(page, "Accept and sign in").click();
  await page.locator("[aria-invalid=true]").waitFor();
  await window.look("accept-refused");
  await fill(page, { Password: BOB.password });
  await button(page, "Accept and sign in").click();
  await heading(page, "Users").waitFor();
  await says(page, "Ada Lovelace");
  // A user sees who else is there, and no more.
  const text = await page.getByRole("main").innerText();
  assert.ok(!text.includes(ADA.email), text);
  assert.equal(await page.getByRole("link", { name: "Invite people", exact: true }).count(), 0);
  assert.equal(await page.getByRole("search").count(), 0);
  assert.ok(!(await entries(page)).includes("Trash"));
  await window.look("users-of-user");
  await page.goto(`${page.url().split("#")[0]}#/trash`);
  await says(page, "You don’t have access to this page");
  await window.look("not-for-your-role");
  await page.goBack();

  // The link works once.
  const late = await window.tab();
  window.foresee("invite/check", 409);
  await late.goto(link);
  await heading(late, "This invitation cannot be used").waitFor();
  await says(late, "It has already been accepted.");
  await window.look("accept-late", { page: late });
  await late.close();
}

async function giveRole(window) {
  const { page } = window;
  await page.getByRole("link", { name: "Bob Babbage" }).click();
  await heading(page, "Bob Babbage").waitFor();
  await page.getByRole("link", { name: "Access" }).click();
  await field(page, "Role").selectOption("admin");
  await button(page, "Change role").click();
  await page.getByText("Role changed.").waitFor();
  await window.look("role-changed");
  await page.getByRole("link", { name: "Sessions" }).click();
  await page.getByRole("table", { name: "Sessions" }).waitFor();
  await window.look("sessions");
  await page.getByRole("link", { name: "Holds" }).click();
  await says(page, "No holds");
  await window.look("holds");
  await page.getByRole("link", { name: "History" }).click();
  await says(page, /Ada Lovelace (made|sent|added)|made .* an admin/);
  await window.look("history");
}

async function remove(window, other) {
  const { page } = window;
  await button(page, "Remove").click();
  const dialog = page.getByRole("dialog", { name: "Remove Bob Babbage" });
  await dialog.waitFor();
  await window.look("remove");
  await button(dialog, "Remove user").click();
  await page.getByText("Bob Babbage is in the trash.").waitFor();
  await window.look("removed");

  // The account keeps the sign-in that it has invited, so that goes along.
  for (const call of ["user/get", "account/get", "session/refresh"]) other.tolerate(call, 401);
  await other.page.reload();
  await heading(other.page, "Sign in").waitFor();
  await says(other.page, "Your session has ended");
  await other.look("shut-out");

  await button(page, "Undo").click();
  await heading(page, "Bob Babbage").waitFor();
  await page.getByText("Bob Babbage has been restored.").waitFor();
  await window.look("undone");

  await fill(other.page, { "Email": BOB.email, Password: BOB.password });
  await button(other.page, "Sign in").click();
  await heading(other.page, "Users").waitFor();

  // Once more, and back by way of the trash.
  await button(page, "Remove").click();
  await button(dialog, "Remove user").click();
  await page.getByText("Bob Babbage is in the trash.").waitFor();
  await (await navigation(page)).getByRole("link", { name: "Trash" }).click();
  await heading(page, "Trash").waitFor();
  await says(page, "Bob Babbage");
  await window.look("trash");
  await button(page, "Delete Bob Babbage").click();
  await page.getByRole("dialog").waitFor();
  await window.look("purge");
  await button(page, "Cancel").click();
  await button(page, "Restore Bob Babbage").click();
  await says(page, "The trash is empty");
  await window.look("trash-empty");
}

scene("without a mouse one signs in, invites, gives a role, removes and takes back", async ({ service, open }) => {
  await service.root(ADA);
  const window = await open();
  const { page } = window;
  const type = async (label, text) => {
    await tabTo(page, field(page, label));
    await page.keyboard.type(text);
  };
  const press = async (target) => {
    await tabTo(page, target);
    await page.keyboard.press("Enter");
  };
  await page.goto(service.console);
  await heading(page, "Sign in").waitFor();
  await type("Email", ADA.email);
  await type("Password", ADA.password);
  await page.keyboard.press("Enter");
  await heading(page, "Overview").waitFor();
  await press(page.getByRole("link", { name: "Invite people", exact: true }));
  await heading(page, "Invite people").waitFor();
  await keepsFocus(page, "a page was gone to");
  await type("Email addresses", BOB.email);
  await press(button(page, "Send invite"));
  await page.getByRole("heading", { name: "Done" }).waitFor();
  await keepsFocus(page, "somebody was invited");
  await press(page.getByRole("link", { name: BOB.email }));
  await heading(page, BOB.email).waitFor();
  await keepsFocus(page, "a user was gone to");

  await press(page.getByRole("link", { name: "Access" }));
  await tabTo(page, field(page, "Role"));
  // The first letter of a choice chooses it.
  await page.keyboard.type("admin");
  await press(button(page, "Change role"));
  await page.getByText("Role changed.").waitFor();
  await keepsFocus(page, "the role was changed");

  // A dialog keeps the focus to itself, and gives it back.
  await press(button(page, "Remove"));
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  for (let presses = 0; presses < 8; presses++) {
    await page.keyboard.press("Tab");
    const where = await page.evaluate(() => document.activeElement.closest("dialog, body").localName);
    // The browser's own controls come after the dialog's; the page's do not.
    const isPage = await page.evaluate(() => document.activeElement !== document.body);
    assert.ok(where === "dialog" || !isPage, "the focus is behind the dialog");
  }
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await eventually("the focus on what has opened the dialog", () => hasFocus(button(page, "Remove")));

  await page.keyboard.press("Enter");
  await press(button(dialog, "Remove user"));
  await page.getByText(`${BOB.email} is in the trash.`).waitFor();
  await keepsFocus(page, "somebody was removed");
  await press(button(page, "Undo"));
  await heading(page, BOB.email).waitFor();
  await keepsFocus(page, "the removal was undone");
  await page.getByText(`${BOB.email} has been restored.`).waitFor();
  await page.getByRole("main").getByText("Admin", { exact: true }).waitFor();
});

/** The next Tab goes on from where one is; on the body one would begin at the top again. */
const keepsFocus = (page, when) =>
  eventually(`the focus after ${when}`, () => page.evaluate(() => document.activeElement !== document.body));
