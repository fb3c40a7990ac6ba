// The forms of the React components: what is said of faults, where the focus goes, and what screen readers hear.

import assert from "node:assert/strict";
import { ADA, button, faultOf, field, fill, hasFocus } from "./support/console.js";
import { Corp } from "./support/providers.js";
import { play, VERSIONS } from "./support/react.js";
import { eventually } from "./support/service.js";

const corp = await Corp.reserve();

const heading = (page, name) => page.getByRole("heading", { name, exact: true });
/** Waits until the focus is there. */
const focused = (target, what) => eventually(`the focus on ${what}`, () => hasFocus(target));

for (const react of Object.keys(VERSIONS)) {
  play("what is missing is said at its field, once, and in the words of the page", react, async ({ visit }) => {
    const window = await visit(undefined, { size: react === "react" ? "desktop" : "phone" });
    const { page } = window;
    await button(page, "Sign in").click();
    await focused(field(page, "Email"), "the first field");
    assert.equal(await faultOf(field(page, "Email")), "Email is required.");
    assert.equal(await faultOf(field(page, "Password")), "Password is required.");
    // A field that is typed in again is not wrong any more, and the others still are.
    await field(page, "Email").pressSequentially("ada");
    assert.equal(await field(page, "Email").getAttribute("aria-invalid"), null);
    assert.equal(await faultOf(field(page, "Password")), "Password is required.");
    assert.ok(await hasFocus(field(page, "Email")), "nobody is taken away from what they type");
    await page.keyboard.press("Enter");
    await page.getByText("Email: This is not a valid email address.").waitFor();
    await window.look(`${react}-nothing-typed`);

    await button(page, "Sign up").click();
    await fill(page, { Email: ADA.email, Password: "short" });
    window.foresee("identity/create", 422);
    await button(page, "Sign up").click();
    await page.locator("[aria-invalid=true]").waitFor();
    const fault = await faultOf(field(page, "Password"));
    assert.match(fault, /^Password must /);
    assert.equal(await page.getByText(/must /).count(), 1, "it is said once");
    await focused(field(page, "Password"), "the field that is wrong");
  });
}

play("a service that cannot be reached is told in the words of the page", "react", async ({ visit }) => {
  const said = "The service cannot be reached. Check your connection, then try again.";
  const before = async (window) => {
    window.tolerateLoss();
    await window.context.route("**/service/about", (route) => route.abort());
  };
  const window = await visit(undefined, { before });
  const { page } = window;
  await page.getByRole("alert").getByText(said).waitFor();
  await window.look("react-unreachable");
  await window.context.unroute("**/service/about");
  await button(page, "Try again").click();
  await heading(page, "Sign in").waitFor();
  await focused(heading(page, "Sign in"), "what has come in place of the button");
  await window.context.route("**/session/create", (route) => route.abort());
  await fill(page, { Email: ADA.email, Password: ADA.password });
  await button(page, "Sign in").click();
  await page.getByRole("alert").getByText(said).waitFor();
});

play("the focus goes on with each step", "react", async ({ service, root, visit }) => {
  await service.user(root, { email: "grace@example.com", role: "admin", sendInvite: true });
  const { page } = await visit();
  await heading(page, "Sign in").waitFor();
  assert.ok(await page.evaluate(() => document.activeElement === document.body), "a page that opens takes no focus");
  await button(page, "Sign up").press("Enter");
  await focused(heading(page, "Sign up"), "the heading of the next step");
  await button(page, "Back to sign-in").press("Enter");
  await focused(heading(page, "Sign in"), "the heading of the step before");
  await button(page, "Forgot your password?").click();
  await focused(heading(page, "Forgot your password?"), "the heading of another step");
  await field(page, "Email").fill(ADA.email);
  await page.keyboard.press("Enter");
  await focused(heading(page, "Check your email"), "the heading that has changed");

  const { page: invited } = await visit(await service.link("grace@example.com", "invite"));
  await button(invited, "I already have a password here").click();
  await focused(field(invited, "Password"), "the field that is still to be filled in");
});

play(
  "a code that is asked for has the focus, and nothing improves it",
  "react",
  async ({ service, visit }) => {
    await corp.open(service);
    corp.people.ada = { email: ADA.email, email_verified: true };
    const window = await visit();
    const { page } = window;
    await button(page, `Continue with ${corp.label}`).click();
    window.foresee("provider/finish", 401);
    window.foresee("session/refresh", 401);
    await corp.signIn(page, "ada");
    await button(page, "Email me a code instead").click();
    const code = field(page, "Code from the email");
    await focused(code, "the field of the code");
    const wanted = { autocomplete: "one-time-code", autocapitalize: "none", autocorrect: "off", spellcheck: "false" };
    for (const [name, value] of Object.entries(wanted)) assert.equal(await code.getAttribute(name), value, name);
    await button(page, "Use your password").click();
    await focused(field(page, "Password"), "the field of the password");
  },
  { flags: [corp.flag()], others: [corp.issuer] },
);

play("a button keeps the focus while it works, and works once", "react", async ({ visit }) => {
  const window = await visit();
  const { page } = window;
  let calls = 0;
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await window.context.route("**/session/create", async (route) => {
    calls += 1;
    await held;
    await route.continue();
  });
  await fill(page, { Email: ADA.email, Password: "rivers run downhill" });
  await button(page, "Sign in").press("Enter");
  await page.locator("form[aria-busy=true]").waitFor();
  assert.equal(await button(page, "Sign in").getAttribute("aria-disabled"), "true");
  assert.ok(await hasFocus(button(page, "Sign in")));
  await page.keyboard.press("Enter");
  await field(page, "Password").press("Enter");
  await button(page, "Sign in").focus();
  window.foresee("session/create", 401);
  release();
  await page.getByText("The email or password is wrong.").waitFor();
  assert.equal(calls, 1);
  assert.ok(await hasFocus(button(page, "Sign in")));
});

play("what is read out is put into elements that were there before", "react", async ({ visit }) => {
  const window = await visit(undefined, { before: ({ context }) => context.addInitScript(watchLive) });
  const { page } = window;
  window.foresee("session/create", 401);
  await fill(page, { Email: ADA.email, Password: "rivers run downhill" });
  await button(page, "Sign in").click();
  await page.getByRole("alert").getByText("The email or password is wrong.").waitFor();
  await button(page, "Sign up").click();
  await fill(page, { Email: "bob@example.com", Password: "seven green teapots" });
  await button(page, "Sign up").click();
  await page.getByRole("status").getByText("We have sent an email to bob@example.com.").waitFor();
  await button(page, "Back to sign-in").click();
  await button(page, "Forgot your password?").click();
  await field(page, "Email").fill(ADA.email);
  await button(page, "Send link").click();
  await page.getByRole("status").getByText("we have sent an email to that address").waitFor();
  const { heard, late } = await page.evaluate(() => window.live);
  assert.deepEqual(late, [], "put there together with their elements");
  for (const part of ["The email or password is wrong.", "We have sent an email to", "If ada@example.com is registered"]) {
    assert.ok(heard.some((text) => text.includes(part)), `${part} was heard`);
  }
});

/** Runs in the page: what live elements say, and which of them come with their text. */
function watchLive() {
  const live = "[role=status], [role=alert]";
  window.live = { heard: [], late: [] };
  // Screen readers know an element some time after it has come.
  const known = new WeakSet();
  const look = (records) => {
    for (const { target, addedNodes } of records) {
      const at = (target.nodeType === Node.TEXT_NODE ? target.parentElement : target)?.closest?.(live);
      if (at && known.has(at) && at.textContent) window.live.heard.push(at.textContent);
      else if (at?.textContent) window.live.late.push(at.textContent);
      for (const added of addedNodes) {
        if (!(added instanceof Element)) continue;
        const all = [...added.querySelectorAll(live), ...(added.matches(live) ? [added] : [])];
        for (const one of all) {
          if (one.textContent) window.live.late.push(one.textContent);
          setTimeout(() => known.add(one), 10);
        }
      }
    }
  };
  new MutationObserver(look).observe(document, { childList: true, characterData: true, subtree: true });
}
