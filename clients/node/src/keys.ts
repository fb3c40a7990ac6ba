// The public keys of an issuer: found by its URL, kept for a while, and looked for again when there are new ones.

import { createLocalJWKSet, errors, type JWTHeaderParameters, type JWTVerifyGetKey } from 'jose';
import { TokenError } from './error.js';

/** How long keys are taken for the newest: what the issuer says of them. */
const FRESH_MS = 5 * 60_000;
/** How long they are used where the issuer does not answer. */
const USABLE_MS = 60 * 60_000;
/** How soon keys are asked for again, for a key that is not among them or after the issuer has not answered. */
const PAUSE_MS = 10_000;
const TIMEOUT_MS = 5_000;
/** A set of keys is far shorter. */
const MAX_BYTES = 64 * 1024;

interface Parts {
  issuer: string;
  fetch: typeof fetch;
  /** The time in milliseconds. */
  now(): number;
}

interface Known {
  key: JWTVerifyGetKey;
  at: number;
}

export class Keys {
  readonly #parts: Parts;
  #known: Known | undefined;
  #keysUrl: string | undefined;
  #loading: Promise<Known> | undefined;
  /** When they were asked for last, whatever came of it. */
  #asked = -Infinity;
  #failure: unknown;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The key that a token names. */
  readonly get: JWTVerifyGetKey = async (header, token) => {
    const known = await this.#current();
    try {
      return await known.key(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !this.#mayAsk()) throw error;
    }
    // The issuer may have a new one.
    const newest = await this.#load().catch(() => known);
    return newest.key(header as JWTHeaderParameters, token);
  };

  async #current(): Promise<Known> {
    const [known, now] = [this.#known, this.#parts.now()];
    if (known && now - known.at < FRESH_MS) return known;
    const isUsable = known !== undefined && now - known.at < USABLE_MS;
    if (isUsable && !this.#mayAsk() && !this.#loading) return known;
    try {
      return await this.#load();
    } catch (error) {
      if (isUsable) return known;
      const { issuer } = this.#parts;
      throw new TokenError('keys_unavailable', `the keys of ${issuer} cannot be had: ${reason(error)}`, error);
    }
  }

  #mayAsk(): boolean {
    return this.#parts.now() - this.#asked >= PAUSE_MS;
  }

  /** Asks for the keys, once for all who wait for them, and not at once again where that has failed. */
  #load(): Promise<Known> {
    if (this.#loading) return this.#loading;
    if (this.#failure !== undefined && !this.#mayAsk()) return Promise.reject(this.#failure as Error);
    this.#asked = this.#parts.now();
    const loading = this.#fetchKeys().then(
      (known) => {
        this.#failure = undefined;
        this.#known = known;
        return known;
      },
      (error: unknown) => {
        this.#failure = error;
        // The service may have moved its keys.
        this.#keysUrl = undefined;
        throw error;
      },
    );
    this.#loading = loading.finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  async #fetchKeys(): Promise<Known> {
    this.#keysUrl ??= await this.#discover();
    const at = this.#parts.now();
    const set = await this.#fetchJson(this.#keysUrl);
    return { key: createLocalJWKSet(set as Parameters<typeof createLocalJWKSet>[0]), at };
  }

  async #discover(): Promise<string> {
    const { issuer } = this.#parts;
    const url = `${issuer}/.well-known/openid-configuration`;
    const document = (await this.#fetchJson(url)) as { issuer?: unknown; jwks_uri?: unknown };
    if (document.issuer !== issuer) {
      throw new Error(`${url} is of the issuer ${String(document.issuer)}; is the issuer's URL the service's public_url?`);
    }
    if (typeof document.jwks_uri !== 'string' || !isSafe(document.jwks_uri)) {
      throw new Error(`${url} has no jwks_uri that begins with https:`);
    }
    return document.jwks_uri;
  }

  async #fetchJson(url: string): Promise<object> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const headers = { Accept: 'application/json' };
    const response = await this.#parts.fetch(url, { headers, redirect: 'error', signal });
    if (!response.ok) throw new Error(`${url} answers ${response.status}`);
    const read: unknown = JSON.parse(await textOf(response, url));
    if (typeof read !== 'object' || read === null) throw new Error(`${url} is no JSON object`);
    return read;
  }
}

/** No more of it than a set of keys may have. */
async function textOf(response: Response, url: string): Promise<string> {
  const decoder = new TextDecoder();
  let [text, bytes] = ['', 0];
  const reader = response.body?.getReader();
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += value.byteLength;
    if (bytes > MAX_BYTES) {
      await reader.cancel();
      throw new Error(`${url} is longer than ${MAX_BYTES} bytes`);
    }
    text += decoder.decode(value, { stream: true });
  }
  return text + decoder.decode();
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Whether nobody on the way can put other keys in the place of these. */
export function isSafe(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
}

/** `fetch` says why only in the cause. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
