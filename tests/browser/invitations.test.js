// The invitations that are out: sent again and withdrawn, one or many.

import assert from "node:assert/strict";
import { ADA, button, rows, says, signIn } from "./support/console.js";
import { SIZES, scene } from "./support/scene.js";
import { eventually } from "./support/service.js";

for (const size of Object.keys(SIZES)) {
  scene(`invitations are sent again and withdrawn, ${size}`, async ({ service, open }) => {
    const token = await service.root(ADA);
    const made = [];
    for (const first of ["Bob", "Carol", "Dave"]) {
      made.push(await service.user(token, { email: `${first}@example.com`, first, sendInvite: true }));
    }
    await service.user(token, { email: "added@example.com", first: "Only", last: "Added" });
    const isOpen = async ({ invite }) => (await service.ask("invite/check", "", { invite })).status === 200;
    const window = await open({ size });
    const { page } = window;
    await signIn(page, service, ADA, "invitations", "Invitations");
    const invitees = rows(page, "Invitations");
    await eventually("three", async () => (await invitees.count()) === 3);
    await window.look("invitations");
    const select = (name) => page.getByRole("checkbox", { name: `Select ${name}`, exact: true }).check();
    const bar = page.getByRole("region", { name: "Selection" });
    const dialog = page.getByRole("dialog");

    await select("Bob");
    await select("Carol");
    await button(bar, "Withdraw invite").click();
    await window.look("invitations-withdraw");
    await button(dialog, "Withdraw invite").click();
    await page.getByText("2 invites withdrawn.").waitFor();
    await eventually("one", async () => (await invitees.count()) === 1);
    assert.deepEqual(await Promise.all(made.map(isOpen)), [false, false, true]);

    await button(page, "Actions: Dave").click();
    await page.getByRole("menuitem", { name: "Send invite again" }).click();
    await button(dialog, "Send invite").click();
    await page.getByText("Invite sent to Dave.").waitFor();
    assert.ok(!(await isOpen(made[2])), "the older link is void");

    await select("Dave");
    await button(bar, "Withdraw invite").click();
    await button(dialog, "Withdraw invite").click();
    await says(page, "No open invitations");
    await window.look("invitations-none");
  });
}
