/**
 * Which account this tab is in. Each tab keeps its own; a new one begins in the account that was entered last in
 * this browser, as does whoever signs in again. It is kept with the person, so that nobody else begins there.
 */

import { BASE, tokens } from './session.js';

/** @typedef {import('./session.js').Tokens} Tokens */
/** @typedef {{ person: string, account: string }} Entered */

const KEY = `guestlist:${BASE.pathname}:account`;

/** @type {Set<() => void>} */
const listeners = new Set();

/** The account that calls are about, if one is known. @param {Tokens | undefined} [held] @returns {string | undefined} */
export function entered(held = tokens()) {
  const person = personOf(held);
  const own = kept(sessionStorage, person);
  if (own || !person) return own;
  const last = kept(localStorage, person);
  // Other tabs may go elsewhere; this one has begun here.
  if (last) sessionStorage.setItem(KEY, JSON.stringify({ person, account: last }));
  return last;
}

/** Remembers that an account was entered. @param {string} account @param {Tokens | undefined} [held] */
export function enter(account, held = tokens()) {
  const person = personOf(held);
  if (!person) return;
  const text = JSON.stringify({ person, account });
  sessionStorage.setItem(KEY, text);
  localStorage.setItem(KEY, text);
}

/** Forgets an account that one is not in any more. @param {string} account */
export function forgetEntered(account) {
  const person = personOf(tokens());
  for (const storage of [sessionStorage, localStorage]) {
    if (kept(storage, person) === account) storage.removeItem(KEY);
  }
}

/** Goes on in another account, or wherever one is still: whatever is shown is of the one before. */
export function startOver() {
  for (const listener of listeners) listener();
}

/** Calls whenever one goes on elsewhere. @param {() => void} listener @returns {() => void} ends it */
export function watchEntered(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** @param {Storage} storage @param {string | undefined} person */
function kept(storage, person) {
  /** @type {Entered | null} */
  const entered = JSON.parse(storage.getItem(KEY) ?? 'null');
  return entered && entered.person === person ? entered.account : undefined;
}

/** Whom tokens are about. @param {Tokens | undefined} held */
function personOf(held) {
  const claims = claimsOf(held);
  return claims && JSON.stringify([claims.iss, claims.sub]);
}

/**
 * What an access token says of a person; nothing is proved by that.
 * @param {Tokens | undefined} held
 * @returns {{ iss?: string, sub?: string, email?: string, account_id?: string } | undefined}
 */
export function claimsOf(held) {
  const claims = held?.accessToken.split('.')[1];
  if (!claims) return undefined;
  try {
    const letters = atob(claims.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
