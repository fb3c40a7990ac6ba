// Who is signed in on this page, and what brought the person here: one store for each client, from which components read.

import {
  type Account,
  type Change,
  type FromProvider,
  type Guestlist,
  GuestlistError,
  type Reply,
  type SignedUp,
  type User,
} from 'guestlist-client';
import { type EmailLink, forgetLink, linkInUrl } from './links.js';

/** Who is signed in, as far as known. */
export type Session =
  /** Not known yet: on a server, and until the service has answered. */
  | { status: 'loading' }
  /** Nobody; with `wasEnded` if the session has ended without a call of `signOut` here. */
  | { status: 'signed-out'; wasEnded: boolean }
  /** A person, as this user of this account. */
  | { status: 'signed-in'; user: User; account: Account }
  /** A person whom no account admits; `reason` says why, for the account that was tried last. */
  | { status: 'no-account'; reason: GuestlistError }
  /** The service does not answer; call `retry` to ask again. */
  | { status: 'failed'; error: unknown };

/** What components read. */
export interface Snapshot {
  session: Session;
  /** What a link in an email asks for. */
  link: EmailLink | undefined;
  /** What a provider has sent the person back with. */
  back: FromProvider | undefined;
}

/** The account that was entered, and the user there. */
interface Entered {
  account: Account;
  user: User;
}

/** Before anything is known. */
export const UNKNOWN: Snapshot = { session: { status: 'loading' }, link: undefined, back: undefined };

/** Why an account lets somebody in no more, or none does. */
const SHUT_OUT = new Set<string>([
  'account_required',
  'email_required',
  'email_unverified',
  'not_registered',
  'reauthentication_required',
  'suspended',
]);

const stores = new WeakMap<Guestlist, SessionStore>();

/** The store of a client; the same one whenever it is asked for. */
export function storeOf(client: Guestlist): SessionStore {
  const known = stores.get(client);
  if (known) return known;
  const store = new SessionStore(client);
  stores.set(client, store);
  return store;
}

export class SessionStore {
  readonly client: Guestlist;
  readonly #listeners = new Set<() => void>();
  #snapshot = UNKNOWN;
  #hasStarted = false;
  /** How much is under way that begins or ends a session, or enters an account: what happens meanwhile is its doing. */
  #underWay = 0;
  /** Counts what was asked, so that an answer that comes late is dropped. */
  #asked = 0;
  #about: Promise<Reply<'service/about'>> | undefined;

  constructor(client: Guestlist) {
    this.client = client;
  }

  readonly snapshot = (): Snapshot => this.#snapshot;

  /** Has a listener told of changes. The first one has the page look who is signed in: so no server does. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (!this.#hasStarted) {
      this.#hasStarted = true;
      void this.#start();
    }
    return () => void this.#listeners.delete(listener);
  };

  async #start(): Promise<void> {
    this.client.onChange((change) => this.#hear(change));
    // A link may be opened in a page that is there already: then only the hash changes.
    addEventListener('hashchange', () => this.#set({ link: linkInUrl() }));
    addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') void this.#lookAgain();
    });
    await this.retry();
  }

  /** Looks who is signed in, from the beginning. */
  readonly retry = async (): Promise<void> => {
    this.#set({ session: { status: 'loading' } });
    this.#underWay += 1;
    try {
      // Before anything else: what a provider has sent along is in the URL.
      const back = await this.client.finish();
      this.#set({ back, link: linkInUrl() });
      if (!this.client.tokens) await this.client.refresh();
    } catch (error) {
      this.#set({ session: { status: 'failed', error } });
      return;
    } finally {
      this.#underWay -= 1;
    }
    await this.load();
  };

  /**
   * Does what begins a session or enters an account. What it replies is known without asking; else it is asked for at
   * the end, once.
   */
  async enter(work: () => Promise<Partial<Entered> | void>): Promise<void> {
    this.#underWay += 1;
    const outcome = await work().then(
      (entered) => ({ entered }),
      (error: unknown) => ({ error }),
    );
    this.#underWay -= 1;
    if ('error' in outcome) {
      // The session may have begun before something else was refused.
      if (this.client.tokens) await this.load();
      throw outcome.error;
    }
    const { account, user } = outcome.entered ?? {};
    if (account && user) this.#enterAs({ account, user });
    else await this.load();
  }

  /** What the service says of itself, asked once. */
  readonly about = (): Promise<Reply<'service/about'>> => {
    this.#about ??= this.client.call('service/about').catch((error: unknown) => {
      this.#about = undefined;
      throw error;
    });
    return this.#about;
  };

  /** Signs in, and enters the account that was used last, or what `enter` says. */
  signIn(
    known: { email: string; password: string; totp?: string },
    enter?: () => Promise<Entered>,
  ): Promise<void> {
    return this.enter(async () => {
      await this.client.signIn(known);
      // Somebody is signed in by now: what stands in the way of an account is told by what is loaded.
      return enter ? enter() : this.#login().catch(() => undefined);
    });
  }

  /** Goes on in the session of a sign-up. */
  signedUp(reply: SignedUp): Promise<void> {
    return this.enter(async () => {
      await this.client.signedIn(reply);
      return reply.state === 'verified' ? reply : undefined;
    });
  }

  readonly signOut = async (): Promise<void> => {
    this.#underWay += 1;
    try {
      await this.client.signOut();
    } finally {
      this.#underWay -= 1;
      if (!this.client.tokens) this.#signedOut(false);
    }
  };

  /** Leaves the account, and says so. */
  readonly leave = (): Promise<void> => this.enter(() => this.client.leave());

  /** Asks anew who the user is and what the account is like, such as after a change. */
  readonly load = async (): Promise<void> => {
    const asked = (this.#asked += 1);
    const session = await this.#asSeen();
    if (asked === this.#asked) this.#set({ session });
  };

  /** Goes on with what has come of a sign-in with a provider. */
  readonly goOn = (back: FromProvider): void => this.#set({ back });

  /** Forgets what an email or a provider has brought, once it is dealt with. */
  readonly settle = (): void => {
    forgetLink();
    this.#set({ link: undefined, back: undefined });
  };

  async #asSeen(): Promise<Session> {
    const { client } = this;
    try {
      if (!client.tokens) return { status: 'signed-out', wasEnded: this.#wasEnded() };
      const account = await client.account();
      const entered = account === undefined ? await this.#login() : await this.#look(account);
      return { status: 'signed-in', ...entered };
    } catch (error) {
      if (isShutOut(error)) return { status: 'no-account', reason: error };
      // The session has ended while it was asked for.
      if (!client.tokens) return { status: 'signed-out', wasEnded: this.#wasEnded() };
      return { status: 'failed', error };
    }
  }

  #login(): Promise<Entered> {
    return this.#own(() => this.client.call('user/login'));
  }

  /** Looks at the account without entering it: entering one that expects the person would be joining it. */
  #look(account: string): Promise<Entered> {
    return this.#own(async () => {
      const options = { account };
      const [user, own] = await Promise.all([
        this.client.call('user/get', {}, options),
        this.client.call('account/get', {}, options),
      ]);
      return { user, account: own };
    });
  }

  /** What is heard of meanwhile is what this does itself. */
  async #own<Done>(work: () => Promise<Done>): Promise<Done> {
    this.#underWay += 1;
    try {
      return await work();
    } finally {
      this.#underWay -= 1;
    }
  }

  /** A tab that comes back to the front shows what has become of its person meanwhile, and nothing in between. */
  async #lookAgain(): Promise<void> {
    const { session } = this.#snapshot;
    if (session.status !== 'signed-in' || this.#underWay > 0) return;
    const asked = (this.#asked += 1);
    const seen = await this.#asSeen();
    if (asked !== this.#asked || seen.status === 'failed') return;
    const isSame =
      seen.status === 'signed-in' &&
      seen.account.id === session.account.id &&
      seen.account.version === session.account.version &&
      seen.user.id === session.user.id &&
      seen.user.version === session.user.version;
    if (!isSame) this.#set({ session: seen });
  }

  #hear(change: Change): void {
    if (change.kind === 'sign-out') {
      if (this.#underWay === 0) this.#signedOut(this.#wasEnded());
      return;
    }
    if (this.#underWay > 0) return;
    const { session } = this.#snapshot;
    const isHere = session.status === 'signed-in' && session.account.id === change.account;
    if (change.kind === 'shut-out') {
      if (isHere) this.#set({ session: { status: 'no-account', reason: change.error } });
      return;
    }
    if (isHere) {
      void this.#lookAgain();
      return;
    }
    // What was shown of the account before is not to be seen beside calls about another.
    this.#set({ session: { status: 'loading' } });
    void this.load();
  }

  #enterAs(entered: Entered): void {
    this.#asked += 1;
    this.#set({ session: { status: 'signed-in', ...entered } });
  }

  #signedOut(wasEnded: boolean): void {
    this.#asked += 1;
    this.#set({ session: { status: 'signed-out', wasEnded } });
  }

  /** Whether somebody was signed in here until now. */
  #wasEnded(): boolean {
    const { session } = this.#snapshot;
    return session.status === 'signed-out' ? session.wasEnded : session.status !== 'loading';
  }

  #set(changed: Partial<Snapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...changed };
    for (const listener of this.#listeners) listener();
  }
}

const isShutOut = (error: unknown): error is GuestlistError =>
  error instanceof GuestlistError && error.maxAge === undefined && SHUT_OUT.has(error.code);
