// The client: makes calls, keeps the caller signed in, waits when told to, and walks over pages.

import {
  READING,
  type Body,
  type Call,
  type Item,
  type PagedCall,
  type Query,
  type Reply,
  type Tokens,
} from './calls.js';
import { GuestlistError } from './error.js';
import { alone, inMemory, type TokenStore } from './tokens.js';

/** How a client calls. */
export interface Settings {
  /** Where the service is, with its base path: `https://app.example.com/api`. */
  url: string;
  /** The token of whoever does not sign in here: an API key, or an outside issuer's, fetched anew for each call. */
  token?: string | (() => string | Promise<string>);
  /** Where tokens of `signIn` are kept; in memory, unless said otherwise. */
  store?: TokenStore;
  /** How often a call is tried again after 429 or 503. */
  retries?: number;
  /** The longest time to wait for that, in seconds; when told to wait longer, the call fails at once. */
  patience?: number;
  /** What sends requests. */
  fetch?: typeof fetch;
}

/** What goes with a call besides its body. */
export interface Options<Name extends Call> {
  query?: Query<Name>;
  /** Made up afresh for each change, such as by `crypto.randomUUID()`: with it the change may be tried again. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

type Arguments<Name extends Call> =
  Record<string, never> extends Body<Name>
    ? [body?: Body<Name>, options?: Options<Name>]
    : [body: Body<Name>, options?: Options<Name>];

/** Calls a service, on behalf of one person or key. */
export class Guestlist {
  readonly #settings: Required<Omit<Settings, 'token'>> & Pick<Settings, 'token'>;
  #refreshing: Promise<Tokens | undefined> | undefined;

  constructor(settings: Settings) {
    const send: typeof fetch = (...request) => globalThis.fetch(...request);
    const usual = { store: inMemory(), retries: 2, patience: 30, fetch: send };
    this.#settings = { ...usual, ...settings, url: settings.url.replace(/\/+$/, '') };
  }

  /** The tokens of whoever has signed in. */
  get tokens(): Tokens | undefined {
    return this.#settings.store.get();
  }

  /**
   * Makes a call.
   *
   * @throws {GuestlistError} if it is refused.
   */
  async call<Name extends Call>(name: Name, ...given: Arguments<Name>): Promise<Reply<Name>> {
    const [body = {}, options = {}] = given;
    const { retries, patience } = this.#settings;
    const mayRepeat = name in READING || options.idempotencyKey !== undefined;
    const session = this.tokens?.session;
    let renewed = false;
    for (let waits = 0; ; ) {
      const token = await this.#token(name);
      const response = await this.#send(name, body as object, options, token);
      if (response.ok) return (await response.json()) as Reply<Name>;
      const error = await GuestlistError.of(response);
      if (error.code === 'unauthenticated' && !renewed) {
        renewed = await this.#hasNewer(name, token, session);
        if (renewed) continue;
      }
      const wait = error.status === 429 || error.status === 503 ? error.retryAfter : undefined;
      if (!mayRepeat || wait === undefined || wait > patience || waits >= retries) throw error;
      await pause(wait, options.signal);
      waits += 1;
    }
  }

  /**
   * Goes over the pages of a call, one item after the other. With the cursor `prev` in the query it goes
   * backwards: from the item before that page to the very first.
   */
  async *pages<Name extends PagedCall>(
    name: Name,
    body: Body<Name>,
    { query, ...options }: Options<Name> = {},
  ): AsyncGenerator<Item<Name>, void, undefined> {
    let cursors: { next?: string; prev?: string } = query ?? {};
    const backwards = cursors.next === undefined && cursors.prev !== undefined;
    for (;;) {
      const asked = { ...query, next: undefined, prev: undefined, ...cursors };
      const given = [body, { ...options, query: asked }] as unknown as Arguments<Name>;
      const page = (await this.call(name, ...given)) as {
        data: Item<Name>[];
        next?: string;
        prev?: string;
      };
      yield* backwards ? page.data.reverse() : page.data;
      const { next, prev } = page;
      if (backwards ? prev === undefined : next === undefined) return;
      cursors = backwards ? { prev: prev! } : { next: next! };
    }
  }

  /** Signs in with e-mail and password, and with a code of the second factor where there is one. */
  async signIn(body: Body<'session/create'>): Promise<Tokens> {
    const tokens = await this.call('session/create', body);
    await this.#settings.store.set(tokens);
    return tokens;
  }

  /** Goes on with tokens that another call has replied: `identity/create` or `identity/verify`. */
  async signedIn(tokens: Tokens): Promise<void> {
    const { accessToken, expires, refreshToken, session } = tokens;
    await this.#settings.store.set({ accessToken, expires, refreshToken, session });
  }

  /** Ends the session here and at the service. */
  async signOut(): Promise<void> {
    try {
      if (this.tokens) await this.call('session/remove', {});
    } catch (error) {
      // Whoever is not signed in any more has nothing to end.
      if (!(error instanceof GuestlistError) || error.status !== 401) throw error;
    } finally {
      await this.#settings.store.set(undefined);
    }
  }

  /** Gets new tokens, once for whoever asks at the same time; none if the session has ended. */
  refresh(): Promise<Tokens | undefined> {
    const seen = this.tokens?.refreshToken;
    this.#refreshing ??= alone(() => this.#renew(seen)).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #renew(seen: string | undefined): Promise<Tokens | undefined> {
    const { store } = this.#settings;
    const kept = store.newest ? await store.newest() : store.get();
    if (!kept || kept.refreshToken !== seen) {
      // Another tab was first.
      await store.set(kept);
      return kept;
    }
    try {
      const tokens = await this.call('session/refresh', { refreshToken: kept.refreshToken });
      await store.set(tokens);
      return tokens;
    } catch (error) {
      if (!(error instanceof GuestlistError) || error.status !== 401) throw error;
      await store.set(undefined);
      return undefined;
    }
  }

  /** What the call is made with. */
  async #token(name: Call): Promise<string | undefined> {
    const { token } = this.#settings;
    if (token !== undefined) return typeof token === 'function' ? token() : token;
    return name === 'session/refresh' ? undefined : this.tokens?.accessToken;
  }

  /**
   * Whether the session has a newer token than the one that was refused, once it is renewed. Who has signed
   * in meanwhile, in another tab, is not to make this one's calls.
   */
  async #hasNewer(name: Call, refused?: string, session?: string): Promise<boolean> {
    if (this.#settings.token !== undefined || refused === undefined) return false;
    if (name === 'session/refresh' || name === 'session/create') return false;
    const kept = this.tokens;
    const newest = kept?.accessToken === refused ? await this.refresh() : kept;
    return newest !== undefined && newest.session === session;
  }

  #send<Name extends Call>(
    name: Name,
    body: object,
    { query, idempotencyKey, signal }: Options<Name>,
    token: string | undefined,
  ): Promise<Response> {
    const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined);
    const search = String(new URLSearchParams(given.map(([key, value]) => [key, String(value)])));
    const headers = new Headers({ 'Content-Type': 'application/json' });
    if (token !== undefined) headers.set('Authorization', `Bearer ${token}`);
    if (idempotencyKey !== undefined) headers.set('Idempotency-Key', idempotencyKey);
    const url = `${this.#settings.url}/${name}${search && `?${search}`}`;
    return this.#settings.fetch(url, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
      ...(signal && { signal }),
    });
  }
}

function pause(seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, seconds * 1000);
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
  });
}
