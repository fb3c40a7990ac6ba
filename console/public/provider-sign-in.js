/** Signing in with a provider, as pages see it: off to it, back from it, and what is still to be shown then. */

import { ApiError } from './api.js';
import { client } from './client.js';
import { ownLanguage } from './language.js';
import { leaveFreely } from './leaving.js';
import { texts } from './texts.js';

/** @import { Evidence, FromProvider, Wish } from './vendor/guestlist-client.js' */
/** @typedef {{ name: string, label: string }} Provider */
/**
 * What has begun, and for what.
 * @typedef {object} Begun
 * @property {string} provider
 * @property {string} label
 * @property {string} [invite] the code of the invitation that led to it
 * @property {string} [accountName] what the account is to be called that set-up makes
 * @property {boolean} [isLink] whether it is linked to the sign-in that is in use
 * @property {string} [place] the page that was asked for
 */
/** @typedef {Begun & { kind: 'pending' | 'link-required' | 'second-factor' }} Ticket what something is to be shown for */
/**
 * Where somebody is who has come back.
 * @typedef {{ kind: 'nothing' } | { kind: 'elsewhere', provider: string } | { kind: 'denied', begun?: Begun }
 *   | { kind: 'refused', error: ApiError, begun: Begun, mayRepeat: boolean } | { kind: 'show', ticket: Ticket }
 *   | Done} Stage
 */
/** @typedef {{ kind: 'done', begun: Begun, hasJoined: boolean }} Done somebody is signed in */

/** Pages that one does not go back to. */
const DOORS = /^#\/?(sign-in|sign-up|token|forgot|provider|setup)\b/;

/**
 * Sends the browser to a provider, to sign in.
 * @param {Provider} provider
 * @param {{ invite?: string, accountName?: string }} [wish]
 */
export function signInWith({ name, label }, { invite, accountName } = {}) {
  const place = DOORS.test(location.hash) ? undefined : location.hash;
  const note = JSON.stringify({ label, place });
  return sent(client.signInWith(name, { invite, accountName, note, language: ownLanguage() }));
}

/** The same, to link what comes back to the sign-in that is in use. @param {Provider} provider */
export const linkWith = ({ name, label }) =>
  sent(client.linkProvider(name, { note: JSON.stringify({ label, isLink: true }) }));

/** What is no refusal of the service is an address that no browser may be sent to. @param {Promise<void>} leaving */
async function sent(leaving) {
  leaveFreely();
  await leaving.catch((error) => {
    throw error instanceof ApiError ? error : new Error(texts.provider.wrongSetUp);
  });
}

/** Goes on with what was brought back, once, or where something is to be shown still. @returns {Promise<Stage>} */
export async function goOn() {
  const back = await client.finish();
  return back ? stageOf(back) : { kind: 'nothing' };
}

/** @param {FromProvider} back @returns {Stage} */
function stageOf(back) {
  const begun = begunOf(back);
  switch (back.kind) {
    case 'begun-elsewhere':
      return { kind: 'elsewhere', provider: back.provider };
    case 'denied':
      return { kind: 'denied', begun };
    case 'refused': {
      const { error } = back;
      // Once the provider was asked, what was brought back is used up.
      const isUsedUp = error.code === 'provider_unavailable';
      const isPassing = error.status === 0 || error.status === 429 || error.status >= 500;
      const mayRepeat = isPassing && !isUsedUp;
      return { kind: 'refused', error, begun, mayRepeat };
    }
    case 'pending':
    case 'link-required':
    case 'second-factor':
      return { kind: 'show', ticket: { ...begun, kind: back.kind } };
    default:
      return { kind: 'done', begun, hasJoined: back.kind === 'joined' };
  }
}

/** @param {Wish & { provider: string }} wish @returns {Begun} */
const begunOf = ({ provider, invite, accountName, note }) => ({
  label: provider,
  ...JSON.parse(note ?? '{}'),
  provider,
  invite,
  accountName,
});

/** Shows what was asked for; somebody is signed in then. @param {Evidence} evidence @returns {Promise<Done>} */
export async function showFor(evidence) {
  const back = await client.link(evidence);
  return { kind: 'done', begun: begunOf(back), hasJoined: back.kind === 'joined' };
}

/** Has another code sent to the address that the provider has told. */
export const sendCode = () => client.sendCode();

/** Nothing is to be shown any more. */
export const forgetTicket = () => client.dropProvider();
