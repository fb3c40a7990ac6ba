/** Signing in and out: how sessions of this browser begin and end. */

import { client } from './client.js';
import { forgetDrafts } from './drafts.js';
import { forgetWork } from './kept-work.js';
import { end, tokensOf } from './session.js';
import { texts } from './texts.js';

/** @typedef {import('./session.js').Tokens} Tokens */
/** The calls that reply tokens. @typedef {'identity/create' | 'identity/verify' | 'session/create'} SigningIn */

/**
 * Signs in by a call, whose reply it gives once the tokens are kept.
 * @template {SigningIn} Name
 * @param {Name} name
 * @param {import('./contract').Body<Name> & object} body
 * @returns {Promise<import('./contract').Reply<Name>>}
 */
export async function signIn(name, body) {
  /** @type {any} */
  const sent = body;
  if (name === 'session/create') return /** @type {any} */ (await client.signIn(sent));
  const reply = await client.call(name, sent);
  await client.signedIn(tokensOf(/** @type {any} */ (reply)));
  return reply;
}

/** Goes on with a token of another issuer. @param {Pick<Tokens, 'accessToken'>} fresh */
export const signInWithToken = ({ accessToken }) => client.signInWithToken(accessToken);

/**
 * Leaves all accounts and deletes the own sign-in, if it is one of this service; this browser forgets it.
 * @param {import('./contract').Body<'identity/remove'> & object} body
 * @param {boolean} isHere
 */
export async function removeIdentity(body, isHere) {
  await client.removeIdentity(body);
  forgetDrafts();
  forgetWork();
  end(isHere ? texts.session.signInDeleted : texts.session.leftAll);
}

/** Ends the session, if it is one of this service; whatever the service says, this browser forgets it. */
export async function signOut() {
  forgetDrafts();
  forgetWork();
  await client.signOut().catch(() => end(texts.session.signOutUntold));
}
