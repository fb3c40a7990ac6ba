// Buttons that were pressed: each shows that it works until the answer is there, and is not pressed twice.

import assert from "node:assert/strict";
import { ADA, button, field, fill, heading, region, says, signIn } from "./support/console.js";
import { Corp, openAt } from "./support/providers.js";
import { scene } from "./support/scene.js";
import { eventually } from "./support/service.js";

/**
 * Presses a button twice, as fast as can be, and looks at it while the call has no answer; then lets that come. The
 * others are not to be pressed meanwhile.
 */
async function pressTwice(page, call, target, others = []) {
  const held = [];
  const hold = (route) => held.push(route);
  await page.route(`**/${call}`, hold);
  await target.evaluate((element) => {
    element.click();
    element.click();
  });
  await eventually(`the call of ${call}`, () => held.length > 0);
  await eventually("that it works", async () => (await target.getAttribute("aria-busy")) === "true");
  const mark = await target.evaluate((element) => getComputedStyle(element, "::after").animationName);
  assert.equal(mark, "turn");
  await target.evaluate((element) => element.click());
  for (const other of others) assert.ok(await other.isDisabled());
  assert.equal(held.length, 1, `${call} is made once`);
  await held[0].continue();
  await page.unroute(`**/${call}`, hold);
}

scene("what is done about a user, an account, mail and a password is done once", async ({ service, open }) => {
  const root = await service.root(ADA);
  const bob = await service.user(root, { email: "bob@example.com", first: "Bob" });
  const window = await open();
  const { page } = window;
  await signIn(page, service, ADA, `users/${bob.id}`, "Bob");
  await pressTwice(page, "user/updateRole", button(page, "Send invite"));
  await says(page, "Bob");
  await button(page, "Send invite again").waitFor();
  await pressTwice(page, "user/updateRole", button(page, "Send invite again"), [button(page, "Withdraw invite")]);
  await page.getByText("Invite sent again.").waitFor();

  await page.evaluate(() => (location.hash = "#/mail"));
  await heading(page, "Mail").waitFor();
  await pressTwice(page, "mail/test", button(page, "Send test email"));
  await region(page, "Mail server").getByText("No mail server is set.").first().waitFor();

  // Into another account, by the panel of accounts.
  const { account } = await service.call("account/register", root, { name: "Mills" });
  await page.reload();
  await page.getByRole("button", { name: /^Account: / }).click();
  await pressTwice(page, "user/login", page.getByRole("button", { name: new RegExp(`^${account.name}`) }));
  await page.getByText("You are now in Mills.").waitFor();

  const outside = (await open()).page;
  await outside.goto(`${service.console}#/forgot`);
  await fill(outside, { Email: ADA.email });
  await pressTwice(outside, "password/forgot", button(outside, "Send link"));
  await heading(outside, "Check your email").waitFor();
  await outside.goto(await service.link(ADA.email, "reset"));
  await field(outside, "New password").fill("seven green teapots");
  await pressTwice(outside, "password/reset", button(outside, "Set password"));
  await says(outside, "Your new password is set.");
});

const corp = await Corp.reserve();

scene("one goes to a provider once", corp.flag(), async ({ service, open }) => {
  await corp.open(service);
  const { page } = await openAt(open, service, [corp]);
  await pressTwice(page, "provider/begin", button(page, "Continue with Corp & Co"));
  await page.waitForURL(`${corp.issuer}/**`);
});
