/** What is wrong with the link of an email: the service speaks of its code, which nobody has seen. */

import { ApiError } from './api.js';
import { texts } from './texts.js';

/**
 * The same in words about the link, where it is about that.
 * @param {ApiError} error
 */
export function ofLink(error) {
  if (error.status === 404) return new ApiError(404, { detail: texts.emailedLink.gone });
  const isCut = error.errors.some(({ field }) => field === 'code');
  return isCut ? new ApiError(422, { detail: texts.emailedLink.incomplete }) : error;
}

/**
 * What a call by a link's code is answered.
 * @template T
 * @param {Promise<T>} asked
 * @returns {Promise<T>}
 */
export const byLink = (asked) =>
  asked.catch((error) => {
    throw error instanceof ApiError ? ofLink(error) : error;
  });
