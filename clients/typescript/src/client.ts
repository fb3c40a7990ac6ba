// The client: makes calls, keeps the caller signed in and in one account, waits when told to, and walks over pages.

import { accountIn, type AccountStore, accountsInMemory, personOf } from './accounts.js';
import {
  CONFIRMING,
  COOKIE_CALLS,
  OUTSIDE_ACCOUNTS,
  KEYED,
  OPEN,
  READING,
  type Account,
  type Body,
  type Call,
  type ConfirmBy,
  type Item,
  type MyAccounts,
  type PagedCall,
  type Reply,
  type SignedUp,
  type Tokens,
} from './calls.js';
import { GuestlistError } from './error.js';
import { newKey } from './new-key.js';
import { ProviderSignIn } from './provider-sign-in.js';
import type { Entered, Evidence, FromProvider, Wish } from './providers.js';
import { type Sent, sendTo } from './request.js';
import type { Options, Settings } from './settings.js';
import { areOfOne, type Change, CurrentSession, isInCookie, isOutside, isRefusal, LIMIT_MS } from './session.js';
import { inMemory, inThisTab } from './tokens.js';
import { pause } from './wait.js';

type Optional = 'token' | 'onReauthenticate' | 'wording';

type Remedy = 'renew' | 'catch up' | 'ask';

/** How a refused call was made, and what was done about it. */
interface Tried {
  name: Call;
  body: { currentPassword?: string };
  before: Tokens | undefined;
  token: string | undefined;
  /** How many confirmations there had been by then. */
  confirmations: number;
  remedies: Set<Remedy>;
  held: AbortSignal | undefined;
}

/** The errors after which a call is retried: no answer, too many calls, a busy service. */
const LATER: ReadonlySet<number> = new Set([0, 429, 503]);

/** The calls whose reply says which account was entered. */
const ENTERING: ReadonlySet<Call> = new Set<Call>(['account/register', 'user/login']);

/** Whether the account no longer admits the person, whatever the call. With `maxAge`, only this call is refused. */
const isShutOut = (error: GuestlistError) =>
  error.code === 'reauthentication_required'
    ? error.maxAge === undefined
    : isRefusal(error, 'not_registered', 'suspended');

type Arguments<Name extends Call> =
  Record<string, never> extends Body<Name>
    ? [body?: Body<Name>, options?: Options<Name>]
    : [body: Body<Name>, options?: Options<Name>];

/** Calls a Guestlist service as one person or key. */
export class Guestlist {
  readonly #settings: Required<Omit<Settings, Optional>> & Pick<Settings, Optional>;
  readonly #accounts: AccountStore;
  readonly #session: CurrentSession;
  readonly #providers: ProviderSignIn;
  #asking: Promise<boolean> | undefined;
  /** The access tokens for other accounts, and the stored token from which they were made. */
  #exchanged: { from: string; tokens: Map<string, Promise<string>> } | undefined;
  /** The account that the person is no longer in; the access token can still be for it. */
  #left: string | undefined;

  constructor(settings: Settings) {
    const url = settings.url.replace(/\/+$/, '');
    const send: typeof fetch = (...request) => globalThis.fetch(...request);
    const store = settings.cookie ? inThisTab(`guestlist ${url}`) : inMemory();
    const usual = { store, cookie: false, keys: false, retries: 2, patience: 30, fetch: send };
    this.#settings = { ...usual, ...settings, url };
    this.#accounts = this.#settings.store.accounts ?? accountsInMemory();
    this.#session = new CurrentSession({
      ...this.#settings,
      isByCookie: () => this.#isByCookie(),
      refresh: (body, held) => this.#call('session/refresh', body, {}, held),
      accountOf: ({ accessToken }) => {
        const person = personOf(accessToken);
        return (person && this.#accounts.get(person)) ?? accountIn(accessToken);
      },
    });
    this.#providers = new ProviderSignIn({
      url,
      call: (name, body, held) => this.#call(name, body, {}, held),
      alone: (work) => this.#session.alone(work),
      enter: ({ account, ...tokens }, wanted) => {
        const isThere = wanted !== undefined && accountIn(tokens.accessToken) === wanted;
        return this.#begin(tokens, account?.id ?? (isThere ? wanted : undefined));
      },
      settle: async () => this.tokens ?? (await this.refresh()),
    });
  }

  /** The tokens of the person who is signed in. */
  get tokens(): Tokens | undefined {
    return this.#session.tokens;
  }

  /**
   * Calls a listener when someone signs in or out, here or in another tab, and when an account is entered here, until the
   * returned function is called.
   */
  onChange(listener: (change: Change) => void): () => void {
    return this.#session.onChange(listener);
  }

  /**
   * Makes a call.
   *
   * @throws {GuestlistError} if the service refuses it.
   */
  async call<Name extends Call>(name: Name, ...given: Arguments<Name>): Promise<Reply<Name>> {
    const [body = {}, options = {}] = given;
    return this.#call(name, body as object, options);
  }

  /** The same; with `held`, when the caller already holds the lock. */
  async #call<Name extends Call>(
    name: Name,
    body: object,
    options: Options<Name>,
    held?: AbortSignal,
  ): Promise<Reply<Name>> {
    const { retries, patience } = this.#settings;
    const sent = { ...options, ...this.#key(name, options) };
    const mayRepeat = READING.has(name) || options.mayRepeat || sent.idempotencyKey !== undefined;
    const [before, remedies] = [this.tokens, new Set<Remedy>()];
    let account: string | undefined | null = options.account ?? null;
    for (let waits = 0; ; ) {
      const token = await this.#token(name, held);
      const { confirmations } = this.#session;
      const person = personOf(token);
      // What is sent again is about the account that it was about before, whichever was entered meanwhile.
      if (account === null) account = this.#accountOf(person, token);
      const answer = await this.#answer(name, body, { ...sent, account }, token, held);
      if (!(answer instanceof GuestlistError)) {
        if (ENTERING.has(name)) this.#switched(token, (answer.reply as Reply<'user/login'>).account.id);
        return answer.reply;
      }
      let error = answer;
      if (isShutOut(error) && account !== undefined && !OUTSIDE_ACCOUNTS.has(name)) {
        if (error.code === 'not_registered') this.#leave(person, account);
        const { tokens } = this;
        const report = { kind: 'shut-out', tokens, account, error } as const;
        if (options.account === undefined) this.#session.report(report);
      }
      const tried = { name, body, before, token, confirmations, remedies, held };
      try {
        if (await this.#isRemedied(error, tried)) continue;
      } catch (failure) {
        if (!(failure instanceof GuestlistError)) throw failure;
        // The next try may do what this one could not.
        error = failure;
        remedies.delete('renew');
      }
      const wait = LATER.has(error.status) ? error.retryAfter : undefined;
      if (!mayRepeat || wait === undefined || wait > patience || waits >= retries) throw error;
      await pause(wait, options.signal);
      if (!OPEN.has(name) && !this.#isStill(before)) throw error;
      waits += 1;
    }
  }

  /** The idempotency key of a change, if it has one. */
  #key<Name extends Call>(name: Name, { idempotencyKey, mayRepeat }: Options<Name>) {
    if (idempotencyKey !== undefined || mayRepeat || !this.#settings.keys || !KEYED.has(name)) return {};
    return { idempotencyKey: newKey() };
  }

  /** Whether the person who started a call is still signed in: nobody else may continue it. */
  #isStill(before: Tokens | undefined): boolean {
    if (this.#settings.token !== undefined) return true;
    return before ? areOfOne(before, this.tokens) : this.tokens === undefined;
  }

  /** Whether a new session uses the cookie. */
  async #isByCookie(): Promise<boolean> {
    const { cookie } = this.#settings;
    return typeof cookie === 'function' ? cookie() : cookie;
  }

  /**
   * Iterates over the items on all pages of a call. With the cursor `prev` in the query, it iterates
   * backwards: from the item before that page to the first one.
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

  /** Signs in with email and password, and with a second-factor code if the second factor is on. */
  signIn(body: Body<'session/create'>): Promise<Tokens> {
    return this.#session.alone(async (held) => {
      const tokens = await this.#call('session/create', body, {}, held);
      await this.#session.keep(tokens);
      this.#session.tell('sign-in', tokens);
      return tokens;
    });
  }

  /**
   * Signs in with the reply of `identity/create` or `identity/verify`, and enters the account that was joined, if any.
   * Returns whether the person is signed in now: not if a code was emailed first (`pending`).
   */
  async signedIn(reply: SignedUp | (Tokens & { account?: Pick<Account, 'id'> })): Promise<boolean> {
    if (!('accessToken' in reply)) return false;
    await this.#session.alone(() => this.#begin(reply, reply.account?.id));
    return true;
  }

  /** Starts a session in that account; the caller already holds the lock. */
  async #begin({ accessToken, expires, refreshToken, session }: Tokens, account?: string): Promise<void> {
    const tokens = { accessToken, expires, session, ...(refreshToken !== undefined && { refreshToken }) };
    if (account !== undefined) this.#enter(personOf(accessToken), account);
    await this.#session.keep(tokens);
    this.#session.tell('sign-in', tokens);
  }

  /** Signs in with a token of another issuer, which is kept until it expires or the person signs out. */
  signInWithToken(accessToken: string): Promise<void> {
    return this.#session.alone(async (held) => {
      const { tokens } = this;
      // No page would end a session in the cookie later.
      if (tokens && isInCookie(tokens)) await this.#endSession(tokens, held).catch(() => undefined);
      await this.#session.keep({ accessToken, session: accessToken, expires: '' });
    });
  }

  /** Remembers the account of the current tokens as the entered one, if no call has said which it is. */
  enter(account: string, accessToken = this.tokens?.accessToken): void {
    this.#enter(personOf(accessToken), account);
  }

  /** Forgets an account that the person is no longer in. */
  forgetAccount(account: string): void {
    this.#leave(personOf(this.tokens?.accessToken), account);
  }

  /** The account that was entered last, if it is known. */
  get entered(): string | undefined {
    const person = personOf(this.tokens?.accessToken);
    return person === undefined ? undefined : this.#accounts.get(person);
  }

  /**
   * Sends the browser to a provider, by its name in `service/about`. When the person returns, the app opens again:
   * call `finish` there. The options are kept in this tab meanwhile.
   */
  signInWith(provider: string, wish: Wish & { language?: string } = {}): Promise<void> {
    return this.#providers.begin(provider, wish);
  }

  /**
   * The same for a person who is signed in, to link the provider's identity to their sign-in. It takes a fresh sign-in.
   */
  linkProvider(provider: string, wish: Pick<Wish, 'note'> = {}): Promise<void> {
    return this.#providers.beginLink(provider, wish);
  }

  /**
   * Removes a provider's reply from the URL and sets this hash instead, if `finish` is to be called later. Returns whether
   * there was a reply.
   */
  takeBack(hash = ''): boolean {
    return this.#providers.take(hash);
  }

  /** Gives up a sign-in with a provider that was started. */
  dropProvider(): void {
    this.#providers.drop();
  }

  /**
   * Finishes a sign-in with a provider's reply in the URL, or resumes one that still needs a credential;
   * `undefined` if there is neither. Call it on each page of the app, before anything reads the URL or navigates.
   */
  finish(): Promise<FromProvider | undefined> {
    return this.#providers.finish();
  }

  /**
   * Provides the credential that `finish` asked for. If it fails with `totp_required`, call it again with `totp` and the
   * same password or code.
   */
  link(evidence: Evidence): Promise<Wish & { provider: string } & Entered> {
    return this.#providers.link(evidence);
  }

  /** Sends another code to the address that the provider reported; three in total. */
  sendCode(): Promise<Reply<'provider/code'>> {
    return this.#providers.sendCode();
  }

  /** Confirms who the person is, for calls that take a fresh sign-in, with one of the credentials in their `confirmBy`. */
  confirm(body: Body<'session/confirm'>): Promise<Reply<'session/confirm'>> {
    return this.#session.alone(async (held) => {
      const reply = await this.#call('session/confirm', body, {}, held);
      // Those of before know of no confirmation, even if the new one, made in the same second, is the same.
      this.#exchanged = undefined;
      await this.#session.confirm(reply);
      return reply;
    });
  }

  /** The account that calls are about: the one that this person entered last, otherwise that of the access token. */
  async account(): Promise<string | undefined> {
    const token = await this.#token('user/get');
    return this.#accountOf(personOf(token), token);
  }

  /** The entered account, or that of the access token, which is then remembered. */
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
   * Enters an account: from then on, calls are about that one. If the account expects the person, this joins it, so
   * call it only when a person who has seen the account, the inviter and the role clicks. `language` is the new user's.
   */
  switchAccount(id: string, { language }: { language?: string } = {}): Promise<Reply<'user/login'>> {
    return this.call('user/login', { accountId: id, ...(language !== undefined && { language }) });
  }

  /** Creates an account, if that is allowed, and enters it as its admin, whose language is `language`. */
  register(name: string, { language }: { language?: string } = {}): Promise<Reply<'account/register'>> {
    return this.call('account/register', { name, ...(language !== undefined && { language }) });
  }

  /** Declines the invitation of an account: joining it then takes another invite. */
  async decline(id: string): Promise<void> {
    await this.call('account/decline', { accountId: id });
  }

  /** Leaves the current account; returning takes an invite. The next calls are about no account. */
  async leave(): Promise<void> {
    const account = await this.account();
    const { accountId } = await this.call('user/leave', {}, account === undefined ? {} : { account });
    this.#leave(personOf(await this.#token('user/leave')), accountId);
  }

  /**
   * Leaves all accounts, and deletes the person's sign-in for good. With `email`, only if that is the person's address,
   * because someone else may have signed in here since.
   */
  async removeIdentity(body: Body<'identity/remove'> = {}): Promise<void> {
    await this.call('identity/remove', body);
    await this.#session.alone(async () => {
      const { tokens } = this;
      if (tokens) this.#session.tell('sign-out', tokens);
      await this.#session.keep(undefined);
    });
  }

  /** Signs out: ends the session here and in the service. */
  signOut(): Promise<void> {
    return this.#session.alone(async (held) => {
      const { tokens } = this;
      try {
        if (!tokens) return;
        await this.#endSession(tokens, held);
        this.#session.tell('sign-out', tokens);
      } catch (error) {
        // A person who is no longer signed in has nothing to end, and the cookie may belong to someone else by now.
        if (!isRefusal(error, 'unauthenticated', 'session_replaced')) throw error;
      } finally {
        await this.#session.keep(undefined);
      }
    });
  }

  /** With the cookie, if there is one. */
  async #endSession(tokens: Tokens, held: AbortSignal): Promise<void> {
    if (isOutside(tokens)) return;
    // It is the person's: the account that the token is for will do.
    const account = accountIn(tokens.accessToken);
    const options = account === undefined ? {} : { account };
    const isByCookie = isInCookie(tokens);
    await this.#call('session/remove', isByCookie ? { session: tokens.session } : {}, options, held);
  }

  /** Gets new tokens, only once for simultaneous callers; none if the session has ended. */
  refresh(): Promise<Tokens | undefined> {
    return this.#session.refresh();
  }

  /** Enters the account in the reply of a call that was made with that token. */
  #switched(token: string | undefined, account: string): void {
    const { tokens } = this;
    const person = personOf(token);
    const before = this.#accountOf(person, token);
    this.#enter(person, account);
    if (before !== account) this.#session.report({ kind: 'switch', tokens, account });
  }

  #enter(person: string | undefined, account: string): void {
    if (this.#left === account) this.#left = undefined;
    if (person !== undefined) this.#accounts.set(person, account);
  }

  /** Forgets an account that the person is no longer in, unless another was entered meanwhile. */
  #leave(person: string | undefined, account: string | undefined): void {
    if (person === undefined || account === undefined) return;
    this.#left = account;
    if (this.#accounts.get(person) === account) this.#accounts.set(person, undefined);
  }

  /** The token and account of a call. */
  async #token(name: Call, held?: AbortSignal): Promise<string | undefined> {
    const { token } = this.#settings;
    if (token !== undefined) return typeof token === 'function' ? token() : token;
    if (OPEN.has(name)) return undefined;
    const { tokens } = this;
    // The access token may have expired, or be for an account that lets one in no more.
    const isEnding = name === 'session/remove' && held !== undefined;
    return isEnding && tokens && isInCookie(tokens) ? undefined : tokens?.accessToken;
  }

  /** Whether to retry a refused call after resolving the cause; each cause is resolved only once. */
  async #isRemedied(error: GuestlistError, tried: Tried): Promise<boolean> {
    const { name, body, before, token, confirmations, remedies, held } = tried;
    const isFirst = (remedy: Remedy) => {
      const isNew = !remedies.has(remedy);
      remedies.add(remedy);
      return isNew;
    };
    if (error.code === 'unauthenticated') return isFirst('renew') && this.#hasNewer(tried);
    const isAsking = error.code === 'reauthentication_required' && error.maxAge !== undefined;
    // Nobody is asked while other tabs wait, nor about the calls that answer.
    if (!isAsking || held || CONFIRMING.has(name)) return false;
    const isSamePerson = () => this.#settings.token !== undefined || areOfOne(before, this.tokens);
    const hasConfirmed = () => this.#session.hasConfirmed(token, confirmations);
    if (isFirst('catch up') && (await hasConfirmed())) return isSamePerson();
    if (!isFirst('ask')) return false;
    const isDone = (await this.#isConfirmedBy(body, error)) || (await this.#ask([...error.confirmBy]));
    // It may have been done in another tab meanwhile.
    return ((await hasConfirmed()) || isDone) && isSamePerson();
  }

  /**
   * Renews the session, and returns whether it has a newer token than the refused one. A person who signed in meanwhile,
   * in another tab, must not make this one's calls.
   */
  async #hasNewer({ name, before, token, held }: Tried): Promise<boolean> {
    if (this.#settings.token !== undefined || token === undefined) return false;
    if (name === 'session/refresh' || name === 'session/create') return false;
    const kept = this.tokens;
    const renew = () => (held ? this.#session.renew(kept, held) : this.refresh());
    return areOfOne(before, kept?.accessToken === token ? await renew() : kept);
  }

  /** Confirms with the password in the call itself, if that is accepted, so that nobody types it twice. */
  async #isConfirmedBy({ currentPassword }: Tried['body'], { confirmBy }: GuestlistError): Promise<boolean> {
    if (!currentPassword || !confirmBy.includes('currentPassword')) return false;
    await this.confirm({ currentPassword });
    return true;
  }

  /** Asks the person to confirm, and returns whether they did. */
  #ask(confirmBy: ConfirmBy[]): Promise<boolean> {
    const ask = async () => (await this.#settings.onReauthenticate?.({ confirmBy })) === true;
    this.#asking ??= ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** The reply of a call, or the error. */
  async #answer<Name extends Call>(
    name: Name,
    body: object,
    sent: Sent<Name>,
    token: string | undefined,
    held: AbortSignal | undefined,
  ): Promise<{ reply: Reply<Name> } | GuestlistError> {
    const { wording } = this.#settings;
    try {
      const shown = await this.#tokenFor(name, token, sent);
      const cookie = COOKIE_CALLS.has(name) && (await this.#isByCookie());
      const settings = { ...this.#settings, cookie };
      const send = (signal = sent.signal) =>
        sendTo(settings, name, body, { ...sent, ...(signal && { signal }) }, shown);
      // What is aborted may have changed the cookie all the same: only the limit ends it.
      const isAlone = held !== undefined || !cookie;
      const response = await (isAlone ? send(held) : this.#session.alone(send));
      return response.ok ? { reply: await response.json() } : await GuestlistError.of(response, wording);
    } catch (error) {
      // There is no token for that account.
      if (error instanceof GuestlistError) return error;
      if (sent.signal?.aborted) throw error;
      return GuestlistError.unreachable(error, wording);
    }
  }

  /**
   * The token to send. A session's token is for one account; for another account, another token is requested once and
   * used as long as this one is valid.
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
    const sent = { account: undefined, signal: AbortSignal.timeout(LIMIT_MS) };
    const response = await sendTo({ ...this.#settings, cookie: false }, 'session/token', body, sent, token);
    if (!response.ok) throw await GuestlistError.of(response, this.#settings.wording);
    return ((await response.json()) as Reply<'session/token'>).accessToken;
  }
}
