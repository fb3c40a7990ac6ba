/**
 * The tokens of whoever is signed in. They are kept in the browser's storage, so that all tabs have the
 * same ones. The refresh token is among them only where the service has no cookie for it.
 *
 * Local storage is read at once and tells other tabs of changes; the newest are in IndexedDB.
 */

import { read, write } from './shared-value.js';
import { texts } from './texts.js';

/**
 * @typedef {object} Tokens
 * @property {string} accessToken
 * @property {string} [refreshToken] missing where it is in the cookie
 * @property {string} [session] missing where another issuer has made the token
 */

/** The service's base URL; this file is one folder below it. */
export const BASE = new URL('..', import.meta.url);

const KEY = `guestlist:${BASE.pathname}`;

/** @type {Set<() => void>} */
const listeners = new Set();
/** Why the last session ended, if not by signing out. */
let ending = '';
/** What came before in this tab, by lock, where the browser has none. @type {Map<string, Promise<unknown>>} */
const queues = new Map();

/** @returns {Tokens | undefined} */
export function tokens() {
  const kept = localStorage.getItem(KEY);
  return kept ? JSON.parse(kept) : undefined;
}

/**
 * What tells one session from the next; empty without one. Of other issuers' tokens it is the token itself,
 * which is never refreshed.
 * @param {Tokens | undefined} held
 */
export const nameOf = (held) => held?.session ?? held?.accessToken ?? '';

/** Begins a session, in place of the one before. @param {Tokens} fresh */
export const keep = (fresh) => change(() => tokensIn(fresh));

/**
 * Goes on with fresh tokens of the same session, unless it has ended or another has begun.
 * @param {Tokens} before
 * @param {Tokens} fresh without a refresh token, the one before goes on
 */
export const renew = (before, fresh) =>
  change((held) =>
    held && nameOf(held) === nameOf(before) ? tokensIn({ ...held, ...fresh }) : held,
  );

/** Whether the refresh token is in the cookie. @param {Tokens | undefined} held */
export const isByCookie = (held) => held?.session !== undefined && !held.refreshToken;

/**
 * Ends a session in this browser, unless another has begun.
 * @param {string} [why] shown on the sign-in page; empty if it was wanted
 * @param {Tokens} [ended]
 */
export const forget = (why = '', ended = tokens()) =>
  change((held) => {
    if (nameOf(held) !== nameOf(ended)) return held;
    ending = why;
    return undefined;
  });

/** The tokens that were kept last, in whichever tab; from then on this one knows them, too. */
export const settle = () => change((held) => held);

/**
 * Changes what is kept, while no other tab does; gives what is kept then.
 * @param {(held: Tokens | undefined) => Tokens | undefined} decide
 */
function change(decide) {
  return locked(`${KEY}:kept`, async () => {
    const held = await newest();
    const fresh = decide(held);
    if (fresh !== held) await write(KEY, { tokens: fresh });
    show(fresh);
    return fresh;
  });
}

/** @returns {Promise<Tokens | undefined>} */
async function newest() {
  const shared = await read(KEY);
  return shared ? shared.tokens : tokens();
}

/** @param {Tokens | undefined} held */
function show(held) {
  if (held) {
    ending = '';
    localStorage.setItem(KEY, JSON.stringify(held));
  } else {
    localStorage.removeItem(KEY);
  }
  tell();
}

/** Of a reply only these are kept. @param {Tokens} reply @returns {Tokens} */
function tokensIn({ accessToken, refreshToken, session }) {
  if (!accessToken) throw new Error(texts.session.noToken);
  return { accessToken, ...(refreshToken && { refreshToken }), session };
}

/**
 * The tokens in the reply to a sign-up, which has them once it is through.
 * @param {import('./contract').Reply<'identity/create' | 'provider/finish' | 'session/create'>} reply
 * @returns {Tokens}
 */
export function tokensOf(reply) {
  if (!('accessToken' in reply)) {
    throw new Error(texts.session.followLink);
  }
  const { accessToken, refreshToken, session } = reply;
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

/** The service itself gives up a call after 30. */
const ALONE_SECONDS = 35;

/**
 * Signs in, refreshes or signs out while no other tab does, so that no reply changes the cookie after a later one.
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} work breaks off at the signal, so that other tabs get their turn
 */
export const alone = (work) => locked(KEY, () => work(AbortSignal.timeout(ALONE_SECONDS * 1000)));

/**
 * Does something while no other tab does anything under this lock. Pages that came over plain HTTP have no
 * locks; there it is only done once at a time in this tab.
 * @template T
 * @param {string} lock
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
function locked(lock, work) {
  /** @type {Promise<any>} */
  const done = navigator.locks
    ? navigator.locks.request(lock, work)
    : (queues.get(lock) ?? Promise.resolve()).then(work);
  queues.set(
    lock,
    done.catch(() => {}),
  );
  return done;
}

function tell() {
  for (const listener of listeners) listener();
}

addEventListener('storage', (event) => {
  if (event.key === KEY || event.key === null) tell();
});
