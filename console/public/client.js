/**
 * The client that all calls go through, which is that of `clients/typescript`: it keeps people signed in, makes calls
 * again, and keeps which account this tab is in. Here is what the console asks of it.
 */

import { texts } from './texts.js';
import { Guestlist, inBrowser } from './vendor/guestlist-client.js';

/** @typedef {import('./contract').About} About */
/** Asks people to confirm who they are; says whether they have. @typedef {(need: { confirmBy: import('./contract').Way[] }) => Promise<boolean>} Asker */

/** The service's base URL; this file is one folder below it. */
export const BASE = new URL('..', import.meta.url);

/** @type {Asker | undefined} */
let asker;

/** What clients of this service have in common. */
export const COMMON = {
  url: BASE.href,
  keys: true,
  retries: 3,
  // Who would have to wait longer is told instead.
  patience: 5,
  wording: inWords,
};

/** @type {Guestlist} */
export const client = new Guestlist({
  ...COMMON,
  // All tabs have the same tokens. The refresh token is among them only where there is no cookie for it.
  store: inBrowser(`guestlist:${BASE.pathname}`),
  cookie: async () => isCookieOrigin(await about()),
  onReauthenticate: async (need) => (await asker?.(need)) === true,
});

/** Has people asked from now on. @param {Asker} asks @returns {() => void} ends it */
export function confirmWith(asks) {
  asker = asks;
  return () => {
    if (asker === asks) asker = undefined;
  };
}

/** @type {Promise<About> | undefined} */
let asked;

/** What the service offers. It changes so rarely that a page asks once; a failed try is not kept. @returns {Promise<About>} */
export function about() {
  asked ??= client.call('service/about').catch((error) => {
    asked = undefined;
    throw error;
  });
  return asked;
}

/** Whether this page is of the one origin whose pages keep the refresh token in a cookie. @param {About} about */
export const isCookieOrigin = ({ cookieOrigin }) => cookieOrigin === location.origin;

/**
 * What is not told by the service itself; the rest is put into words where it is shown.
 * @param {import('./vendor/guestlist-client.js').Told & { status: number }} told
 */
function inWords({ code, status }) {
  if (code === 'unreachable') return texts.errors.unreachable;
  return code === 'unknown' ? texts.session.answered(status) : undefined;
}
