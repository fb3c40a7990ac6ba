/**
 * Which account this tab is in. Each tab keeps its own; a new one begins in the account that was entered last in
 * this browser, as does a new sign-in. It is kept with the person, so that nobody else begins there.
 */

import { client } from './client.js';
import { claimsOf as claimsIn } from './vendor/guestlist-client.js';

/** @typedef {import('./session.js').Tokens} Tokens */

/** @type {Set<() => void>} */
const listeners = new Set();

/** The account that calls are about, if one is known. @returns {string | undefined} */
export const entered = () => client.entered;

/** Remembers that an account was entered. @param {string} account @param {Tokens} [held] */
export const enter = (account, held) => client.enter(account, held?.accessToken);

/** Forgets an account that one is not in any more. @param {string} account */
export const forgetEntered = (account) => client.forgetAccount(account);

/** Goes on in another account, or wherever one is still: whatever is shown is of the one before. */
export function startOver() {
  for (const listener of listeners) listener();
}

/** Calls whenever one goes on elsewhere. @param {() => void} listener @returns {() => void} ends it */
export function watchEntered(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * What an access token says of a person; nothing is proved by that.
 * @param {Tokens | undefined} held
 * @returns {{ email?: string }}
 */
export const claimsOf = (held) => claimsIn(held?.accessToken);
