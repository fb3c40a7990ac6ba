// Who is signed in on this page: the tokens, how they are renewed, and who is told when that changes.

import { personOf } from './accounts.js';
import type { Body, ErrorCode, Tokens } from './calls.js';
import { GuestlistError } from './error.js';
import { type News, tabs } from './tabs.js';
import { alone, type TokenStore } from './tokens.js';

/** A change of who is signed in. `account` is the one that calls are about from then on. */
export type Change =
  /** A session was started here, or in another tab, and this tab uses it. */
  | { kind: 'sign-in'; tokens: Tokens; account: string | undefined }
  /** Nobody is signed in here any more: with `isOver`, the service has ended the session, and nobody has signed out. */
  | { kind: 'sign-out'; tokens: undefined; account: undefined; isOver: boolean }
  /** Another account was entered in this tab. `tokens` is missing if the setting `token` provides them. */
  | { kind: 'switch'; tokens: Tokens | undefined; account: string }
  /**
   * The account that this tab is in no longer admits the person: not a member, suspended, or signed out of it.
   * `error` says which.
   */
  | { kind: 'shut-out'; tokens: Tokens | undefined; account: string; error: GuestlistError };

/** What a session is made of. */
interface Parts {
  url: string;
  cookie: boolean | (() => Promise<boolean>);
  store: TokenStore;
  /** Whether a session that begins is to be in the cookie. */
  isByCookie(): Promise<boolean>;
  /** Makes `session/refresh`. */
  refresh(body: Body<'session/refresh'>, held: AbortSignal): Promise<Tokens>;
  /** The account that calls with these tokens are about. */
  accountOf(tokens: Tokens): string | undefined;
}

/** The longest that one tab keeps the others waiting. */
export const LIMIT_MS = 35_000;

/** Whether it is a token of another issuer: a session by itself, which nothing renews. */
export const isOutside = ({ accessToken, session }: Tokens): boolean => session === accessToken;

/** Whether the refresh token is in the cookie. */
export const isInCookie = (tokens: Tokens): boolean =>
  tokens.refreshToken === undefined && !isOutside(tokens);

/** Whether two tokens are of one session, or at least of one person. */
export function areOfOne(one: Tokens | undefined, other: Tokens | undefined): boolean {
  if (!one || !other) return false;
  return one.session === other.session || isPerson(one, personOf(other.accessToken));
}

const isPerson = (tokens: Tokens, person: string | undefined) =>
  person !== undefined && personOf(tokens.accessToken) === person;

/** Whether a call was refused with one of these codes. */
export const isRefusal = (error: unknown, ...codes: ErrorCode[]): error is GuestlistError =>
  error instanceof GuestlistError && (codes as string[]).includes(error.code);

/** The session that this page is in, if it is in one. */
export class CurrentSession {
  readonly #parts: Parts;
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #post: ((news: News) => void) | undefined;
  /** What listeners have been told of. */
  #known: Tokens | undefined;
  #refreshing: Promise<Tokens | undefined> | undefined;
  #confirmations = 0;
  /** Whether another tab has confirmed since there is this access token. */
  #isBehind = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#known = parts.store.get();
    parts.store.watch?.((tokens) => this.#notice(tokens));
    // In a store that is watched, tabs see it themselves.
    if (parts.cookie && !parts.store.watch) this.#post = tabs(parts.url, (news) => this.#hear(news));
  }

  get tokens(): Tokens | undefined {
    return this.#parts.store.get();
  }

  /** How often somebody has confirmed, here or in another tab. */
  get confirmations(): number {
    return this.#confirmations;
  }

  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  report(change: Change): void {
    // Later, so that what a listener throws is no failure of the call.
    for (const listener of this.#listeners) queueMicrotask(() => listener(change));
  }

  /** Tells the other tabs, where they cannot see it in the store. */
  tell(kind: News['kind'], { accessToken, session }: Tokens): void {
    this.#post?.({ kind, person: personOf(accessToken), session });
  }

  /** Does what begins, renews or ends the session, while no other tab does; all within the limit. */
  alone<Done>(work: (held: AbortSignal) => Promise<Done>): Promise<Done> {
    return alone(this.#parts.url, () => work(AbortSignal.timeout(LIMIT_MS)));
  }

  /** Keeps tokens, or none, and reports it if the session is another one; `isOver` where the service has ended it. */
  async keep(tokens: Tokens | undefined, isOver = false): Promise<void> {
    this.#isBehind = false;
    await this.#parts.store.set(tokens);
    this.#notice(tokens, isOver);
  }

  /** Goes on with the access token that a confirmation has replied, if it has. */
  async confirm(fresh: Partial<Tokens>): Promise<void> {
    this.#confirmations += 1;
    const kept = await this.#newest();
    if (!kept) return;
    const { accessToken, expires, session = kept.session } = fresh;
    if (accessToken !== undefined && expires !== undefined && session === kept.session) {
      await this.keep({ ...kept, accessToken, expires });
    }
    this.tell('confirm', kept);
  }

  /**
   * Whether somebody has confirmed since a call was sent with that token, when the count was that. Where it was
   * in another tab, there is a token that knows of it afterwards.
   */
  async hasConfirmed(token: string | undefined, count: number): Promise<boolean> {
    if (this.#isBehind) return (await this.refresh()) !== undefined;
    return this.#confirmations !== count || (this.tokens && this.tokens.accessToken !== token) === true;
  }

  /** Gets new tokens, only once for simultaneous callers; none if the session has ended. */
  refresh(): Promise<Tokens | undefined> {
    const seen = this.tokens;
    this.#refreshing ??= this.alone((held) => this.renew(seen, held)).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /** The same, when the caller already holds the lock and has seen these tokens. */
  async renew(seen: Tokens | undefined, held: AbortSignal): Promise<Tokens | undefined> {
    const { isByCookie } = this.#parts;
    const kept = await this.#newest();
    // Another tab, or call, was first; the refresh token may be the same for some seconds.
    const isNews = kept?.accessToken !== seen?.accessToken;
    const isInOther = kept?.refreshToken === undefined && !(await isByCookie());
    if (isNews || (isInOther && !(kept && isOutside(kept)))) {
      await this.keep(kept);
      return kept;
    }
    try {
      const tokens = await this.#next(kept, held);
      await this.keep(tokens, tokens === undefined);
      return tokens;
    } catch (error) {
      if (!(error instanceof GuestlistError) || error.status !== 401) throw error;
      if (kept) this.tell('sign-out', kept);
      await this.keep(undefined, true);
      return undefined;
    }
  }

  /** The tokens after these; none if they are not renewed. */
  async #next(kept: Tokens | undefined, held: AbortSignal): Promise<Tokens | undefined> {
    if (kept && isOutside(kept)) return undefined;
    const refreshToken = kept?.refreshToken;
    if (refreshToken === undefined) return this.#byCookie(kept, held);
    return this.#parts.refresh({ refreshToken }, held);
  }

  /** None if the cookie belongs to someone else by now: nobody continues as another person. */
  async #byCookie(kept: Tokens | undefined, held: AbortSignal): Promise<Tokens | undefined> {
    const { refresh, store } = this.#parts;
    if (!kept) return refresh({}, held);
    try {
      return await refresh({ session: kept.session }, held);
    } catch (error) {
      if (!isRefusal(error, 'session_replaced')) throw error;
      // In a store of all tabs this session was the newest.
      if (store.newest) return undefined;
      const tokens = await refresh({}, held);
      return areOfOne(kept, tokens) ? tokens : undefined;
    }
  }

  async #newest(): Promise<Tokens | undefined> {
    const { store } = this.#parts;
    return store.newest ? store.newest() : store.get();
  }

  #notice(tokens: Tokens | undefined, isOver = false): void {
    const before = this.#known;
    this.#known = tokens;
    if (before?.session === tokens?.session) return;
    if (!tokens) this.report({ kind: 'sign-out', tokens, account: undefined, isOver });
    else this.report({ kind: 'sign-in', tokens, account: this.#parts.accountOf(tokens) });
  }

  #hear({ kind, person, session }: News): void {
    const { tokens } = this;
    if (!tokens) {
      // If it fails, nobody is signed in here, as before.
      if (kind === 'sign-in') this.refresh().catch(() => undefined);
      return;
    }
    const isMine = session === tokens.session || isPerson(tokens, person);
    if (kind === 'confirm') {
      if (!isMine) return;
      this.#confirmations += 1;
      this.#isBehind = true;
    } else if (isMine === (kind === 'sign-out')) {
      void this.keep(undefined);
    }
  }
}
