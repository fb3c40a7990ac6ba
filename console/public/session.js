/** Who is signed in in this browser, and why somebody no longer is. */

import { client } from './client.js';
import { texts } from './texts.js';

/** @typedef {import('./vendor/guestlist-client.js').Tokens} Tokens */

/** Why the last session ended, if not by signing out. */
let ending = '';
/** Whether the service has ended it, so that the same person goes on where they were. */
let isOver = false;
/** @type {Set<(session: string) => void>} */
const listeners = new Set();

client.onChange(({ kind, ...change }) => {
  if (kind === 'sign-in') ending = '';
  isOver = 'isOver' in change && change.isOver;
  if (isOver) ending = texts.session.ended;
  tell();
});

/** @returns {Tokens | undefined} */
export const tokens = () => client.tokens;

/** What tells one session from the next; empty without one. @param {Tokens | undefined} held */
export const nameOf = (held) => held?.session ?? '';

/**
 * The tokens in the reply to a sign-up, which has them once it is through.
 * @param {import('./contract').Reply<'identity/create' | 'session/create'>} reply
 * @returns {Tokens}
 */
export function tokensOf(reply) {
  if (!('accessToken' in reply)) {
    throw new Error(texts.session.followLink);
  }
  return reply;
}

export const whyEnded = () => ending;

export const wasEnded = () => isOver;

/** Tells on the sign-in page why somebody is there. @param {string} why */
export function end(why) {
  ending = why;
  tell();
}

/**
 * Calls whenever somebody has signed in or out, in this tab or another.
 * @param {(session: string) => void} listener is told the name of the session; empty without one
 * @returns {() => void} ends it
 */
export function watch(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell() {
  const session = nameOf(tokens());
  for (const listener of listeners) listener(session);
}
