// The React components in German: which language they speak, and that nothing of them is left in English.

import assert from "node:assert/strict";
import { ADA, button, field, fill } from "./support/console.js";
import { Corp } from "./support/providers.js";
import { moduleOf, play } from "./support/react.js";
import { totp } from "./support/totp.js";

const { ENGLISH: en } = await moduleOf("src/texts/en.ts");
const { GERMAN: de } = await moduleOf("src/texts/de.ts");
const { ENGLISH: ownEn } = await moduleOf("example/texts/en.ts");
const { GERMAN: own } = await moduleOf("example/texts/de.ts");

const corp = await Corp.reserve();
const BOB = { email: "bob@example.com", password: "seven green teapots" };
const GRACE = { email: "grace@example.com", password: "nine blue kettles" };
const GERMAN = { locale: "de-AT" };

/** What is said in English and not in German: whole texts, and pieces of those that have values in them. */
const [WHOLE, PIECES] = englishOnly([en, ownEn], [de, own]);

const isEnglish = ({ text }) => WHOLE.has(text) || PIECES.some((piece) => text.includes(piece));

const title = (page, name) => page.getByRole("heading", { name, exact: true }).waitFor();
/** What is said of a field that the service finds at fault. */
const wrong = (field, code, label) => de.fault({ field, code, detail: "what the service says" }, label);
const signIn = async (page, { email, password }) => {
  await fill(page, { [de.email]: email, [de.password]: password });
  await button(page, de.signIn).click();
};

/** Nothing of what the page shows now is English, and all of it is marked as German. */
async function judge(window, name) {
  const shown = await window.page.evaluate(read);
  assert.deepEqual(shown.filter(isEnglish), [], `English on ${name}`);
  // The names of languages are in their own.
  const foreign = shown.filter(({ text, lang }) => !/^de\b/.test(lang ?? "") && text !== "English");
  assert.deepEqual(foreign, [], `not marked as German on ${name}`);
  await window.look(`react-german-${name}`);
}

for (const size of ["desktop", "phone"]) {
  play(`somebody signs up, creates an account, and invites in German, ${size}`, "react", async ({ service, visit }) => {
    const window = await visit(undefined, { ...GERMAN, size });
    const { page } = window;
    const sent = sentBy(page);
    await title(page, de.signInTitle);
    assert.equal(await page.title(), own.title);
    await judge(window, "sign-in");
    await button(page, de.signIn).click();
    await page.getByText(de.required(de.email)).waitFor();
    await page.getByText(de.required(de.password)).waitFor();
    await judge(window, "nothing-typed");
    window.foresee("session/create", 401);
    await signIn(page, BOB);
    await page.getByRole("alert").getByText(de.wrongPassword).waitFor();
    await judge(window, "wrong-password");

    await button(page, de.signUp).click();
    await title(page, de.signUpTitle);
    await judge(window, "sign-up");
    window.foresee("identity/create", 422);
    await fill(page, { [de.email]: BOB.email, [de.password]: "short" });
    await button(page, de.signUp).click();
    await page.getByText(wrong("password", "length", de.password)).waitFor();
    await judge(window, "short-password");
    await fill(page, { [de.password]: BOB.password });
    await button(page, de.signUp).click();
    await page.getByText(de.checkEmail(BOB.email)).waitFor();
    await judge(window, "check-email");
    await page.goto(await service.link(BOB.email, "verify"));
    await title(page, de.verifyTitle);
    await judge(window, "verify");
    window.tolerate("user/login", 403);
    await field(page, de.password).fill(BOB.password);
    await button(page, de.verify).click();
    await page.getByText(de.noAccountOpen).waitFor();
    await judge(window, "no-account");
    await field(page, de.accountName).fill("Compilers");
    await button(page, de.register).click();
    await page.getByText(`${BOB.email} (Admin)`).waitFor();
    for (const call of ["identity/create", "account/register"]) assert.equal(sent(call).language, "de", call);

    await judge(window, "signed-in");
    await page.getByLabel(own.email).fill(GRACE.email);
    await button(page, own.invite).click();
    await page.getByText(GRACE.email).waitFor();
    await page.getByLabel(own.email).fill("nobody");
    window.foresee("user/create", 422);
    await button(page, own.invite).click();
    await page.getByRole("alert").getByText(wrong("email", "email", own.email)).waitFor();
    await judge(window, "not-invited");
  });
}

play("somebody accepts an invitation in German, and is expected elsewhere", "react", async ({ service, root, visit }) => {
  await service.user(root, { email: GRACE.email, role: "admin", sendInvite: true });
  const link = await service.link(GRACE.email, "invite");
  const window = await visit(link, GERMAN);
  const { page } = window;
  await title(page, de.inviteTitle("Analytical Engines"));
  await page.getByText(de.inviteText({ inviter: "Ada Lovelace", role: "admin", email: GRACE.email })).waitFor();
  await judge(window, "invitation");
  await button(page, de.haveSignIn).click();
  await judge(window, "invitation-known");
  await button(page, de.amNew).click();
  await fill(page, { [de.firstName]: "Grace", [de.password]: GRACE.password });
  await button(page, de.acceptNew).click();
  await page.getByText(`${GRACE.email} (Admin)`).waitFor();

  const other = await service.call("account/create", root, { name: "Difference Engines" });
  await service.user(root, { accountId: other.id, email: GRACE.email, role: "user", sendInvite: true });
  await page.reload();
  await page.getByText(de.expected({ inviter: "Ada Lovelace", role: "user", account: "Difference Engines" })).waitFor();
  await judge(window, "expected");
  await button(page, de.decline("Difference Engines")).click();
  await button(page, de.decline("Difference Engines")).waitFor({ state: "detached" });

  window.foresee("invite/check", 409);
  await page.goto(link);
  await title(page, de.inviteUsedTitle);
  await judge(window, "invitation-used");
  window.tolerate("invite/check", 422);
  window.tolerate("invite/check", 404);
  await page.goto(link.replace(/=.*/, "=abc"));
  await title(page, de.inviteGoneTitle);
  await judge(window, "invitation-gone");
});

play("a forgotten password and a second factor in German", "react", async ({ service, visit }) => {
  const { accessToken } = await service.signIn(ADA);
  const { secret } = await service.call("totp/enroll", accessToken, { currentPassword: ADA.password });
  const { recoveryCodes } = await service.call("totp/confirm", accessToken, { code: totp(secret) });
  const window = await visit(undefined, GERMAN);
  const { page } = window;
  await button(page, de.forgot).click();
  await judge(window, "forgot");
  await field(page, de.email).fill("nobody");
  await button(page, de.sendLink).click();
  await page.getByText(de.notEmail(de.email)).waitFor();
  await field(page, de.email).fill(ADA.email);
  await button(page, de.sendLink).click();
  await page.getByRole("status").getByText(de.linkSent(ADA.email)).waitFor();
  await judge(window, "link-sent");
  await page.goto(await service.link(ADA.email, "reset"));
  await title(page, de.resetTitle);
  window.foresee("password/reset", 422);
  await field(page, de.newPassword).fill("password");
  await button(page, de.reset).click();
  await page.getByText(wrong("newPassword", "common", de.newPassword)).waitFor();
  await judge(window, "reset");
  await field(page, de.newPassword).fill("tides turn twice");
  window.foresee("session/create", 401);
  await button(page, de.reset).click();
  await title(page, de.signInTitle);
  window.foresee("session/create", 401);
  await signIn(page, { ...ADA, password: "tides turn twice" });
  await field(page, de.totp).fill("123456");
  window.foresee("session/create", 401);
  await button(page, de.signIn).click();
  await page.getByText(de.wrongCode).waitFor();
  await judge(window, "second-factor");
  await field(page, de.totp).fill(recoveryCodes[0]);
  await button(page, de.signIn).click();
  await page.getByText(ADA.email).first().waitFor();
});

play("an email is moved in German, and back", "react", async ({ service, visit }) => {
  const window = await visit(undefined, GERMAN);
  const { page } = window;
  await signIn(page, ADA);
  await button(page, own.reload).waitFor();
  const { accessToken } = await service.signIn(ADA);
  const NEW = "countess@example.com";
  await service.call("user/update", accessToken, { newEmail: NEW, currentPassword: ADA.password });
  const link = await service.link(NEW, "confirm-email");
  await service.later("11m");
  await page.goto(link);
  await title(page, de.newEmailTitle);
  await judge(window, "new-email");
  window.foresee("user/confirmEmail", 401);
  await button(page, de.newEmail).click();
  await page.getByText(de.confirmText).waitFor();
  await judge(window, "confirm");
  window.foresee("session/confirm", 422);
  await field(page, de.password).fill("rivers run downhill");
  await button(page, de.newEmail).click();
  await page.locator("[aria-invalid=true]").waitFor();
  await judge(window, "confirm-wrong");
  await field(page, de.password).fill(ADA.password);
  await button(page, de.newEmail).click();
  await page.getByText(NEW).first().waitFor();
  await page.goto(await service.link(ADA.email, "undo-email"));
  await title(page, de.undoEmailTitle);
  await judge(window, "undo-email");
});

play(
  "a provider is linked in German, by an emailed code",
  "react",
  async ({ service, visit }) => {
    await corp.open(service);
    corp.people.ada = { email: ADA.email, email_verified: true };
    const window = await visit(undefined, GERMAN);
    const { page } = window;
    const sent = sentBy(page);
    await button(page, de.continueWith(corp.label)).click();
    window.foresee("provider/finish", 401);
    window.foresee("session/refresh", 401);
    await corp.signIn(page, "ada");
    await title(page, de.linkTitle(corp.label));
    assert.equal(sent("provider/begin").language, "de");
    await judge(window, "link");
    window.foresee("provider/link", 401);
    await field(page, de.password).fill("rivers run downhill");
    await button(page, de.connect).click();
    await page.getByRole("alert").getByText(de.wrongOwnPassword).waitFor();
    await judge(window, "link-wrong");
    await button(page, de.sendCode).click();
    await page.getByRole("status").getByText(de.codeSent).waitFor();
    assert.equal(await page.getByText(de.wrongOwnPassword).count(), 0, "what was said of the password");
    await judge(window, "link-code");
    window.foresee("provider/link", 422);
    await field(page, de.emailCode).fill("12345678");
    await button(page, de.connect).click();
    await page.getByText(wrong("emailCode", "wrong", de.emailCode)).waitFor();
    await field(page, de.emailCode).fill(await service.code(ADA.email));
    await button(page, de.connect).click();
    await button(page, own.signOut).click();
    await title(page, de.signInTitle);
  },
  { flags: [corp.flag()], others: [corp.issuer] },
);

play("the components follow the page, and then the browser", "react", async ({ service, visit }) => {
  const window = await visit(undefined, GERMAN);
  const { page } = window;
  await title(page, de.signInTitle);
  assert.equal(await page.locator("html").getAttribute("lang"), "de");
  await field(page, de.email).fill(ADA.email);
  await page.getByLabel(own.language).selectOption("en");
  await title(page, en.signInTitle);
  assert.equal(await field(page, en.email).inputValue(), ADA.email, "what was typed stays");
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  assert.equal(await page.locator(".guestlist-panel").getAttribute("lang"), "en");
  const shown = await page.evaluate(read);
  assert.ok(shown.filter(isEnglish).length > 8, "the look for English finds it where it is");
  // Whatever else sets the language of the page sets theirs; they do not know all languages.
  const speak = (lang) => page.evaluate((lang) => (document.documentElement.lang = lang), lang);
  await speak("de");
  await title(page, de.signInTitle);
  await speak("en-GB");
  await title(page, en.signInTitle);
  await speak("fr");
  await title(page, de.signInTitle);
  assert.equal(await page.locator(".guestlist-panel").getAttribute("lang"), "de-AT");
});

/** The newest body that was sent with a call. */
function sentBy(page) {
  const bodies = new Map();
  page.on("request", (request) => {
    if (request.method() === "POST") bodies.set(request.url().split("/").slice(-2).join("/"), request.postData());
  });
  return (call) => JSON.parse(bodies.get(call));
}

/** Runs in the page: all that people read or hear, and the language that it is marked with. */
function read() {
  const isThere = (element) => element.checkVisibility({ visibilityProperty: true });
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  const tell = (element, text) => {
    const plain = text?.replace(/\s+/g, " ").trim();
    if (plain) found.push({ text: plain, lang: element.closest("[lang]")?.lang });
  };
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (isThere(element)) tell(element, walker.currentNode.data);
  }
  for (const element of document.querySelectorAll("body *")) {
    if (!isThere(element)) continue;
    for (const name of ["aria-label", "placeholder", "title", "alt"]) tell(element, element.getAttribute(name));
    // What the browser itself would say is in its language.
    if (element.form && !element.form.noValidate) tell(element, element.validationMessage);
  }
  tell(document.documentElement, document.title);
  return found;
}

function englishOnly(english, german) {
  const leavesOf = (texts) => Object.values(texts).flatMap((text) => (typeof text === "object" ? leavesOf(text) : [text]));
  const [ours, theirs] = [english, german].map((all) => all.flatMap(leavesOf));
  const isText = (text) => typeof text === "string";
  const plain = (text) => text.replace(/\s+/g, " ");
  const said = new Set(theirs.filter(isText).map(plain));
  const whole = ours.filter(isText).map(plain).filter((text) => !said.has(text));
  const pieces = ours.filter((text) => !isText(text)).flatMap(piecesOf);
  const known = theirs.filter((text) => !isText(text)).flatMap(piecesOf);
  assert.ok(whole.length > 60 && pieces.length > 15);
  return [new Set(whole), pieces.filter((piece) => !known.includes(piece))];
}

/** What stands between the values in what a function returns. */
function piecesOf(made) {
  return [...String(made).matchAll(/`((?:[^`$]|\$\{[^{}]*\})*)`/g)]
    .flatMap(([, text]) => text.split(/\$\{[^{}]*\}/))
    .map((piece) => piece.trim())
    .filter((piece) => /\p{L}{2,} \p{L}{2,}/u.test(piece));
}
