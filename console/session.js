/**
 * The tokens of whoever is signed in. They are kept in the browser's storage, so that all tabs have the
 * same ones: a refresh token works once, and two tabs that show it would end the session.
 *
 * Local storage is read at once and tells other tabs of changes; whoever refreshes asks for the `newest`.
 */

import { read, write } from './shared-value.js';

/**
 * @typedef {object} Tokens
 * @property {string} accessToken
 * @property {string} [refreshToken] missing where another issuer has made the token
 * @property {string} [session]
 */

/** The service's base URL; this file is one folder below it. */
export const BASE = new URL('..', import.meta.url);

const KEY = `guestlist:${BASE.pathname}`;

/** @type {Set<() => void>} */
const listeners = new Set();
/** Why the last session ended, if not by signing out. */
let ending = '';
/** What came before in this tab, where the browser has no locks. @type {Promise<unknown>} */
let queue = Promise.resolve();

/** @returns {Tokens | undefined} */
export function tokens() {
  const kept = localStorage.getItem(KEY);
  return kept ? JSON.parse(kept) : undefined;
}

/** The tokens that were kept last, in whichever tab; none if it was forgotten there. @returns {Promise<Tokens | undefined>} */
export async function newest() {
  const shared = await read(KEY);
  return shared ? shared.tokens : tokens();
}

/** @param {Tokens} fresh */
export async function keep({ accessToken, refreshToken, session }) {
  const fresh = { accessToken, refreshToken, session };
  await write(KEY, { tokens: fresh });
  ending = '';
  localStorage.setItem(KEY, JSON.stringify(fresh));
  tell();
}

/** @param {string} why shown on the sign-in page; empty if it was wanted */
export async function forget(why = '') {
  ending = why;
  localStorage.removeItem(KEY);
  tell();
  await write(KEY, {});
}

/** The tokens in the reply to a sign-up, which has them once it is through. @param {import('./contract').Reply<'identity/create'>} reply @returns {Tokens} */
export function tokensOf({ accessToken, refreshToken, session }) {
  if (!accessToken) throw new Error('Follow the link in the letter that is on its way to you.');
  return { accessToken, refreshToken, session };
}

export const whyEnded = () => ending;

/**
 * Calls whenever somebody has signed in or out, or tokens were refreshed, in this tab or another.
 * @param {() => void} listener
 * @returns {() => void} ends it
 */
export function watch(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Does something while no other tab does. Pages that came over plain HTTP have no locks; there it is only
 * done once at a time in this tab.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export function alone(work) {
  /** @type {Promise<any>} */
  const done = navigator.locks ? navigator.locks.request(KEY, work) : queue.then(work, work);
  queue = done.catch(() => {});
  return done;
}

function tell() {
  for (const listener of listeners) listener();
}

addEventListener('storage', (event) => {
  if (event.key === KEY || event.key === null) tell();
});
