// The picture of the README: the console's list of users. When it has come to look otherwise, copy
// `target/screenshots/readme.png` to `docs/images/console.png`.

import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ADA, rows, signIn } from "./support/console.js";
import { scene } from "./support/scene.js";

const PICTURE = fileURLToPath(new URL("../../docs/images/console.png", import.meta.url));
const FRESH = fileURLToPath(new URL("../../target/screenshots/readme.png", import.meta.url));
const PASSWORD = "seven green teapots";
const PEOPLE = [
  ["grace", "Grace", "Hopper", "admin"],
  ["alan", "Alan", "Turing", "admin"],
  ["edsger", "Edsger", "Dijkstra", "user"],
  ["barbara", "Barbara", "Liskov", "user"],
  ["katherine", "Katherine", "Johnson", "user"],
  ["donald", "Donald", "Knuth", "user"],
];

scene("the picture of the README", async ({ service, open }) => {
  const root = await service.root(ADA);
  for (const [name, first, last, role] of PEOPLE) {
    const email = `${name}@example.com`;
    await service.user(root, { email, first, last, role, password: PASSWORD });
    const { accessToken } = await service.signIn({ email, password: PASSWORD });
    await service.call("user/login", accessToken, {});
  }
  for (const name of ["frances", "radia", "john"]) {
    await service.user(root, { email: `${name}@example.com`, sendInvite: true });
  }
  await service.user(root, { email: "charles@example.com", first: "Charles", last: "Babbage", state: "suspended" });
  await service.call("user/login", root, {});

  const window = await open();
  const { page } = window;
  await page.setViewportSize({ width: 1440, height: 900 });
  await signIn(page, service, ADA);
  await rows(page, "Users").nth(PEOPLE.length).waitFor();
  await page.mouse.move(0, 0);
  await page.screenshot({ path: FRESH });

  // The one in the README is of the same size, and small enough for a page that is read on the way.
  const sizeOf = (png) => [png.readUInt32BE(16), png.readUInt32BE(20)];
  const [kept, fresh] = await Promise.all([PICTURE, FRESH].map((path) => readFile(path)));
  assert.deepEqual(sizeOf(kept), sizeOf(fresh));
  const { size } = await stat(PICTURE);
  assert.ok(size < 200_000, `docs/images/console.png has ${size} bytes`);
});
