/**
 * Calls of the service: what is sent, what comes back, and what to do when it is refused.
 *
 * An access token that has expired is refreshed once, however many calls notice; reads are tried again when
 * the service asks for patience; a change carries a key, so that sending it again cannot do it twice.
 */

import * as session from './session.js';

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
/** Calls that are made without a token. */
const PUBLIC = /^(identity|invite\/check|password|session\/(create|refresh))/;
const READ = /\/(check|export|find|get|list|overview)$/;
/** They reply tokens, so they take no `Idempotency-Key`. */
const UNREPEATABLE = /^(identity\/verify|session\/create|session\/refresh)$/;

/** Why the service has refused a call, or that it was not reached (`status` 0, `code` `unreachable`). */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {Partial<Omit<Problem, 'code'>> & { code?: Problem['code'] | 'unreachable' }} problem
   * @param {number} [retryAfter] in seconds
   */
  constructor(status, problem, retryAfter) {
    super(problem.detail ?? `The service has answered ${status}.`);
    this.status = status;
    this.code = problem.code ?? 'unknown';
    this.detail = this.message;
    this.errors = problem.errors ?? [];
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
  const key = READ.test(name) || UNREPEATABLE.test(name) ? undefined : randomKey();
  const request = { ...options, name, body: body ?? {}, key };
  for (let tries = 1; ; tries += 1) {
    try {
      return await withToken(request);
    } catch (error) {
      const seconds = error instanceof ApiError ? pauseAfter(error, request, tries) : undefined;
      if (seconds === undefined) throw error;
      await pause(seconds, request.signal);
    }
  }
}

/** The link that brings whoever follows it in by an invite. @param {string} code */
export const inviteLink = (code) => new URL(`#invite=${code}`, session.BASE).href;

/** @template {Call} Name @param {Request<Name>} request */
async function withToken(request) {
  if (request.token || PUBLIC.test(request.name)) return send(request, request.token);
  const held = session.tokens();
  try {
    return await send(request, held?.accessToken);
  } catch (error) {
    const refused = error instanceof ApiError && error.code === 'unauthenticated';
    if (!refused || !held) throw error;
    const fresh = await refreshed(held);
    return send(request, fresh.accessToken);
  }
}

/**
 * The tokens after those that were refused. Whoever comes second, here or in another tab, finds them there.
 * @param {Tokens} refused
 * @returns {Promise<Tokens>}
 */
function refreshed(refused) {
  return session.alone(async () => {
    const held = await session.newest();
    // Somebody has signed out.
    if (!held) throw new ApiError(401, { code: 'unauthenticated' });
    if (held.accessToken !== refused.accessToken) {
      await session.keep(held);
      return held;
    }
    try {
      const { refreshToken } = held;
      if (!refreshToken) throw new ApiError(401, { code: 'unauthenticated' });
      const fresh = await send({ name: 'session/refresh', body: { refreshToken } });
      await session.keep(fresh);
      return fresh;
    } catch (error) {
      const over = error instanceof ApiError && [401, 403].includes(error.status);
      if (over) await session.forget('Your session has ended. Please sign in again.');
      throw error;
    }
  });
}

/**
 * @template {Call} Name
 * @param {Request<Name>} request
 * @param {string} [token]
 * @returns {Promise<import('./contract').Reply<Name>>}
 */
async function send({ name, body, query, key, signal }, token) {
  const headers = new Headers({ 'Content-Type': 'application/json' });
  if (token) headers.set('Authorization', `Bearer ${token}`);
  if (key) headers.set('Idempotency-Key', key);
  const url = new URL(name, session.BASE);
  for (const [parameter, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== '') url.searchParams.set(parameter, String(value));
  }
  const sent = { method: 'POST', headers, body: JSON.stringify(body), signal };
  const response = await fetch(url, sent).catch(unreachable);
  const reply = await response.json().catch(() => ({}));
  if (response.ok) return reply;
  const wait = response.headers.get('Retry-After');
  throw new ApiError(response.status, reply, wait === null ? undefined : Number(wait));
}

/**
 * @param {unknown} error
 * @returns {never}
 */
function unreachable(error) {
  if (error instanceof DOMException && error.name === 'AbortError') throw error;
  const detail = 'The service cannot be reached. Check your connection, then try again.';
  throw new ApiError(0, { code: 'unreachable', detail }, 1);
}

/**
 * After how many seconds to send it again, if that makes sense.
 * @param {ApiError} error
 * @param {{ name: string, key?: string }} request
 * @param {number} tries
 */
function pauseAfter(error, { name, key }, tries) {
  const patient = [0, 503].includes(error.status) || (error.status === 429 && READ.test(name));
  const harmless = key !== undefined || READ.test(name);
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
