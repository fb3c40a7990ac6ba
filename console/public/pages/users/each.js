/** Doing the same to many, a few at a time, with the outcome of each. */

import { asApiError } from '../../ui.js';

/**
 * @template T
 * @typedef {object} Outcome
 * @property {T} of
 * @property {T} [done] as it is then
 * @property {import('../../api.js').ApiError} [error]
 */

/** How many are under way at once: more would only wait in the service. */
const AT_ONCE = 4;
/** Unreachable, signed out, too many: it would be the same with all that follow. */
const isOfAll = (/** @type {number} */ status) => [0, 401, 429].includes(status);

/**
 * @template T
 * @param {T[]} all
 * @param {(one: T) => Promise<T>} run
 * @param {(count: number) => void} [onCount] told how many are done with
 * @returns {Promise<Outcome<T>[]>} in the order of `all`; those that were not begun are left out
 */
export async function doEach(all, run, onCount) {
  /** @type {Outcome<T>[]} */
  const outcomes = [];
  let next = 0;
  let count = 0;
  let isOver = false;
  const work = async () => {
    while (next < all.length && !isOver) {
      const at = next;
      next += 1;
      outcomes[at] = await outcomeOf(all[at], run);
      count += 1;
      isOver ||= isOfAll(outcomes[at].error?.status ?? 200);
      onCount?.(count);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return outcomes.filter(Boolean);
}

/** @template T @param {T} of @param {(one: T) => Promise<T>} run @returns {Promise<Outcome<T>>} */
async function outcomeOf(of, run) {
  try {
    return { of, done: await run(of) };
  } catch (error) {
    return { of, error: asApiError(error) };
  }
}
