// Many calls in few requests: how they are put together, and what becomes of each, whatever becomes of the requests.

import assert from "node:assert/strict";
import { test } from "node:test";
import { firstOf, runAll } from "../../console/public/batches.js";

/** @typedef {import("../../console/public/batches.js").Part} Part */
/** @typedef {import("../../console/public/batches.js").Outcome} Outcome */

/** @param {string} email @param {object} [more] @returns {Part} */
const create = (email, more = {}) => ({
  call: "user/create",
  body: { email, ...more },
});
/** @param {number} count */
const many = (count) =>
  Array.from({ length: count }, (_, at) => create(`user-${at}@example.com`));
/** @param {Part} part */
const emailOf = ({ body }) => String(body.email);
const LIMITS = { calls: 10, bytes: 65536 };

/** All of them in requests. @param {Part[]} parts @param {typeof LIMITS} limits */
function batchesOf(parts, limits) {
  const batches = [];
  for (let rest = parts; rest.length > 0;) {
    const first = firstOf(rest, limits);
    batches.push(first);
    rest = rest.slice(first.length);
  }
  return batches;
}

/** @param {number} status @param {object} [more] @returns {any} */
const refusal = (status, more = {}) => ({
  status,
  code: "x",
  detail: "No.",
  ...more,
});

/** A service that makes each user once for a key and a place in the batch, and notes what it was asked. */
class Service {
  /** @type {{ key: string, emails: string[] }[]} */
  asked = [];
  /** @type {string[]} */
  made = [];
  /** @type {Map<string, Outcome>} */
  #done = new Map();

  /** @param {(asked: number) => unknown} [disturb] may throw; what it gives stands in for the answer */
  constructor(disturb = () => undefined) {
    this.disturb = disturb;
  }

  /** @param {Part[]} calls @param {string} key */
  send = async (calls, key) => {
    this.asked.push({ key, emails: calls.map(emailOf) });
    const data = calls.map((part, at) => this.#make(part, `${key} ${at}`));
    const other = this.disturb(this.asked.length);
    return other ? /** @type {{ data: Outcome[] }} */ (other) : { data };
  };

  /** @param {Part} part @param {string} name @returns {Outcome} */
  #make({ body }, name) {
    if (!body.email) return { error: refusal(422) };
    const done = this.#done.get(name);
    if (done) return done;
    if (this.made.includes(String(body.email)))
      return { error: refusal(409, { code: "email_taken" }) };
    this.made.push(String(body.email));
    const outcome = { user: /** @type {any} */ ({ email: body.email }) };
    this.#done.set(name, outcome);
    return outcome;
  }
}

/**
 * Runs all of them; returns what is told of each, in words.
 * @param {Part[]} parts
 * @param {Service} service
 * @param {Partial<Parameters<typeof runAll>[1]>} [more]
 */
async function run(parts, service, more) {
  const told = parts.map(() => "");
  await runAll(parts, {
    send: service.send,
    limits: LIMITS,
    wait: async () => undefined,
    onOutcome: (at, { user, error }) => {
      assert.equal(told[at], "", "each is told once");
      told[at] = user ? `made ${user.email}` : String(error?.status);
    },
    ...more,
  });
  return told;
}

test("as many are in a request as it may have", () => {
  assert.deepEqual(
    batchesOf(many(25), LIMITS).map(({ length }) => length),
    [10, 10, 5],
  );
  assert.deepEqual(batchesOf([], LIMITS), []);
});

test("a request is no longer than it may be, in bytes", () => {
  const parts = Array.from({ length: 40 }, (_, at) =>
    create(`user-${at}@example.com`, { first: "Zoë".repeat(at) }),
  );
  for (const bytes of [200, 500, 1000]) {
    const batches = batchesOf(parts, { calls: 100, bytes });
    assert.deepEqual(batches.flat(), parts);
    for (const calls of batches) {
      const length = Buffer.byteLength(JSON.stringify({ calls }));
      assert.ok(length <= bytes || calls.length === 1, `${length} > ${bytes}`);
    }
    // None of them would have fitted into the one before.
    for (const [at, [first]] of batches.entries()) {
      const before = batches[at - 1];
      if (before)
        assert.ok(
          Buffer.byteLength(JSON.stringify({ calls: [...before, first] })) >
            bytes,
        );
    }
  }
});

test("two about the same user are not in one request, where their order would be anybody’s guess", () => {
  const parts = [
    create("ada@example.com"),
    create("bob@example.com"),
    create("Ada@example.com", { first: "Ada" }),
    create("carl@example.com"),
  ];
  assert.deepEqual(
    batchesOf(parts, LIMITS).map((calls) => calls.map(emailOf)),
    [
      ["ada@example.com", "bob@example.com"],
      ["Ada@example.com", "carl@example.com"],
    ],
  );
});

test("each is told what has become of it, in its place", async () => {
  const service = new Service();
  service.made.push("user-3@example.com");
  const told = await run(many(25), service);
  assert.equal(told[0], "made user-0@example.com");
  assert.equal(told[3], "409");
  assert.equal(told[24], "made user-24@example.com");
  assert.equal(service.asked.length, 3);
  assert.equal(new Set(service.asked.map(({ key }) => key)).size, 3);
});

test("requests are as large as they are answered in good time", async () => {
  const sizes = async (/** @type {number} */ perCall) => {
    let clock = 0;
    const service = new Service();
    const { send } = service;
    service.send = async (calls, key) => {
      clock += calls.length * perCall;
      return send(calls, key);
    };
    await run(many(250), service, {
      limits: { calls: 100, bytes: 65536 },
      now: () => clock,
    });
    return service.asked.map(({ emails }) => emails.length);
  };
  assert.deepEqual(await sizes(2), [10, 100, 100, 40]);
  assert.deepEqual((await sizes(40)).slice(0, 3), [10, 25, 25]);
  assert.deepEqual((await sizes(3000)).slice(0, 3), [10, 1, 1]);
});

test("what is there twice is made once", async () => {
  const twice = [create("ada@example.com"), create("ada@example.com")];
  assert.deepEqual(await run(twice, new Service()), [
    "made ada@example.com",
    "409",
  ]);
});

test("what got no answer is sent again as it was, and is done once", async () => {
  const service = new Service((asked) => {
    if (asked === 2) throw refusal(0);
  });
  /** @type {import("../../console/public/batches.js").Sent[]} */
  const open = [];
  const parts = many(25);
  const told = await run(parts, service, { open });
  assert.deepEqual(
    told.slice(0, 10),
    parts.slice(0, 10).map((part) => `made ${emailOf(part)}`),
  );
  assert.deepEqual(told.slice(10, 20), Array(10).fill("0"));
  assert.deepEqual(told.slice(20), Array(5).fill(""), "not tried");
  assert.equal(open.length, 1);

  // One of those is not wanted any more, and one was changed.
  const left = parts.slice(10).filter((_, at) => at !== 3);
  left[0] = create("user-10@example.com", { first: "Ten" });
  const again = await run(left, service, { open });
  assert.equal(again[0], "409", "another call than the one before");
  assert.deepEqual(
    again.slice(1),
    left.slice(1).map((part) => `made ${emailOf(part)}`),
  );
  assert.equal(service.asked[2].key, service.asked[1].key);
  assert.equal(service.asked[2].emails[3], "undefined", "nothing in its place");
  assert.equal(service.made.length, 25);
});

test("those that only came at a bad time are asked for again, and the others are not done twice", async () => {
  let busy = 2;
  const service = new Service();
  const { send } = service;
  service.send = async (calls, key) => {
    const { data } = await send(calls, key);
    busy -= 1;
    return busy < 0
      ? { data }
      : {
          data: data.map((one, at) =>
            at === 1 ? { error: refusal(503, { retryAfter: 1 }) } : one,
          ),
        };
  };
  const told = await run(many(3), service);
  assert.deepEqual(
    told,
    many(3).map((part) => `made ${emailOf(part)}`),
  );
  assert.equal(service.asked.length, 3);
  assert.equal(service.made.length, 3);
});

test("what would be the same for all that follow ends it", async () => {
  for (const status of [401, 429, 500]) {
    const service = new Service(() => ({
      data: [
        { error: refusal(status, { retryAfter: 60 }) },
        ...many(9).map((part) => ({ user: { email: emailOf(part) } })),
      ],
    }));
    const told = await run(many(25), service);
    assert.equal(told[0], String(status));
    assert.deepEqual(told.slice(10), Array(15).fill(""));
    assert.equal(service.asked.length, 1);
  }
});

test("a request that is refused as a whole is told of each in it", async () => {
  const service = new Service(() => {
    throw refusal(403);
  });
  const told = await run(many(12), service);
  assert.deepEqual(told, [...Array(10).fill("403"), "", ""]);
});

test("what is too large on the way is sent in halves", async () => {
  const service = new Service();
  const { send } = service;
  service.send = async (calls, key) => {
    if (calls.length > 3) throw refusal(413);
    return send(calls, key);
  };
  const told = await run(many(10), service);
  assert.deepEqual(
    told,
    many(10).map((part) => `made ${emailOf(part)}`),
  );
  const alone = new Service(() => {
    throw refusal(413);
  });
  assert.deepEqual(await run(many(1), alone), ["413"]);
});

test("it ends before the next request once it is stopped", async () => {
  const stop = new AbortController();
  const service = new Service(() => stop.abort());
  const told = await run(many(25), service, { signal: stop.signal });
  assert.deepEqual(told.filter(Boolean).length, 10);
  assert.equal(service.asked.length, 1);
});
