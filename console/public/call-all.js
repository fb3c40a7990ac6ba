/** Many calls of the service, as pages make them: in few requests, each with an outcome of its own. */

import { ApiError, call } from './api.js';
import { runAll } from './batches.js';
import { about } from './client.js';

/** @typedef {import('./contract').User} User */
/** @typedef {import('./batches.js').Part} Part */

/**
 * Makes many calls, as many in a request as the service takes, until something stands in the way of all that follow.
 * It does not throw: what is wrong with a request is the outcome of each call in it.
 * @param {Part[]} parts
 * @param {{ onOutcome: (at: number, outcome: { user?: User, error?: ApiError }) => void, account?: string,
 *   signal?: AbortSignal, open?: import('./batches.js').Sent[], onSend?: () => void }} how `open` is what got no answer
 *   before; sent again, it is carried out once. `onSend` is told before each request, which is in `open` by then
 */
export async function callAll(parts, { onOutcome, account, onSend, ...how }) {
  try {
    const { maxBatchCalls, maxBodyBytes } = await about();
    await runAll(parts, {
      ...how,
      limits: { calls: maxBatchCalls, bytes: maxBodyBytes },
      send: (calls, idempotencyKey) => {
        onSend?.();
        return call('batch/run', { calls }, { account, idempotencyKey });
      },
      onOutcome: (at, { user, error }) => onOutcome(at, { user, error: error && errorOf(error) }),
    });
  } catch (error) {
    onOutcome(0, { error: errorOf(/** @type {ApiError} */ (error)) });
  }
}

/** A refusal, as if its call had come alone. @param {import('./batches.js').Failure} failure */
function errorOf(failure) {
  if (failure instanceof ApiError) return failure;
  const { status, retryAfter, code, errors = [], ...told } = failure;
  const known = /** @type {import('./contract').Problem['code']} */ (code);
  return new ApiError(status, { ...told, code: known, errors: [...errors] }, retryAfter);
}
