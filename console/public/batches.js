/**
 * Many calls in few requests. Each has an outcome of its own; one that got no answer has none, and is sent again under
 * the same key, so that it is carried out once.
 */

import { newKey } from './vendor/guestlist-client.js';

/** @import { Body, Fault, Reply, User } from './contract' */
/** @typedef {Body<'batch/run'>['calls'][number]} Part a call, and its body */
/** @typedef {NonNullable<Reply<'batch/run'>['data'][number]['error']>} Refused */
/** @typedef {Omit<Refused, 'errors'> & { errors?: readonly Fault[] }} Failure */
/** What has become of it. @typedef {{ user?: User, error?: Failure }} Outcome */
/** @typedef {(calls: Part[], key: string) => Promise<{ data: Outcome[] }>} Send */
/** @typedef {{ calls: number, bytes: number }} Limits what a request may have */
/** What was sent, and how far it is not known what has come of it. @typedef {{ key: string, parts: (Part | undefined)[] }} Sent */

/** What a part takes beside itself: the commas between them. */
const BETWEEN = 1;
const AROUND = bytesOf({ calls: [] });
/** What is refused whatever there is: it stands where nothing is to be done any more. @type {Part} */
const NOTHING = { call: 'user/create', body: {} };
/** What the first request has; how many the next ones have depends on how soon it is answered. */
const FIRST_CALLS = 10;
const ANSWERED_IN_SECONDS = 1;
const MOST_FASTER = 10;
/** Longer than this nobody waits in front of a page. */
const PATIENCE_SECONDS = 5;
const RETRIES = 3;

/** Unreachable, signed out, too many, out of order: it would be the same with all that follow. @param {number} status */
const isOfAll = (status) => [0, 401, 429].includes(status) || status >= 500;

/** Whether it may have been carried out all the same. @param {number} status */
const isUnknown = (status) => status === 0 || status >= 500;

/**
 * The first parts that go into a request that is no larger than it may be, each of them about somebody else, since
 * those of one request are made in any order. A part that is too large by itself goes alone.
 * @param {Part[]} parts
 * @param {Limits} limits
 * @returns {Part[]}
 */
export function firstOf(parts, { calls, bytes }) {
  /** @type {Part[]} */
  const first = [];
  let size = AROUND;
  /** @type {Set<string>} */
  const subjects = new Set();
  for (const part of parts) {
    size += bytesOf(part) + BETWEEN;
    const fits = first.length < calls && size <= bytes && !subjects.has(subjectOf(part));
    if (first.length > 0 && !fits) break;
    first.push(part);
    subjects.add(subjectOf(part));
  }
  return first;
}

/** Whom a call is about. @param {Part} part */
function subjectOf({ body }) {
  const { id, email } = /** @type {{ id?: string, email?: string }} */ (body);
  return String(id ?? email).toLowerCase();
}

/** @param {unknown} value */
function bytesOf(value) {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

/**
 * Makes all of these calls, in their order, and tells what has become of each, until something stands in the way of all.
 * @param {Part[]} parts
 * @param {object} how
 * @param {Send} how.send throws a `Failure`, where something is wrong with a request as a whole
 * @param {Limits} how.limits
 * @param {(at: number, outcome: Outcome) => void} how.onOutcome
 * @param {AbortSignal} [how.signal] ends it before the next request
 * @param {Sent[]} [how.open] what was sent before and has no outcome yet; what has none in the end is left in it
 * @param {(seconds: number) => Promise<unknown>} [how.wait]
 * @param {() => number} [how.now] in milliseconds
 */
export async function runAll(
  parts,
  { send, limits, onOutcome, signal, open = [], wait = pause, now = () => performance.now() },
) {
  const places = new Places(parts);
  const again = open.filter(({ parts }) => parts.some((part) => places.has(part)));
  let rest = places.without(again);
  let pace = FIRST_CALLS;
  /** What goes next: what was sent before as it was. @returns {Sent | undefined} */
  const next = () => {
    if (signal?.aborted) return undefined;
    const before = again.shift();
    if (before || rest.length === 0) return before;
    const first = firstOf(rest, { ...limits, calls: Math.min(limits.calls, pace) });
    rest = rest.slice(first.length);
    return { key: newKey(), parts: first };
  };
  for (let sent = next(); sent; sent = next()) {
    const { key, parts } = sent;
    if (!open.includes(sent)) open.push(sent);
    const calls = parts.map((part) => (part && places.has(part) ? part : NOTHING));
    try {
      const begun = now();
      const outcomes = await answered(() => send(calls, key), wait);
      pace = paceAfter(calls.length, (now() - begun) / 1000);
      const isOver = outcomes.some(({ error }) => error && isOfAll(error.status));
      for (const [index, outcome] of outcomes.entries()) {
        const place = places.take(parts[index]);
        if (place === undefined) continue;
        if (!isUnknown(outcome.error?.status ?? 200)) parts[index] = undefined;
        onOutcome(place, outcome);
      }
      if (!parts.some(Boolean)) open.splice(open.indexOf(sent), 1);
      if (isOver) return;
    } catch (failure) {
      const error = /** @type {Failure} */ (failure);
      if (!isUnknown(error.status)) open.splice(open.indexOf(sent), 1);
      // Something on the way takes less than the service does.
      if (error.status === 413 && parts.length > 1) {
        again.unshift(...halvesOf(calls.filter((part) => part !== NOTHING)));
        continue;
      }
      for (const place of parts.map((part) => places.take(part))) {
        if (place !== undefined) onOutcome(place, { error });
      }
      return;
    }
  }
}

/** Where the calls stand that are still to be made. Two that are the same have two places. */
class Places {
  /** @type {Map<string, { part: Part, at: number }[]>} */
  #byName = new Map();

  /** @param {Part[]} parts */
  constructor(parts) {
    for (const [at, part] of parts.entries()) {
      const name = JSON.stringify(part);
      this.#byName.set(name, [...(this.#byName.get(name) ?? []), { part, at }]);
    }
  }

  /** @param {Part | undefined} part */
  has(part) {
    return part !== undefined && this.#byName.has(JSON.stringify(part));
  }

  /** @param {Part | undefined} part */
  take(part) {
    const name = JSON.stringify(part);
    const [first, ...rest] = this.#byName.get(name) ?? [];
    if (rest.length > 0) this.#byName.set(name, rest);
    else this.#byName.delete(name);
    return first?.at;
  }

  /** Those that were not sent yet, in their order. @param {Sent[]} sent */
  without(sent) {
    const known = sent.flatMap(({ parts }) => parts.map((part) => JSON.stringify(part)));
    const fresh = [...this.#byName].flatMap(([name, places]) =>
      places.slice(known.filter((one) => one === name).length),
    );
    return fresh.toSorted((one, other) => one.at - other.at).map(({ part }) => part);
  }
}

/** How many calls are answered in a time that one likes to wait for. @param {number} calls @param {number} seconds */
function paceAfter(calls, seconds) {
  const fitting = Math.floor((calls * ANSWERED_IN_SECONDS) / Math.max(seconds, 0.001));
  return Math.max(1, Math.min(fitting, calls * MOST_FASTER));
}

/** @param {Part[]} calls @returns {Sent[]} */
function halvesOf(calls) {
  const middle = Math.ceil(calls.length / 2);
  return [calls.slice(0, middle), calls.slice(middle)].map((parts) => ({ key: newKey(), parts }));
}

/**
 * Asks again while some calls have only come at a bad time; those that were carried out are not once more.
 * @param {() => Promise<{ data: Outcome[] }>} ask
 * @param {(seconds: number) => Promise<unknown>} wait
 */
async function answered(ask, wait) {
  for (let tries = 0; ; tries += 1) {
    const { data } = await ask();
    const waits = data.map(({ error }) => (error && isOfAll(error.status) ? error.retryAfter : 0));
    const longest = Math.max(...waits.map((seconds) => seconds ?? Infinity));
    if (longest === 0 || longest > PATIENCE_SECONDS || tries === RETRIES) return data;
    await wait(longest);
  }
}

/** @param {number} seconds */
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
