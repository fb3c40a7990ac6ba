// The outbox: why a letter has not gone out, and sending it again once the mail server takes it.

import assert from "node:assert/strict";
import de from "../../console/public/texts/de.js";
import en from "../../console/public/texts/en.js";
import { ADA, button, field, fill, region, rows, says, signIn } from "./support/console.js";
import { PostOffice } from "./support/post-office.js";
import { SIZES, scene } from "./support/scene.js";
import { eventually, freePort } from "./support/service.js";

const port = await freePort();

scene("a letter that was refused is sent again", `--smtp-url=smtp://127.0.0.1:${port}`, async ({ service, open }) => {
  service.tolerate(/letter undeliverable; put aside/);
  service.tolerate(/letter not handed over; it will be tried again/);
  service.tolerate(/the mail server takes no emails/);
  const root = await service.root(ADA);
  for (const size of Object.keys(SIZES)) {
    const post = new PostOffice();
    const window = await open({ size });
    await withPost(post, () => play({ post, service, root, window, size }));
  }
});

scene("each letter is sent again once, though all are refused", `--smtp-url=smtp://127.0.0.1:${port}`, async ({ service, open }) => {
  service.tolerate(/letter undeliverable; put aside/);
  const root = await service.root(ADA);
  const post = new PostOffice();
  post.isOpen = false;
  await post.listen(port);
  await withPost(post, async () => {
    // More than one call puts back.
    const people = Array.from({ length: 45 }, (_, number) => `user-${number}@example.com`);
    for (const email of people) await service.user(root, { email, sendInvite: true });
    const areBack = async () => {
      const { data } = await service.call("mail/find?limit=100", root, {});
      return data.length === people.length;
    };
    await eventually("all that were refused", areBack);
    const { page } = await open();
    await signIn(page, service, ADA, "mail", "Mail");
    // What was sent first is refused again before anything else is sent.
    let calls = 0;
    await page.route("**/mail/retry", async (route) => {
      calls += 1;
      if (calls === 2) await eventually("their being refused again", () => post.refused.length >= 2 * people.length - 5);
      await route.continue();
    });
    await button(page, "Send all again").click();
    await button(page.getByRole("dialog"), "Send all again").click();
    await page.getByText("45 emails are on their way again.").waitFor();
    await eventually("all that were refused again", async () => post.refused.length >= 2 * people.length && areBack());
    assert.deepEqual(post.refused.toSorted(), [...people, ...people].toSorted());
  });
});

scene("a test email tells what the mail server makes of it", `--smtp-url=smtp://127.0.0.1:${port}`, async ({ service, open }) => {
  await service.root(ADA);
  for (const size of Object.keys(SIZES)) {
    const window = await open({ size });
    const { page } = window;
    await signIn(page, service, ADA, "mail", "Mail");
    const server = region(page, "Mail server");
    const send = () => button(server, "Send test email").click();
    await server.getByText(`127.0.0.1:${port}, without TLS`).waitFor();
    // Nobody listens.
    await send();
    await server.getByText("The mail server cannot be reached").waitFor();
    await server.getByText(/Error: Connection error: Connection refused/).waitFor();
    await server.getByText("Check the host and port in smtp_url").waitFor();
    await server.getByText("Last failure").waitFor();
    await window.look("mail-test-failed");
    const post = new PostOffice();
    await post.listen(port);
    await withPost(post, async () => {
      // Its reader may be nobody that it knows.
      post.isOpen = false;
      await send();
      await server.getByText("refused your address as the recipient").waitFor();
      post.isOpen = true;
      await send();
      await server.getByText(`accepted the email to ${ADA.email}`).waitFor();
      await server.getByText("Server reply: 250 taken").waitFor();
      await server.getByText("Emails are being sent.").waitFor();
      await window.look("mail-test-accepted");
      assert.equal(post.letters.length, 1);
      assert.match(post.letters[0], /^Subject: Test email from /m);
    });
  }
});

/** How the service sends, what the server says to a command, and what that comes to; by the code of the advice. */
const REFUSALS = {
  set_server: { flag: null },
  check_host: { flag: "--smtp-url=smtp://mail.invalid?tls=none" },
  check_port: { flag: `--smtp-url=smtp://127.0.0.1:${port}`, isClosed: true },
  ask_server: { says: { greeting: "554 5.7.1 blocked" } },
  check_tls: { flag: `--smtp-url=smtps://mailer:secret@127.0.0.1:${port}` },
  check_sign_in: { flag: `--smtp-url=smtp://mailer:secret@127.0.0.1:${port}`, says: { EHLO: "250-post\r\n250 AUTH PLAIN LOGIN", AUTH: "535 5.7.8 no" } },
  check_sender: { says: { MAIL: "550 5.7.1 not from you" } },
  check_recipient: { says: { RCPT: "550 5.1.1 nobody" } },
  read_reply: { says: { DATA: "554 5.7.1 looks like spam" } },
};

scene("what to do about the mail server is told by the code of the advice, in both languages", async ({ service, open }) => {
  assert.deepEqual(Object.keys(REFUSALS).toSorted(), Object.keys(en.mail.server.advice).toSorted(), "each advice has a case");
  // Other emails leave no more than these.
  for (const told of [/letter undeliverable; put aside/, /letter not handed over; it will be tried again/, /the mail server takes no emails/]) {
    service.tolerate(told);
  }
  const root = await service.root(ADA);
  for (const [code, { flag = `--smtp-url=smtp://127.0.0.1:${port}`, says, isClosed }] of Object.entries(REFUSALS)) {
    if (flag) await service.again(flag);
    // A few are as many as one may send at once.
    const operator = { email: `${code}@example.com`, password: "seven green teapots" };
    const { id } = await service.user(root, { ...operator, role: "root" });
    const post = new PostOffice();
    post.says = says ?? {};
    if (!isClosed) await post.listen(port);
    await withPost(post, async () => {
      const window = await open();
      const { page } = window;
      await signIn(page, service, operator, "mail", "Mail");
      for (const [language, texts] of Object.entries({ en, de })) {
        await service.call("user/update", root, { id, language });
        await page.reload();
        const server = region(page, texts.mail.server.title);
        const [response] = await Promise.all([page.waitForResponse("**/mail/test"), button(server, texts.mail.server.test).click()]);
        assert.equal((await response.json()).adviceCode, code);
        await server.locator(".alert").getByText(texts.mail.server.advice[code]).waitFor();
      }
      await window.close();
    });
  }
});

async function withPost(post, work) {
  try {
    await work();
  } finally {
    await post.close();
  }
}

async function play({ post, service, root, window, size }) {
  const { page } = window;
  const invite = (name) => service.user(root, { email: `${name}-${size}@example.com`, sendInvite: true });
  const taken = (name) => post.letters.filter((letter) => letter.includes(`To: ${name}-${size}@example.com`));
  const letters = rows(page, "Emails");
  const told = (name) => letters.filter({ hasText: `${name}-${size}@example.com` });
  await signIn(page, service, ADA, "mail", "Mail");
  await says(page, "No undeliverable emails");
  await window.look("mail-none");

  // Nobody listens: the letter waits, and says for what.
  await invite("bob");
  await field(page, "Emails").selectOption("Waiting");
  await eventually("why it waits", async () => {
    await page.reload();
    await letters.or(page.getByRole("heading", { name: "No emails waiting" })).first().waitFor();
    return (await told("bob").count()) === 1 && /refused/i.test(await told("bob").innerText());
  });
  await window.look("mail-waiting");

  // Somebody does, and takes none.
  post.isOpen = false;
  await post.listen(port);
  for (const name of ["carl", "dora", "eve"]) await invite(name);
  await field(page, "Emails").selectOption("Undeliverable");
  await eventually("all that were refused", async () => {
    await page.reload();
    await letters.or(page.getByRole("heading", { name: "No undeliverable emails" })).first().waitFor();
    return (await letters.count()) === 4;
  });
  assert.match(await told("carl").innerText(), /nobody of that name lives here/);
  await window.look("mail");
  await button(page, `Send again to carl-${size}@example.com`).click();
  await page.getByText("The email is on its way again.").waitFor();
  await eventually("its being refused once more", async () => {
    await page.reload();
    await letters.first().waitFor();
    return (await letters.count()) === 4;
  });
  assert.deepEqual(post.letters, []);

  // And now all.
  post.isOpen = true;
  await button(page, `Send again to carl-${size}@example.com`).click();
  await eventually("the letter to Carl", () => taken("carl").length === 1);
  assert.match(taken("carl")[0], new RegExp(`${service.console}#invite=[\\w-]{20}`));
  await told("carl").waitFor({ state: "detached" });
  await button(page, "Send all again").click();
  await page.getByRole("dialog").waitFor();
  await window.look("mail-send-all");
  await button(page.getByRole("dialog"), "Send all again").click();
  await page.getByText("3 emails are on their way again.").waitFor();
  await says(page, "No undeliverable emails");
  for (const name of ["bob", "dora", "eve"]) await eventually(`the letter to ${name}`, () => taken(name).length === 1);
  assert.equal(post.letters.length, 4);
}
