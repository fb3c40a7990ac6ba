// The client: makes calls, keeps the caller signed in and in one account, waits when told to, and walks over pages.

import { accountIn, type AccountStore, accountsInMemory, personOf } from './accounts.js';
import {
  OUTSIDE_ACCOUNTS,
  READING,
  type Account,
  type Body,
  type Call,
  type Item,
  type MyAccounts,
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
  /** Where tokens of `signIn` are kept, and the account that one is in; in memory, unless said otherwise. */
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
  /** The account that the call is about, where it is another than the one that one is in. */
  account?: string;
  signal?: AbortSignal;
}

type Sent<Name extends Call> = Omit<Options<Name>, 'account'> & { account: string | undefined };

/** The calls whose reply says which account was entered. */
const ENTERING: ReadonlySet<Call> = new Set<Call>(['account/register', 'user/login']);

type Arguments<Name extends Call> =
  Record<string, never> extends Body<Name>
    ? [body?: Body<Name>, options?: Options<Name>]
    : [body: Body<Name>, options?: Options<Name>];

/** Calls a service, on behalf of one person or key. */
export class Guestlist {
  readonly #settings: Required<Omit<Settings, 'token'>> & Pick<Settings, 'token'>;
  readonly #accounts: AccountStore;
  #refreshing: Promise<Tokens | undefined> | undefined;
  /** The access tokens for other accounts than that of the one that is kept, and the latter. */
  #exchanged: { from: string; tokens: Map<string, Promise<string>> } | undefined;
  /** The account that one is not in any more; the access token may still be for it. */
  #left: string | undefined;

  constructor(settings: Settings) {
    const send: typeof fetch = (...request) => globalThis.fetch(...request);
    const usual = { store: inMemory(), retries: 2, patience: 30, fetch: send };
    this.#settings = { ...usual, ...settings, url: settings.url.replace(/\/+$/, '') };
    this.#accounts = this.#settings.store.accounts ?? accountsInMemory();
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
    let account: string | undefined | null = options.account ?? null;
    for (let waits = 0; ; ) {
      const token = await this.#token(name);
      const person = personOf(token);
      // What is sent again is about the account that it was about before, whichever was entered meanwhile.
      if (account === null) account = this.#accountOf(person, token);
      const answer = await this.#answer(name, body as object, { ...options, account }, token);
      if (!(answer instanceof GuestlistError)) {
        const reply = (await answer.json()) as Reply<Name>;
        if (ENTERING.has(name)) this.#enter(person, (reply as Reply<'user/login'>).account.id);
        return reply;
      }
      const error = answer;
      if (error.code === 'not_registered' && !OUTSIDE_ACCOUNTS.has(name)) {
        this.#leave(person, account);
      }
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

  /**
   * Goes on with tokens that another call has replied: `identity/create` or `identity/verify`. Who has joined an
   * account by it is in that one then.
   */
  async signedIn(tokens: Tokens & { account?: Pick<Account, 'id'> }): Promise<void> {
    const { accessToken, expires, refreshToken, session, account } = tokens;
    await this.#settings.store.set({ accessToken, expires, session, ...(refreshToken !== undefined && { refreshToken }) });
    if (account) this.#enter(personOf(accessToken), account.id);
  }

  /** The account that calls are about: the one that this person has entered last, else that of the access token. */
  async account(): Promise<string | undefined> {
    const token = await this.#token('user/get');
    return this.#accountOf(personOf(token), token);
  }

  /** What was entered, or where the access token leads: once it is known, one stays there. */
  #accountOf(person: string | undefined, token: string | undefined): string | undefined {
    if (person === undefined || token === undefined) return undefined;
    const entered = this.#accounts.get(person);
    if (entered !== undefined) return entered;
    const own = accountIn(token);
    if (own === undefined || own === this.#left) return undefined;
    this.#enter(person, own);
    return own;
  }

  /** The accounts that the person is in, and a page of those that expect it. */
  accounts(options: Options<'account/mine'> = {}): Promise<MyAccounts> {
    return this.call('account/mine', {}, options);
  }

  /**
   * Enters an account: calls are about that one from then on. One that expects the person is joined by it, so
   * this takes a click of somebody who has seen what is joined, who invites, and as what.
   */
  switchAccount(id: string): Promise<Reply<'user/login'>> {
    return this.call('user/login', { accountId: id });
  }

  /** Makes an account, where people may, and enters it as its admin. */
  register(name: string): Promise<Reply<'account/register'>> {
    return this.call('account/register', { name });
  }

  /** Says no to an account that expects the person: joining it takes another invite then. */
  async decline(id: string): Promise<void> {
    await this.call('account/decline', { accountId: id });
  }

  /** Leaves the account that one is in; coming back takes an invite. What is called next is about none. */
  async leave(): Promise<void> {
    const account = await this.account();
    const { accountId } = await this.call('user/leave', {}, account === undefined ? {} : { account });
    this.#leave(personOf(await this.#token('user/leave')), accountId);
  }

  /** Ends the session here and at the service. */
  async signOut(): Promise<void> {
    try {
      if (this.tokens) await this.#endSession();
    } catch (error) {
      // Whoever is not signed in any more has nothing to end.
      if (!(error instanceof GuestlistError) || error.code !== 'unauthenticated') throw error;
    } finally {
      await this.#settings.store.set(undefined);
    }
  }

  /** The session is the person's; of several accounts any one will do. */
  async #endSession(): Promise<void> {
    try {
      await this.call('session/remove', {});
    } catch (error) {
      if (!(error instanceof GuestlistError) || error.code !== 'account_required') throw error;
      const [first] = (await this.accounts()).accounts;
      if (!first) throw error;
      await this.call('session/remove', {}, { account: first.account.id });
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
    if (!kept?.refreshToken || kept.refreshToken !== seen) {
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

  #enter(person: string | undefined, account: string): void {
    if (this.#left === account) this.#left = undefined;
    if (person !== undefined) this.#accounts.set(person, account);
  }

  /** Forgets an account that somebody is not in any more, unless another was entered meanwhile. */
  #leave(person: string | undefined, account: string | undefined): void {
    if (person === undefined || account === undefined) return;
    this.#left = account;
    if (this.#accounts.get(person) === account) this.#accounts.set(person, undefined);
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

  /** The answer to a call, or why it was refused. */
  async #answer<Name extends Call>(
    name: Name,
    body: object,
    sent: Sent<Name>,
    token: string | undefined,
  ): Promise<Response | GuestlistError> {
    try {
      const response = await this.#send(name, body, sent, await this.#tokenFor(name, token, sent));
      return response.ok ? response : await GuestlistError.of(response);
    } catch (error) {
      // There is no token for that account.
      if (error instanceof GuestlistError) return error;
      throw error;
    }
  }

  /**
   * What is shown. A token of a session is for one account; for another there is another one, which is asked for
   * once and is good for as long as this one.
   */
  async #tokenFor<Name extends Call>(
    name: Name,
    token: string | undefined,
    { account }: Sent<Name>,
  ): Promise<string | undefined> {
    if (token === undefined || account === undefined || OUTSIDE_ACCOUNTS.has(name)) return token;
    const own = accountIn(token);
    if (own === undefined || own === account) return token;
    if (this.#exchanged?.from !== token) this.#exchanged = { from: token, tokens: new Map() };
    const { tokens } = this.#exchanged;
    const known = tokens.get(account);
    if (known) return known;
    const asked = this.#exchange(token, account);
    tokens.set(account, asked);
    asked.catch(() => tokens.delete(account));
    return asked;
  }

  async #exchange(token: string, account: string): Promise<string> {
    const body = { accountId: account };
    const response = await this.#send('session/token', body, { account: undefined }, token);
    if (!response.ok) throw await GuestlistError.of(response);
    return ((await response.json()) as Reply<'session/token'>).accessToken;
  }

  #send<Name extends Call>(
    name: Name,
    body: object,
    { query, idempotencyKey, account, signal }: Sent<Name>,
    token: string | undefined,
  ): Promise<Response> {
    const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined);
    const search = String(new URLSearchParams(given.map(([key, value]) => [key, String(value)])));
    const headers = new Headers({ 'Content-Type': 'application/json' });
    if (token !== undefined) headers.set('Authorization', `Bearer ${token}`);
    if (idempotencyKey !== undefined) headers.set('Idempotency-Key', idempotencyKey);
    if (account !== undefined && !OUTSIDE_ACCOUNTS.has(name)) headers.set('X-Account-Id', account);
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
