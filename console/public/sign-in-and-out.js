/** Signing in and out: how sessions of this browser begin and end, one at a time among all tabs. */

import { about } from './about.js';
import { ApiError, call } from './api.js';
import { isCookieOrigin } from './cookie-origin.js';
import { alone, forget, isByCookie, keep, tokens, tokensOf } from './session.js';
import { texts } from './texts.js';

/** @typedef {import('./session.js').Tokens} Tokens */
/**
 * The calls that reply tokens.
 * @typedef {'identity/create' | 'identity/verify' | 'provider/finish' | 'provider/link' | 'session/create'} SigningIn
 */

/**
 * Signs in by a call, whose reply it gives once the tokens are kept. Where the refresh token goes is settled before:
 * a cookie that fails is a fault to be seen.
 * @template {SigningIn} Name
 * @param {Name} name
 * @param {import('./contract').Body<Name> & object} body
 * @returns {Promise<import('./contract').Reply<Name>>}
 */
export async function signIn(name, body) {
  const byCookie = isCookieOrigin(await about()) && { cookie: true };
  return alone(async (signal) => {
    /** @type {any} */
    const given = [{ ...body, ...byCookie }, { signal }];
    const reply = await call(name, ...given);
    // Somebody who comes from a provider may have a code to show first.
    if (!('link' in reply)) await keep(tokensOf(/** @type {any} */ (reply)));
    return reply;
  });
}

/**
 * Goes on with a token of another issuer. A session in the cookie ends first: no page would end it later.
 * @param {Tokens} fresh
 */
export async function signInWithToken(fresh) {
  if (isByCookie(tokens())) await signOut();
  await keep(fresh);
}

/**
 * Leaves all accounts and deletes the own sign-in; this browser forgets it.
 * @param {import('./contract').Body<'identity/remove'> & object} body
 */
export async function removeIdentity(body) {
  // Not alone with the session: confirming who one is takes its turn meanwhile, and may bring another token.
  await call('identity/remove', body);
  await forget(texts.session.accountDeleted);
}

/** Ends the session, if it is one of this service; whatever the service says, this browser forgets it. */
export async function signOut() {
  const mine = tokens();
  if (mine && isByCookie(mine)) return alone((signal) => signOutByCookie(mine, signal));
  await call('session/remove').catch(() => {});
  await forget('', mine);
}

/**
 * The cookie is enough, so it is all that is shown: an access token may have expired, or be for an account that lets
 * one in no more.
 * @param {Tokens} mine
 * @param {AbortSignal} signal
 */
async function signOutByCookie(mine, signal) {
  const body = { session: mine.session };
  const why = await call('session/remove', body, { isAnonymous: true, signal }).then(
    () => '',
    (error) => (isOver(error) ? '' : texts.session.signOutUntold),
  );
  await forget(why, mine);
}

/** Whether the session has ended before, or given way to another. @param {unknown} error */
const isOver = (error) =>
  error instanceof ApiError && ['unauthenticated', 'session_replaced'].includes(error.code);
