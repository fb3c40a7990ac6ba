// How a client calls, and what goes with a call.

import type { Call, ConfirmBy, Query } from './calls.js';
import type { Wording } from './error.js';
import type { TokenStore } from './tokens.js';

/** How a client calls. */
export interface Settings {
  /** Where the service is, with its base path: `https://app.example.com/api`. */
  url: string;
  /** The token of whoever does not sign in here: an API key, or an outside issuer's, fetched anew for each call. */
  token?: string | (() => string | Promise<string>);
  /** Where tokens of `signIn` are kept, and the account that one is in; in memory, unless said otherwise. */
  store?: TokenStore;
  /**
   * Whether the refresh token is in a cookie, out of reach of scripts: for pages of the service's own site. Each tab
   * has access tokens of its own then, unless `store` says otherwise. A function is asked when a session begins.
   */
  cookie?: boolean | (() => Promise<boolean>);
  /**
   * Asks somebody to confirm, by `confirm` or by `signIn`, whose call takes that; done with whether it was done. It is
   * asked once at a time, for all calls that wait for it.
   */
  onReauthenticate?: (need: { confirmBy: ConfirmBy[] }) => Promise<boolean>;
  /** Whether each change that can carry an `Idempotency-Key` does, so that it is tried again as reads are. */
  keys?: boolean;
  /** What people are told of errors, such as in their own language; by the code, mostly. */
  wording?: Wording;
  /** How often a call is tried again after 429 or 503, or when the service is not reached. */
  retries?: number;
  /** The longest time to wait for that, in seconds; when told to wait longer, the call fails at once. */
  patience?: number;
  /** What sends requests. */
  fetch?: typeof fetch;
}

/** What goes with a call besides its body. */
export interface Options<Name extends Call> {
  query?: Query<Name>;
  /** Made up afresh for each change, such as by `newKey()`: with it the change may be tried again. */
  idempotencyKey?: string;
  /** Doing it twice is no more than doing it once: it may be tried again without a key, and gets none by `keys`. */
  mayRepeat?: boolean;
  /** The account that the call is about, where it is another than the one that one is in. */
  account?: string;
  signal?: AbortSignal;
}
