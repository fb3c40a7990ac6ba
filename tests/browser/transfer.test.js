// Many users at once: from a file in which not all is right, and into one.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { ADA, button, faultOf, field, fill, heading, region, rows, says, signIn, signOut } from "./support/console.js";
import { SIZES, scene } from "./support/scene.js";
import { eventually } from "./support/service.js";

/** A sheet as people have them: names of columns of their own, a comma in quotes, and three lines that are wrong. */
const sheet = (size) =>
  [
    "Email,First name,Last name,Role",
    `ada-${size}@example.com,Ada,"Lovelace, Countess",admin`,
    `bob-${size}@example.com,Bob,Babbage,`,
    "ada@example.com,Ada,Again,",
    `carl-${size}@nowhere,Carl,Nobody,king`,
    ",Nameless,Person,",
    `Dörte-${size}@example.com,Dörte,Müller,user`,
  ].join("\r\n");

const TITLE = "Import and export";
const LINES = "Lines";

/** Chooses a file of this content. */
const choose = (page, name, text) =>
  field(page, "File").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text) });

/** Presses a button that saves a file; returns its name and content. */
async function saved(page, target) {
  const [download] = await Promise.all([page.waitForEvent("download"), target.click()]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

scene("a sheet is imported, mended, and imported to the end", async ({ service, open }) => {
  const root = await service.root(ADA);
  for (const size of Object.keys(SIZES)) {
    const window = await open({ size });
    const { page } = window;
    await signIn(page, service, ADA, "transfer", TITLE);
    await window.look("transfer");
    await button(page, "Import users").click();
    await page.locator("[aria-invalid=true]").waitFor();
    assert.match(await faultOf(field(page, "Users")), /at least one line/);

    await choose(page, "people.csv", sheet(size));
    await button(page, "Import 6 users").click();
    await says(page, "3 of 6 imported, 3 failed.");
    await page.getByRole("heading", { name: "Done, 3 not imported", exact: true }).waitFor();
    await page.getByRole("banner").getByText("Importing users: 3 not imported").waitFor();
    const line = (text) => rows(page, LINES).filter({ hasText: text });
    assert.match(await line(`ada-${size}@example.com`).innerText(), /Imported as an admin/);
    assert.match(await line(`bob-${size}@example.com`).innerText(), /Imported as a user/);
    assert.match(await line("ada@example.com").innerText(), /4.*Already here: root user, active\. Nothing was changed\./s);
    assert.match(await line(`carl-${size}@nowhere`).innerText(), /5.*role/is);
    assert.match(await line("Nameless").innerText(), /6.*no email/s);
    await window.look("transfer-done");
    await field(page, "Show").selectOption("Not imported");
    await eventually("the three", async () => (await rows(page, LINES).count()) === 3);

    // What is left is in the text, to be mended there or in a file.
    const file = await saved(page, button(page, "Save remaining lines to a file"));
    const text = await field(page, "Users").inputValue();
    assert.equal(file.text, text);
    assert.ok(!text.includes("bob"), text);
    const mended = text.replace('"king"', '"user"').replace(`carl-${size}@nowhere`, `carl-${size}@example.com`);
    await fill(page, { Users: mended.split("\n").find((one) => one.includes("carl")) });
    await button(page, "Import users").click();
    await says(page, "1 of 1 imported.");
    await field(page, "Show").selectOption("Imported");
    await page.getByRole("link", { name: `carl-${size}@example.com` }).click();
    await heading(page, "Carl Nobody").waitFor();
    const ada = await service.call("user/get", root, { email: `ada-${size}@example.com` });
    assert.equal(ada.last, "Lovelace, Countess");
    assert.equal(ada.role, "admin");
  }
});

scene("an array of JSON is imported, or refused as a whole", async ({ service, open }) => {
  const root = await service.root(ADA);
  const { page } = await open();
  await signIn(page, service, ADA, "transfer", TITLE);
  const array = JSON.stringify([{ email: "bob@example.com", first: "Bob" }, { email: "carl@example.com" }], null, 2);
  await fill(page, { Users: array.slice(0, -1) });
  await button(page, "Import users").click();
  await page.locator("[aria-invalid=true]").waitFor();
  assert.match(await faultOf(field(page, "Users")), /JSON array, but is not one/);
  await fill(page, { Users: array });
  await button(page, "Import 2 users").click();
  await says(page, "2 of 2 imported.");
  const { data } = await service.call("user/find", root, {});
  assert.deepEqual(data.map(({ first }) => first ?? "").sort(), ["", "Ada", "Bob"]);
});

scene("columns that no user has are told, preferences are taken", async ({ service, open }) => {
  const root = await service.root(ADA);
  const window = await open({ size: "phone" });
  const { page } = window;
  await signIn(page, service, ADA, "transfer", TITLE);
  await choose(page, "people.csv", 'Email,Shoe size,Preferences\nbob@example.com,38,"{""theme"":""dark""}"\ncarl@example.com,,dark');
  await says(page, "Ignored column: Shoe size.");
  await window.look("transfer-ignored");
  await button(page, "Import 2 users").click();
  await says(page, "1 of 2 imported, 1 failed.");
  assert.match(await rows(page, LINES).filter({ hasText: "carl@example.com" }).innerText(), /preferences.*object/is);
  const bob = await service.call("user/get", root, { email: "bob@example.com" });
  assert.deepEqual(bob.preferences, { theme: "dark" });
});

const emails = (count) => Array.from({ length: count }, (_, number) => `user-${String(number).padStart(3, "0")}@example.com`);

/** Has the requests of a batch answered so, by their number; the others go on. */
async function onBatch(page, answers) {
  const sent = [];
  await page.route("**/batch/run", (route) => {
    sent.push(route.request());
    const answer = answers[sent.length] ?? ((route) => route.continue());
    return answer(route);
  });
  return sent;
}

scene("an import is seen on its way, and can be stopped", async ({ service, open }) => {
  const root = await service.root(ADA);
  const window = await open({ size: "phone" });
  const { page } = window;
  await signIn(page, service, ADA, "transfer", TITLE);
  // The second request stays on its way until it is let through.
  let waiting;
  const sent = await onBatch(page, { 2: (route) => void (waiting = route) });
  const addresses = emails(250);
  await fill(page, { Users: addresses.join("\n") });
  await button(page, "Import 250 users").click();
  await page.getByRole("heading", { name: "In progress" }).waitFor();
  await eventually("the second", () => waiting);
  await says(page, /10 of 250 imported\. You can leave this page/);
  assert.equal(await page.getByRole("progressbar", { name: "Imported" }).getAttribute("max"), "250");
  await window.look("transfer-under-way");
  await button(page, "Stop").click();
  await waiting.continue();
  await page.getByRole("heading", { name: "Stopped" }).waitFor();
  const done = 10 + sent[1].postDataJSON().calls.length;
  await says(page, `${done} of 250 imported.`);
  await window.look("transfer-stopped");
  await button(page, `Import ${250 - done} users`).click();
  await says(page, `${250 - done} of ${250 - done} imported.`);
  const { total } = (await service.ask("user/find?total=true", root, {})).reply;
  assert.equal(total, 251);
  assert.ok(sent.length < 100, `${sent.length} requests`);
});

scene("a connection that is lost in the middle loses no outcome, and nothing is done twice", async ({ service, open }) => {
  const root = await service.root(ADA);
  const window = await open();
  const { page } = window;
  await signIn(page, service, ADA, "transfer", TITLE);
  // The second request is carried out, and its answer lost, however often it is asked for.
  const lost = async (route) => {
    await route.fetch();
    await route.abort("connectionreset");
  };
  const sent = await onBatch(page, { 2: lost, 3: lost, 4: lost, 5: lost });
  window.tolerateLoss();
  const addresses = emails(250);
  await fill(page, { Users: addresses.join("\n") });
  await page.getByLabel("Email each user an invitation").check();
  await button(page, "Import 250 users").click();
  await says(page, /^10 of 250 imported, \d+ failed\./);
  await field(page, "Show").selectOption("Not imported");
  await eventually("what is not known", async () => /This may have worked/.test(await rows(page, LINES).first().innerText()));
  // What is not known is not done, here as elsewhere.
  await page.getByRole("heading", { name: "Stopped", exact: true }).waitFor();
  await page.getByRole("banner").getByText("Importing users: stopped").waitFor();
  await button(page, "Continue").waitFor();
  await window.look("transfer-lost");
  await button(page, "Import 240 users").click();
  await says(page, "240 of 240 imported.");
  assert.equal(new Set(sent.slice(1, 6).map((request) => request.headers()["idempotency-key"])).size, 1);
  const { total } = (await service.ask("user/find?total=true", root, {})).reply;
  assert.equal(total, 251);
  // Nobody was sent two of them.
  const { days } = await service.call("account/overview", root, {});
  assert.equal(days.reduce((sum, { invites }) => sum + invites, 0), 250);
});

scene("what stands in no request with others has one of its own", "--max-body-bytes=4096", async ({ service, open }) => {
  const root = await service.root(ADA);
  const { page } = await open({ size: "phone" });
  await signIn(page, service, ADA, "transfer", TITLE);
  const sent = await onBatch(page, {});
  const people = emails(40).map((email, number) => JSON.stringify({ email, preferences: { note: "x".repeat(number * 80) } }));
  await fill(page, { Users: people.join("\n") });
  await button(page, "Import 40 users").click();
  await says(page, "40 of 40 imported.");
  const lengths = sent.map((request) => request.postData().length);
  assert.ok(lengths.length > 10 && Math.max(...lengths) <= 4096, lengths.join());
  assert.equal((await service.ask("user/find?total=true", root, {})).reply.total, 41);
});

scene("all users are saved as a file, which can be imported", async ({ service, open }) => {
  const root = await service.root(ADA);
  const people = Array.from({ length: 130 }, (_, number) => ({ email: `user-${number}@example.com`, first: `Nr ${number}` }));
  await service.run(["user", "import", "-"], people.map((person) => JSON.stringify(person)).join("\n"));
  const invited = await service.user(root, { email: "bob@example.com", first: "Bob", sendInvite: true });
  for (const size of Object.keys(SIZES)) {
    const { page } = await open({ size });
    await signIn(page, service, ADA, "transfer", TITLE);
    const { name, text } = await saved(page, button(region(page, "Export"), "Export all users"));
    assert.match(name, /^users-\d{4}-\d\d-\d\d\.ndjson$/);
    const users = text.trimEnd().split("\n").map((line) => JSON.parse(line));
    const emails = [ADA.email, "bob@example.com", ...people.map(({ email }) => email)];
    assert.deepEqual(users.map(({ email }) => email).sort(), emails.sort());
    // A code lets in its reader.
    assert.ok(!text.includes(invited.invite));
    await page.getByText("132 users exported.").waitFor();
    await choose(page, name, text);
    await button(page, "Import 132 users").waitFor();
  }
});

scene("an import that the page was loaded anew in goes on, and nothing is done twice", async ({ service, open }) => {
  const root = await service.root(ADA);
  for (const size of Object.keys(SIZES)) {
    const window = await open({ size });
    const { page } = window;
    const people = emails(60).map((email) => `${size}-${email}`);
    const { total: before } = (await service.ask("user/find?total=true", root, {})).reply;
    await signIn(page, service, ADA, "transfer", TITLE);
    // The second request is carried out, and the page is gone before its answer.
    let isDone = false;
    const unanswered = async (route) => {
      await route.fetch();
      isDone = true;
    };
    const sent = await onBatch(page, { 2: unanswered });
    await fill(page, { Users: people.join("\n"), Role: "admin" });
    await page.getByLabel("Email each user an invitation").check();
    await button(page, "Import 60 users").click();
    await eventually("the second", () => isDone);
    page.once("dialog", (dialog) => dialog.accept());
    await page.reload();
    await page.getByRole("heading", { name: "Stopped" }).waitFor();
    await says(page, "10 of 60 imported.");
    assert.equal(await field(page, "Role").inputValue(), "admin");
    assert.ok(await page.getByLabel("Email each user an invitation").isChecked());
    await page.getByText("Importing users: stopped").waitFor();
    await window.look("transfer-loaded-anew");
    // The codes of the invitations are not kept, since anybody could join with them.
    const kept = await page.evaluate(() => JSON.stringify({ ...sessionStorage }));
    const { data } = (await service.ask("user/find?limit=100", root, {})).reply;
    const codes = data.flatMap(({ invite }) => invite ?? []);
    assert.ok(codes.length >= 10 && codes.every((code) => !kept.includes(code)));

    await button(page, "Continue").click();
    await says(page, "60 of 60 imported.");
    const keys = sent.map((request) => request.headers()["idempotency-key"]);
    assert.equal(keys[1], keys[2]);
    assert.equal(sent[1].postData(), sent[2].postData());
    assert.equal(new Set(keys).size, keys.length - 1);
    const { total } = (await service.ask("user/find?total=true", root, { role: "admin" })).reply;
    assert.equal((await service.ask("user/find?total=true", root, {})).reply.total, before + 60);
    assert.ok(total === undefined || total >= 60);
    const { days } = await service.call("account/overview", root, {});
    assert.equal(days.reduce((sum, { invites }) => sum + invites, 0), before + 59);
    // What is done is not kept.
    assert.doesNotMatch(await page.evaluate(() => JSON.stringify({ ...sessionStorage })), /user-000@/);
  }
});

scene("what is left of an import is nothing to the next person", async ({ service, open }) => {
  const root = await service.root(ADA);
  await service.user(root, { email: "bob@example.com", password: "seven green teapots", role: "root" });
  const { page } = await open();
  await signIn(page, service, ADA, "transfer", TITLE);
  let waiting;
  await onBatch(page, { 2: (route) => void (waiting = route) });
  await fill(page, { Users: emails(60).join("\n") });
  await button(page, "Import 60 users").click();
  await eventually("the second", () => waiting);
  page.once("dialog", (dialog) => dialog.accept());
  await page.reload();
  await says(page, "10 of 60 imported.");
  await signOut(page);
  await heading(page, "Sign in").waitFor();
  assert.doesNotMatch(await page.evaluate(() => JSON.stringify({ ...sessionStorage })), /@example/);
  await fill(page, { Email: "bob@example.com", Password: "seven green teapots" });
  await button(page, "Sign in").click();
  await heading(page, "Overview").waitFor();
  await page.evaluate(() => (location.hash = "#/transfer"));
  await heading(page, TITLE).waitFor();
  assert.equal(await field(page, "Users").inputValue(), "");
  assert.equal(await page.getByRole("heading", { name: "Stopped" }).count(), 0);
});
