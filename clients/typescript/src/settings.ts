// How a client calls, and what goes with a call.

import type { Call, ConfirmBy, Query } from './calls.js';
import type { Wording } from './error.js';
import type { TokenStore } from './tokens.js';

/** The settings of a client. */
export interface Settings {
  /** The URL of the service, with its base path: `https://app.example.com/api`. */
  url: string;
  /** An API key, or a function that gets an outside issuer's token, which is called for each call. */
  token?: string | (() => string | Promise<string>);
  /** Where tokens of `signIn` and the current account are kept; by default in memory. */
  store?: TokenStore;
  /**
   * Whether the refresh token is in a cookie that scripts cannot read: for pages of the service's own site. Each tab
   * then has its own access tokens, unless `store` is set. A function is called when a session begins.
   */
  cookie?: boolean | (() => Promise<boolean>);
  /**
   * Asks the person to confirm who they are, with `confirm` or `signIn`, for a call that needs it; resolves to whether they did.
   * It is called once for all calls that wait for it.
   */
  onReauthenticate?: (need: { confirmBy: ConfirmBy[] }) => Promise<boolean>;
  /** Whether every change that can have an `Idempotency-Key` gets one, so that it is retried like reads. */
  keys?: boolean;
  /** Replaces the texts of errors, for example in the person's language, usually by their code. */
  wording?: Wording;
  /** How often a call is retried after 429 or 503, or when the service cannot be reached. */
  retries?: number;
  /** The longest time to wait for that, in seconds; if the service asks for more, the call fails immediately. */
  patience?: number;
  /** The function that sends requests. */
  fetch?: typeof fetch;
}

/** The options of a call besides its body. */
export interface Options<Name extends Call> {
  query?: Query<Name>;
  /** A new key for each change, for example from `newKey()`: with it, the change can be retried. */
  idempotencyKey?: string;
  /** Doing it twice has the same effect as doing it once: it can be retried without a key, and `keys` adds none. */
  mayRepeat?: boolean;
  /** The account that the call is about, if it is not the current one. */
  account?: string;
  signal?: AbortSignal;
}
