// Work that goes on across pages: how far it has come, what stops it, and when it is forgotten.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { asksBeforeUnload, tokenOf } from "./support/browser.js";

const { client } = await import("../../console/public/client.js");
const { allJobs, dismissJob, isWorking, startJob, stopJob } =
  await import("../../console/public/jobs.js");

/** @param {string} id */
const begun = (id) => ({
  id,
  account: "1",
  href: "#/transfer",
  label: () => "Importing",
  ended: () => "Importing: done",
  total: 3,
  outcome: /** @type {string[]} */ ([]),
});

/** Work that waits until it is told to go on. */
function held() {
  /** @type {() => void} */
  let end = () => {};
  /** @type {import("../../console/public/jobs.js").Report<string[]>} */
  let report = () => {};
  let signal = new AbortController().signal;
  /** @type {(tell: typeof report, stop: AbortSignal) => Promise<void>} */
  const work = (tell, stop) => {
    [report, signal] = [tell, stop];
    return new Promise((resolve) => (end = resolve));
  };
  return {
    work,
    end: () => end(),
    report: (/** @type {number} */ done, /** @type {string[]} */ outcome) =>
      report({ done, outcome }),
    isStopped: () => signal.aborted,
  };
}

beforeEach(async () => {
  await client.signInWithToken(tokenOf("ada"));
  for (const { id } of allJobs()) dismissJob(id);
});

test("a job tells how far it has come, and its outcome stays until it is dismissed", async () => {
  const one = held();
  const done = startJob(begun("import"), one.work);
  assert.ok(isWorking());
  assert.ok(asksBeforeUnload());
  assert.equal(allJobs()[0].done, 0);
  one.report(2, ["ada", "bob"]);
  assert.deepEqual(
    allJobs().map(({ done, total, outcome }) => ({ done, total, outcome })),
    [{ done: 2, total: 3, outcome: ["ada", "bob"] }],
  );
  dismissJob("import");
  assert.equal(allJobs().length, 1, "not while it is running");
  one.end();
  await done;
  assert.ok(!isWorking());
  assert.ok(!asksBeforeUnload());
  assert.deepEqual(allJobs()[0].outcome, ["ada", "bob"]);
  dismissJob("import");
  assert.deepEqual(allJobs(), []);
});

test("there is one of a kind at a time, and a new one takes the place of one that has ended", async () => {
  const [first, second, other] = [held(), held(), held()];
  const done = startJob(begun("import"), first.work);
  await startJob(begun("import"), second.work);
  first.report(1, ["first"]);
  second.report(3, ["second"]);
  assert.deepEqual(allJobs()[0].outcome, ["first"]);
  const another = startJob(begun("invite"), other.work);
  assert.equal(allJobs().length, 2);
  first.end();
  await done;
  const again = startJob(begun("import"), second.work);
  // What the older one still tells is not told of the newer one.
  first.report(3, ["late"]);
  assert.deepEqual(allJobs().find(({ id }) => id === "import")?.outcome, []);
  second.end();
  other.end();
  await Promise.all([again, another]);
});

test("it is stopped by name, and what fails has ended, too", async () => {
  const one = held();
  const done = startJob(begun("import"), one.work);
  stopJob("other");
  assert.ok(!one.isStopped());
  stopJob("import");
  assert.ok(one.isStopped());
  one.end();
  await done;
  const broken = startJob(begun("import"), async () => {
    throw new Error("out of order");
  });
  await assert.rejects(broken, /out of order/);
  assert.ok(!isWorking());
});

test("nothing is done in the name of somebody who has gone", async () => {
  const one = held();
  const done = startJob(begun("import"), one.work);
  await client.signOut().catch(() => {});
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(one.isStopped());
  assert.deepEqual(allJobs(), []);
  one.report(3, ["late"]);
  assert.deepEqual(allJobs(), []);
  one.end();
  await done;
});
