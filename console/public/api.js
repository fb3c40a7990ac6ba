/** Calls of the service, as pages make them. */

import { BASE, COMMON, client } from './client.js';
import { Guestlist, GuestlistError } from './vendor/guestlist-client.js';

export { confirmWith } from './client.js';

/** Why a call was refused, or that the service was not reached (`status` 0, `code` `unreachable`). */
export const ApiError = GuestlistError;
/** @typedef {GuestlistError} ApiError */
/** @typedef {import('./contract').Call} Call */
/** @typedef {import('./client.js').Asker} Asker */

/**
 * Makes a call and gives its reply.
 * @template {Call} Name
 * @param {Name} name
 * @param {import('./contract').Given<Name>} given its body, its options
 * @returns {Promise<import('./contract').Reply<Name>>}
 */
export function call(name, ...given) {
  const [body, { token, query, ...options } = {}] = given;
  const asked = Object.entries(query ?? {}).filter(([, value]) => value !== '');
  const by = token === undefined ? client : new Guestlist({ ...COMMON, token });
  /** @type {any} */
  const sent = [body, { ...options, query: Object.fromEntries(asked) }];
  return by.call(name, .../** @type {[any]} */ (sent));
}

/** The link with which a person accepts an invite. @param {string} code */
export const inviteLink = (code) => new URL(`#invite=${code}`, BASE).href;

/** Has a code sent to the person by email; the reply's `key` goes along with it. */
export const mailCode = () => client.call('session/code');

/** Confirms who one is; calls go on with the token that this gives. @param {import('./contract').Proof} proof */
export const confirm = (proof) => client.confirm(proof);
