/**
 * Signing in with a provider: off to it, back from it, and what is still to be shown then.
 *
 * What the service asks for beside the state is kept in this tab alone, so that only this tab can go on.
 */

import { ApiError, call } from './api.js';
import { claimsOf, enter } from './entered.js';
import { ownLanguage } from './language.js';
import { settleReturned, whatReturned } from './provider-return.js';
import { BASE, tokensOf } from './session.js';
import { signIn } from './sign-in-and-out.js';
import { texts } from './texts.js';

/** @import { Body, Reply } from './contract' */
/** @typedef {{ name: string, label: string }} Provider */
/**
 * What has begun, and for what.
 * @typedef {object} Begun
 * @property {string} provider
 * @property {string} label
 * @property {string} key
 * @property {number} at when, by this browser's clock
 * @property {string} [invite] the code of the invitation that led to it
 * @property {boolean} [isLink] whether it is linked to the sign-in that is in use
 * @property {string} [place] the page that was asked for
 */
/** @typedef {Begun & { kind: 'pending' | 'link' | 'second-factor', link: string }} Ticket what something is to be shown for */
/** @typedef {{ currentPassword: string, totp?: string } | { emailCode: string, totp?: string } | { totp: string }} Evidence */
/** @typedef {{ begun: Record<string, Begun>, ticket?: Ticket }} Kept */
/**
 * Where somebody is who has come back.
 * @typedef {{ kind: 'nothing' } | { kind: 'elsewhere', provider: string } | { kind: 'denied', begun?: Begun }
 *   | { kind: 'refused', error: ApiError, begun: Begun, mayRepeat: boolean } | { kind: 'show', ticket: Ticket }
 *   | { kind: 'done', begun: Begun, hasJoined: boolean }} Stage
 */
/** @typedef {{ link: string } | { hasJoined: boolean }} Outcome a code is on its way, or somebody is signed in */

const KEY = `guestlist:${BASE.pathname}:providers`;
/** How long the service knows what has begun. */
const LIFE_MS = 10 * 60_000;
/** People go back and begin anew. */
const MAX_BEGUN = 8;
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;
/** Pages that one does not go back to. */
const DOORS = /^#\/?(sign-in|sign-up|token|forgot|provider|setup)\b/;

/**
 * Sends the browser to a provider, to sign in.
 * @param {Provider} provider
 * @param {string} [invite]
 */
export async function signInWith({ name, label }, invite) {
  const body = { provider: name, ...(invite && { invite }), language: ownLanguage() };
  const place = DOORS.test(location.hash) ? undefined : location.hash;
  leave(await call('provider/begin', body), { provider: name, label, invite, place });
}

/** The same, to link what comes back to the sign-in that is in use. @param {Provider} provider */
export async function linkWith({ name, label }) {
  const begun = await call('provider/beginLink', { provider: name });
  leave(begun, { provider: name, label, isLink: true });
}

/**
 * @param {Reply<'provider/begin'>} reply
 * @param {Omit<Begun, 'key' | 'at'>} wish
 */
function leave({ url, key }, wish) {
  const { hostname, protocol, searchParams } = new URL(url);
  const state = searchParams.get('state');
  const isWeb = protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
  // Whatever else it is may be a script.
  if (!isWeb || !state) throw new Error(texts.provider.wrongSetUp);
  const others = Object.entries(kept().begun).slice(1 - MAX_BEGUN);
  const one = { ...wish, key, at: Date.now() };
  keep({ begun: Object.fromEntries([...others, [state, one]]) });
  location.assign(url);
}

/** Goes on with what was brought back, once, or where something is to be shown still. @returns {Promise<Stage>} */
export function goOn() {
  underWay ??= whereNow().finally(() => {
    underWay = undefined;
  });
  return underWay;
}

/** @type {Promise<Stage> | undefined} */
let underWay;

/** @returns {Promise<Stage>} */
async function whereNow() {
  const returned = whatReturned();
  const { begun, ticket } = kept();
  if (!returned) return ticket ? { kind: 'show', ticket } : { kind: 'nothing' };
  const { provider, state, answer } = returned;
  if (state === undefined && 'error' in answer) {
    settleReturned();
    const last = Object.values(begun).reverse();
    return { kind: 'denied', begun: last.find((one) => one.provider === provider) };
  }
  const mine = state !== undefined && Object.hasOwn(begun, state) ? begun[state] : undefined;
  if (!state || !mine) {
    settleReturned();
    return { kind: 'elsewhere', provider };
  }
  return finish(mine, { ...answer, provider, state, key: mine.key });
}

/**
 * @param {Begun} begun
 * @param {Body<'provider/finish'> & { state: string }} body
 * @returns {Promise<Stage>}
 */
async function finish(begun, body) {
  try {
    const outcome = await finished(begun, body);
    settle(body.state);
    if ('link' in outcome) return show({ ...begun, kind: 'pending', ...outcome });
    return { kind: 'done', begun, ...outcome };
  } catch (failure) {
    const error =
      failure instanceof ApiError ? failure : new ApiError(0, { detail: String(failure) });
    const asked = askedBy(error);
    // The service may not have looked at it yet.
    const mayRepeat = error.status === 0 || error.status === 429 || error.status >= 500;
    if (!mayRepeat) settle(body.state);
    return asked ? show({ ...begun, ...asked }) : { kind: 'refused', error, begun, mayRepeat };
  }
}

/**
 * @param {Begun} begun
 * @param {Body<'provider/finish'>} body
 * @returns {Promise<Outcome>}
 */
async function finished(begun, body) {
  if (begun.isLink) {
    await call('provider/finishLink', body);
    return { hasJoined: false };
  }
  return entered(await signIn('provider/finish', body));
}

/**
 * Shows what was asked for; somebody is signed in then.
 * @param {Ticket} ticket
 * @param {Evidence} evidence
 * @returns {Promise<Outcome>}
 */
export async function showFor({ link, key }, evidence) {
  try {
    const body = /** @type {import('./contract').Evidence} */ ({ ...evidence, link, key });
    const outcome = entered(await signIn('provider/link', body));
    forgetTicket();
    return outcome;
  } catch (error) {
    if (error instanceof ApiError && error.code === 'invalid_state') forgetTicket();
    throw error;
  }
}

/** Has another code sent to the address that the provider has told. @param {Ticket} ticket */
export const sendCode = ({ link, key }) => call('provider/code', { link, key });

/** @param {Reply<'provider/finish'>} reply @returns {Outcome} */
function entered(reply) {
  if (reply.state === 'pending') return { link: reply.link };
  const tokens = tokensOf(reply);
  const account = reply.account?.id ?? claimsOf(tokens)?.account_id;
  if (account) enter(account, tokens);
  return { hasJoined: reply.account !== undefined };
}

/** What something is to be shown for, where that is why the service refuses. @param {ApiError} error */
function askedBy({ code, link }) {
  if (!link) return undefined;
  if (code === 'link_required') return { kind: /** @type {const} */ ('link'), link };
  if (code === 'totp_required') return { kind: /** @type {const} */ ('second-factor'), link };
  return undefined;
}

/** @param {Omit<Ticket, 'at'>} asked @returns {Stage} */
function show(asked) {
  const ticket = { ...asked, at: Date.now() };
  // A person who reads the email may come back to a page that is loaded anew.
  keep({ ...kept(), ticket });
  return { kind: 'show', ticket };
}

/** @param {string} state */
function settle(state) {
  settleReturned();
  const { begun, ...others } = kept();
  const left = Object.entries(begun).filter(([other]) => other !== state);
  keep({ ...others, begun: Object.fromEntries(left) });
}

/** Nothing is to be shown any more. */
export const forgetTicket = () => keep({ begun: kept().begun });

/** @returns {Kept} */
function kept() {
  /** @type {Kept} */
  const { begun, ticket } = JSON.parse(sessionStorage.getItem(KEY) ?? '{"begun":{}}');
  const isOpen = (/** @type {Begun} */ { at }) => Math.abs(Date.now() - at) < LIFE_MS;
  const open = Object.entries(begun).filter(([, one]) => isOpen(one));
  return { begun: Object.fromEntries(open), ...(ticket && isOpen(ticket) && { ticket }) };
}

/** @param {Kept} fresh */
const keep = (fresh) => sessionStorage.setItem(KEY, JSON.stringify(fresh));
