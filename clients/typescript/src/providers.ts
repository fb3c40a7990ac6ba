// Signing in with a provider: what a tab keeps while its person is there, and what it has brought back.

import type { Account, Reply, User } from './calls.js';
import type { GuestlistError } from './error.js';

/** Options for signing in with a provider. */
export interface Wish {
  /** The code of the invite that led here. */
  invite?: string | undefined;
  /** With the setup code: the name of the new account. */
  accountName?: string | undefined;
  /** The account to enter, if the person is in it. */
  accountId?: string | undefined;
  /** Any value that `finish` returns to the app, such as the page that was requested. */
  note?: string | undefined;
}

/** The result of a sign-in with a provider, with its options. */
export type FromProvider = Wish & { provider: string } & (
    | Entered
    /** The identity is now linked to the sign-in of the person who is signed in here. */
    | { kind: 'linked'; ways: Reply<'provider/find'> }
    /** A code was emailed to the address that the provider reported. Pass it to `link`. */
    | { kind: 'pending' }
    /**
     * This address already has a sign-in: pass the password to `link`, or the code that `sendCode` emails to the
     * address.
     */
    | { kind: 'link-required' }
    /** The identity is linked, but the second factor is on: pass a code to `link`. */
    | { kind: 'second-factor' }
    /** The sign-in was started in another tab or browser, or too long ago. */
    | { kind: 'begun-elsewhere' }
    /** The provider returned an error that could not be verified: usually, the person has cancelled. */
    | { kind: 'denied' }
    /** The sign-in cannot be finished. After `429` and `5xx`, calling `finish` again may help. */
    | { kind: 'refused'; error: GuestlistError }
  );

/** The person has signed in. */
export type Entered =
  /** The invite from the options, which was not accepted yet: call `user/login` with it when the person clicks. */
  | { kind: 'signed-in' }
  /** The account of the invite, if the person is new and has joined it. */
  | { kind: 'joined'; account: Account; user: User };

/** The credentials with which an identity is linked. */
export type Evidence =
  | { currentPassword: string; emailCode?: never; totp?: string }
  | { emailCode: string; currentPassword?: never; totp?: string }
  | { totp: string; currentPassword?: never; emailCode?: never };

/** What is kept of a sign-in that has begun. */
export interface Begun extends Wish {
  provider: string;
  /** Whether it is to be linked to the sign-in of who is signed in here. */
  isLink?: boolean;
  /** What the service asks for beside the state: no other browser has it. */
  key: string;
  /** When, by this browser's clock. */
  at: number;
}

/** What something has to be shown for. */
export interface Ticket extends Begun {
  kind: 'pending' | 'link-required' | 'second-factor';
  link: string;
}

/** What a provider has sent back with the browser. */
export interface Back {
  provider: string;
  /** Some leave it out where they tell of an error. */
  state: string | undefined;
  answer: { code: string; iss?: string } | { error: string; iss?: string };
}

interface Kept {
  begun: Record<string, Begun>;
  ticket?: Ticket;
}

/** How long the service knows what has begun, and what something has to be shown for. */
const LIFE_MS = 10 * 60_000;
/** The most that a tab keeps: people go back and begin anew. */
const MAX_BEGUN = 8;

/** What one tab keeps, under the state of each: two sign-ins do not get in each other's way. */
export class BegunHere {
  readonly #name: string;
  /** Where there is no storage: until the page is left. */
  #kept: Kept = { begun: {} };

  constructor(url: string) {
    this.#name = `guestlist ${url}:providers`;
  }

  /** Keeps what has begun; the provider's URL has the state. */
  begin(url: string, begun: Omit<Begun, 'at'>): void {
    const state = new URL(url).searchParams.get('state');
    if (state === null) throw new Error('the URL of the provider has no state');
    const others = Object.entries(this.#read().begun).slice(1 - MAX_BEGUN);
    const one: Begun = { ...begun, at: Date.now() };
    this.#write({ begun: Object.fromEntries([...others, [state, one]]) });
  }

  of(state: string): Begun | undefined {
    const { begun } = this.#read();
    return Object.hasOwn(begun, state) ? begun[state] : undefined;
  }

  newestAt(provider: string): Begun | undefined {
    const all = Object.values(this.#read().begun);
    return all.reverse().find((begun) => begun.provider === provider);
  }

  forget(state: string): void {
    const { begun, ...kept } = this.#read();
    const others = Object.entries(begun).filter(([other]) => other !== state);
    this.#write({ ...kept, begun: Object.fromEntries(others) });
  }

  /** What something has to be shown for. */
  get ticket(): Ticket | undefined {
    return this.#read().ticket;
  }

  set ticket(ticket: Ticket | undefined) {
    const { begun } = this.#read();
    this.#write({ begun, ...(ticket && { ticket }) });
  }

  #read(): Kept {
    const text = storage()?.getItem(this.#name);
    const { begun, ticket } = text ? (JSON.parse(text) as Kept) : this.#kept;
    const isOpen = ({ at }: Begun) => Math.abs(Date.now() - at) < LIFE_MS;
    const open = Object.entries(begun).filter(([, one]) => isOpen(one));
    return { begun: Object.fromEntries(open), ...(ticket && isOpen(ticket) && { ticket }) };
  }

  #write(kept: Kept): void {
    this.#kept = kept;
    storage()?.setItem(this.#name, JSON.stringify(kept));
  }
}

const storage = (): Storage | undefined =>
  typeof sessionStorage === 'undefined' ? undefined : sessionStorage;

/**
 * What a provider has sent back with the browser, if that has just come from one. It is taken out of the URL before
 * anything else is done: neither the history nor a script that reads the URL later has it.
 */
export function takeBack(hash: string): Back | undefined {
  const brought = new URLSearchParams(location.hash.slice(1));
  const [provider, code, error] = ['provider', 'code', 'error'].map((name) => brought.get(name));
  if (!provider || !(code || error)) return undefined;
  history.replaceState(history.state, '', location.pathname + location.search + hash);
  const [state, iss] = [brought.get('state') ?? undefined, brought.get('iss')];
  const issuer = iss === null ? {} : { iss };
  const answer = code ? { code } : { error: error || 'no_code' };
  return { provider, state, answer: { ...answer, ...issuer } };
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Sends the browser to a provider. No other URL than one of the web is gone to, whatever the service says. */
export function goTo(url: string): void {
  const { protocol, hostname } = new URL(url);
  const isWeb = protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
  if (!isWeb) throw new Error('the URL of the provider must begin with https:');
  location.assign(url);
}
