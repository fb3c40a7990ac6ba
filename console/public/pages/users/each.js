/** Doing the same to many, with the outcome of each. */

import { callAll } from '../../call-all.js';

/** @typedef {import('../../contract').User} User */
/** @typedef {import('../../api.js').ApiError} ApiError */
/**
 * @typedef {object} Outcome
 * @property {User} of
 * @property {User} [done] as it is then
 * @property {ApiError} [error]
 */

/**
 * @param {User[]} users
 * @param {(user: User) => import('../../call-all.js').Part} part what is to be done to one of them
 * @param {(count: number) => void} [onCount] told how many are done with
 * @returns {Promise<Outcome[]>} in the order of `users`; what stood in the way of all is the outcome of those after it
 */
export async function doEach(users, part, onCount) {
  /** @type {Outcome[]} */
  const outcomes = users.map((of) => ({ of }));
  let count = 0;
  /** @type {ApiError | undefined} */
  let last;
  await callAll(users.map(part), {
    onOutcome: (at, { user, error }) => {
      outcomes[at] = { of: users[at], done: user, error };
      last = error ?? last;
      count += 1;
      onCount?.(count);
    },
  });
  return outcomes.map((outcome) =>
    outcome.done || outcome.error ? outcome : { ...outcome, error: last },
  );
}
