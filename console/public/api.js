/**
 * Calls of the service: what is sent, what comes back, and what to do when it is refused.
 *
 * An access token that has expired is refreshed once, however many calls notice; reads are tried again when
 * the service asks for patience; a change carries a key, so that sending it again cannot do it twice. What people
 * must confirm first waits until they have.
 */

import { isPublic, namesAccount, reads, takesKey } from './calls.js';
import { claimsOf, entered } from './entered.js';
import * as session from './session.js';
import { texts } from './texts.js';

/** @typedef {import('./session.js').Tokens} Tokens */
/** @typedef {import('./contract').Call} Call */
/** @typedef {import('./contract').Problem} Problem */
/**
 * @template {Call} Name
 * @typedef {import('./contract').Options<Name> & { name: Name, body: {}, key?: string }} Request
 */

const MAX_TRIES = 4;
/** Who would have to wait longer is told instead. */
const MAX_PAUSE_SECONDS = 5;

/** Why the service has refused a call, or that it was not reached (`status` 0, `code` `unreachable`). */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {Partial<Omit<Problem, 'code'>> & { code?: Problem['code'] | 'unreachable' }} problem
   * @param {number} [retryAfter] in seconds
   */
  constructor(status, problem, retryAfter) {
    super(problem.detail ?? texts.session.answered(status));
    this.status = status;
    this.code = problem.code ?? 'unknown';
    this.detail = this.message;
    this.errors = problem.errors ?? [];
    /** Where people must confirm who they are: how long ago that may have been, in seconds. */
    this.maxAge = problem.maxAge;
    /** What they can do it with, the usual first. */
    this.confirmBy = problem.confirmBy ?? [];
    /** Where something is to be shown before an identity at a provider is linked: for what. */
    this.link = problem.link;
    this.requestId = problem.requestId;
    this.retryAfter = retryAfter;
  }
}

/**
 * Makes a call and gives its reply.
 * @template {Call} Name
 * @param {Name} name
 * @param {import('./contract').Given<Name>} given its body, its options
 */
export async function call(name, ...given) {
  const [body, options] = given;
  const key = takesKey(name) && !options?.mayRepeat ? randomKey() : undefined;
  const chosen = () => entered() ?? claimsOf(session.tokens())?.account_id;
  const isAbout = namesAccount(name) && !options?.isAnonymous;
  const account = isAbout ? (options?.account ?? chosen()) : undefined;
  const request = { ...options, name, body: body ?? {}, key, account };
  const caller = sessionName();
  for (let tries = 1; ; tries += 1) {
    try {
      return await withPerson(request, caller);
    } catch (error) {
      const seconds = error instanceof ApiError ? pauseAfter(error, request, tries) : undefined;
      if (seconds === undefined) throw error;
      await pause(seconds, request.signal);
    }
  }
}

/** The link that brings whoever follows it in by an invite. @param {string} code */
export const inviteLink = (code) => new URL(`#invite=${code}`, session.BASE).href;

/** Asks people to confirm who they are; says whether they have. @typedef {(error: ApiError) => Promise<boolean>} Asker */

/** @type {Asker | undefined} */
let asker;

/** Has people asked from now on. @param {Asker} asks @returns {() => void} ends it */
export function confirmWith(asks) {
  asker = asks;
  return () => {
    if (asker === asks) asker = undefined;
  };
}

/** @param {unknown} error @returns {error is ApiError} */
const mustConfirm = (error) =>
  error instanceof ApiError &&
  error.code === 'reauthentication_required' &&
  error.maxAge !== undefined;

/**
 * Where people must confirm who they are, they are asked, and the call is sent once more; but first with the newest
 * token, since they may have done so meanwhile, in this tab or another.
 * @template {Call} Name
 * @param {Request<Name>} request
 * @param {string} caller
 */
async function withPerson(request, caller) {
  let isConfirmed = false;
  for (let tries = 1; ; tries += 1) {
    const used = session.tokens()?.accessToken;
    try {
      return await withToken(request, caller);
    } catch (error) {
      if (isConfirmed || request.token || !mustConfirm(error)) throw error;
      const newest = await session.settle();
      const isOutdated = tries === 1 && newest?.accessToken !== used;
      if (isOutdated) continue;
      isConfirmed = (await isConfirmedBySent(request, error)) || (await asker?.(error)) === true;
      if (!isConfirmed) throw error;
    }
  }
}

/**
 * Confirms by the password that the call has anyway, if that will do: nobody types the same one twice.
 * @param {{ body: { currentPassword?: string } }} request
 * @param {ApiError} error
 */
async function isConfirmedBySent({ body: { currentPassword } }, { confirmBy }) {
  if (!currentPassword || !confirmBy.includes('currentPassword')) return false;
  await confirm({ currentPassword });
  return true;
}

/**
 * @template {Call} Name
 * @param {Request<Name>} request
 * @param {string} caller the session that makes it; no other ever does, whoever has signed in meanwhile
 */
async function withToken(request, caller) {
  const isWithout = isPublic(request.name) || request.isAnonymous;
  if (request.token || isWithout) return send(request, request.token);
  const held = session.tokens();
  if (session.nameOf(held) !== caller) throw replaced();
  if (!held) return send(request);
  const show = async (/** @type {Tokens} */ held) =>
    send(request, await tokenFor(held, request.account));
  return shown(held, show, refreshed);
}

/**
 * Shows a token, and if it has expired the next one.
 * @template T
 * @param {Tokens} held
 * @param {(held: Tokens) => Promise<T>} show
 * @param {(refused: Tokens) => Promise<Tokens>} refresh
 */
async function shown(held, show, refresh) {
  try {
    return await show(held);
  } catch (error) {
    const isExpired = error instanceof ApiError && error.code === 'unauthenticated';
    if (!isExpired) throw error;
    return show(await refresh(held));
  }
}

/** Has a code sent to the person by e-mail; the reply's `key` goes along with it. */
export const mailCode = () => withToken({ name: 'session/code', body: {} }, sessionName());

/**
 * Confirms who one is; calls go on with the token that this gives.
 * @param {import('./contract').Proof} proof
 */
export function confirm(proof) {
  const before = session.tokens();
  return session.alone(async (signal) => {
    const held = same(await session.settle(), before);
    /** @type {Request<'session/confirm'>} */
    const request = { name: 'session/confirm', body: proof, signal };
    const show = (/** @type {Tokens} */ { accessToken }) => send(request, accessToken);
    const { accessToken } = await shown(held, show, (refused) => next(refused, signal));
    if (accessToken) await session.renew(held, { ...held, accessToken });
    // Those that are cached are of before, even if the new one, made in the same second, is the same.
    exchanged.from = '';
  });
}

const sessionName = () => session.nameOf(session.tokens());

/** The access tokens for other accounts than that of the one that is kept, and the latter. */
const exchanged = { from: '', tokens: /** @type {Map<string, Promise<string>>} */ (new Map()) };

/**
 * What is shown. A token of a session is for one account; for another there is another one, which is asked for once
 * and is good for as long as this one.
 * @param {Tokens} held
 * @param {string} [account]
 * @returns {Promise<string>}
 */
async function tokenFor(held, account) {
  const token = held.accessToken;
  const own = claimsOf(held)?.account_id;
  if (!account || !own || own === account) return token;
  if (exchanged.from !== token) Object.assign(exchanged, { from: token, tokens: new Map() });
  const { tokens } = exchanged;
  const known = tokens.get(account);
  if (known) return known;
  const body = { accountId: account };
  const asked = send({ name: 'session/token', body }, token).then((reply) => reply.accessToken);
  tokens.set(account, asked);
  asked.catch(() => tokens.delete(account));
  return asked;
}

/**
 * The tokens after those that were refused. Whoever comes second, here or in another tab, finds them there.
 * @param {Tokens} refused
 * @returns {Promise<Tokens>}
 */
const refreshed = (refused) => session.alone((signal) => next(refused, signal));

/** The same, while no other tab refreshes. @param {Tokens} refused @param {AbortSignal} signal */
async function next(refused, signal) {
  const held = same(await session.settle(), refused);
  if (held.accessToken !== refused.accessToken) return held;
  const fresh = await renewed(held, signal);
  return same(await session.renew(held, fresh), refused);
}

/**
 * Tokens for a refresh token: the one that is kept, or else the one in the cookie, if that is of this session.
 * @param {Tokens} held
 * @param {AbortSignal} signal
 */
async function renewed(held, signal) {
  try {
    const { refreshToken, session: id } = held;
    if (!refreshToken && !id) throw new ApiError(401, { code: 'unauthenticated' });
    const body = refreshToken ? { refreshToken } : { session: id };
    return await send({ name: 'session/refresh', body, signal });
  } catch (error) {
    const isReplaced = error instanceof ApiError && error.code === 'session_replaced';
    const isOver = error instanceof ApiError && [401, 403].includes(error.status);
    if (isOver || isReplaced) {
      await session.forget(texts.session.ended, held);
    }
    throw isReplaced ? replaced() : error;
  }
}

/** What is kept, if it is of the session of before. @param {Tokens | undefined} held @param {Tokens | undefined} before */
function same(held, before) {
  if (!held || session.nameOf(held) !== session.nameOf(before)) throw replaced();
  return held;
}

/** Another tab has signed out, and perhaps somebody else in. */
const replaced = () =>
  new ApiError(401, {
    code: 'unauthenticated',
    detail: texts.session.endedElsewhere,
  });

/**
 * @template {Call} Name
 * @param {Request<Name>} request
 * @param {string} [token]
 * @returns {Promise<import('./contract').Reply<Name>>}
 */
async function send({ name, body, query, key, account, signal }, token) {
  const headers = new Headers({ 'Content-Type': 'application/json' });
  if (token) headers.set('Authorization', `Bearer ${token}`);
  if (key) headers.set('Idempotency-Key', key);
  if (account) headers.set('X-Account-Id', account);
  const url = new URL(name, session.BASE);
  for (const [parameter, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== '') url.searchParams.set(parameter, String(value));
  }
  const sent = { method: 'POST', headers, body: JSON.stringify(body), signal };
  const response = await fetch(url, sent).catch(unreachable);
  if (response.ok) return response.json().catch(unreachable);
  const reply = await response.json().catch(() => ({}));
  const wait = response.headers.get('Retry-After');
  throw new ApiError(response.status, reply, wait === null ? undefined : Number(wait));
}

/**
 * Nothing has come, or what is no answer of the service's, such as the page of a proxy.
 * @param {unknown} error
 * @returns {never}
 */
function unreachable(error) {
  if (error instanceof DOMException && error.name === 'AbortError') throw error;
  const detail = texts.errors.unreachable;
  throw new ApiError(0, { code: 'unreachable', detail }, 1);
}

/**
 * After how many seconds to send it again, if that makes sense.
 * @param {ApiError} error
 * @param {{ name: Call, key?: string, mayRepeat?: boolean }} request
 * @param {number} tries
 */
function pauseAfter(error, { name, key, mayRepeat }, tries) {
  const patient = [0, 503].includes(error.status) || (error.status === 429 && reads(name));
  const harmless = key !== undefined || mayRepeat || reads(name);
  const seconds = error.retryAfter ?? 1;
  const again = patient && harmless && tries < MAX_TRIES && seconds <= MAX_PAUSE_SECONDS;
  return again ? seconds : undefined;
}

/**
 * @param {number} seconds
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
