// What the other tests rely on to see is seen.

import assert from "node:assert/strict";
import { scene } from "./support/scene.js";

/** A page without a fault. */
const SOUND = `<!doctype html><html lang="en"><title>A page</title><main><h1>Hello</h1></main></html>`;
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'";

const CASES = [
  ["nothing where nothing is wrong", "", []],
  ["an error in a script", "<script src=/faulty.js></script>", [/^script: Error: faulty/]],
  ["what the policy forbids", "<p style='color: red'>Red</p>", [/^console: .*Content Security Policy/]],
  ["a picture of elsewhere", "<img alt='' src=http://localhost:1/a.png>", [/^asks elsewhere/, /^console: .*Content Security/, /csp$/]],
  ["a form that sticks out", "<link rel=stylesheet href=/wide.css><form>Wide</form>", [/wider than.*1280 px: form/]],
  ["grey on grey", "<link rel=stylesheet href=/grey.css><p>Pale</p>", [/light: color-contrast/, /dark: color-contrast/]],
  ["an input without a label", "<input>", [/: label/]],
  ["a call that is refused", "<script src=/refused.js></script>", [/^user\/get was answered 401/]],
];

const FILES = {
  "/faulty.js": ["text/javascript", "throw new Error('faulty');"],
  "/refused.js": ["text/javascript", "globalThis.asked = fetch('/user/get', { method: 'POST' });"],
  "/wide.css": ["text/css", "form { width: 1300px; }"],
  "/grey.css": ["text/css", "p { color: #999; background: #aaa; }"],
};

scene("the harness sees faults", async ({ service, open }) => {
  const window = await open();
  for (const [path, [contentType, body]] of Object.entries(FILES)) {
    await window.context.route(`**${path}`, (route) => route.fulfill({ contentType, body }));
  }
  for (const [number, [name, part, expected]] of CASES.entries()) {
    const headers = { "Content-Type": "text/html", "Content-Security-Policy": POLICY };
    const body = SOUND.replace("</main>", `${part}</main>`);
    await window.context.route(`**/page-${number}`, (route) => route.fulfill({ headers, body }));
    await window.page.goto(`${service.origin}/page-${number}`);
    await window.page.evaluate("globalThis.asked?.then(() => {})");
    await window.look("harness");
    const faults = window.faults.splice(0);
    assert.equal(faults.length, expected.length, `${name}: ${faults.join("\n")}`);
    for (const one of expected) assert.ok(faults.some((fault) => one.test(fault)), `${name}: ${faults.join("\n")}`);
  }
});

scene("an answer that is foreseen is no fault, but its absence is", async ({ service, open }) => {
  const window = await open();
  window.foresee("user/get", 401);
  await window.page.goto(service.origin);
  assert.throws(() => window.assertWell(), /user\/get was not answered 401/);
  await window.page.evaluate(() => fetch("/user/get", { method: "POST" }));
});

scene("a letter's link is read", async ({ service }) => {
  const ada = await service.root({ email: "ada@example.com", password: "rivers run uphill" });
  await service.user(ada, { email: "bob@example.com", sendInvite: true });
  const link = await service.link("bob@example.com", "invite");
  const invite = link.split("#invite=")[1];
  assert.equal((await service.call("invite/check", "", { invite })).email, "bob@example.com");
});
