// Where the tokens of somebody who has signed in are kept, and how one refresh at a time is seen to.

import { type AccountStore, accountsInBrowser, accountsInStorage } from './accounts.js';
import type { Tokens } from './calls.js';
import { lastWritten, write } from './shared.js';

/** Keeps the tokens of one person. */
export interface TokenStore {
  get(): Tokens | undefined;
  /** The tokens that were set last, by whichever tab, if `get` may be late. */
  newest?(): Promise<Tokens | undefined>;
  /** Done when `newest` tells every tab. */
  set(tokens: Tokens | undefined): void | Promise<void>;
  /** Where it is kept which account one is in; until the page is left, unless said. */
  accounts?: AccountStore;
}

/** Until the page is left. */
export function inMemory(): TokenStore {
  let kept: Tokens | undefined;
  return { get: () => kept, set: (tokens) => void (kept = tokens) };
}

/**
 * For all tabs of an origin, under a name, until somebody signs out: in `localStorage`. What one tab puts
 * there others may read some time later; the newest tokens are told by IndexedDB. Each tab keeps for itself which
 * account it is in.
 */
export function inBrowser(name = 'guestlist'): TokenStore {
  const { get, set } = inStorage(localStorage, name);
  return {
    accounts: accountsInBrowser(name),
    get,
    newest: async () => {
      const last = await lastWritten<{ tokens: Tokens | undefined }>(name);
      return last ? last.tokens : get();
    },
    set: async (tokens) => {
      set(tokens);
      await write(name, { tokens });
    },
  };
}

/** In a storage of one tab, such as `sessionStorage`, under a name. */
export function inStorage(storage: Storage, name = 'guestlist'): TokenStore {
  return {
    accounts: accountsInStorage(storage, name),
    get: () => JSON.parse(storage.getItem(name) ?? 'null') ?? undefined,
    set: (tokens) =>
      tokens ? storage.setItem(name, JSON.stringify(tokens)) : storage.removeItem(name),
  };
}

/** What came before on this page, where there are no locks among tabs. */
let queue: Promise<unknown> = Promise.resolve();

/**
 * Does the work while nobody else does such work, on this page or in another tab of its origin: a refresh
 * token that two of them show ends the session.
 */
export function alone<Done>(work: () => Promise<Done>): Promise<Done> {
  // Pages that came over plain HTTP have none, nor have older versions of Node.
  const locks = globalThis.navigator?.locks as LockManager | undefined;
  const done = locks ? locks.request('guestlist-refresh', work) : queue.then(work);
  queue = done.catch(() => undefined);
  return done as Promise<Done>;
}
