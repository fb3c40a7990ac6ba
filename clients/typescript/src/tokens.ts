// Where the tokens of somebody who has signed in are kept, and how one of all tabs at a time changes them.

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
  /** Has what other tabs set told to `changed`. */
  watch?(changed: (tokens: Tokens | undefined) => void): void;
  /** Where it is kept which account one is in; until the page is left, unless said. */
  accounts?: AccountStore;
}

/** Until the page is left. */
export function inMemory(): TokenStore {
  let kept: Tokens | undefined;
  return { get: () => kept, set: (tokens) => void (kept = tokens) };
}

/** Until the page is left; until the tab is closed, which account one is in. */
export function inThisTab(name: string): TokenStore {
  if (typeof sessionStorage === 'undefined') return inMemory();
  return { ...inMemory(), accounts: accountsInStorage(sessionStorage, name) };
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
    watch: (changed) =>
      addEventListener('storage', ({ storageArea, key }) => {
        // Without a key, all was cleared.
        if (storageArea === localStorage && (key === name || key === null)) changed(get());
      }),
  };
}

/** In a storage of one tab, such as `sessionStorage`, under a name. */
export function inStorage(storage: Storage, name = 'guestlist'): TokenStore {
  return {
    accounts: accountsInStorage(storage, name),
    get: () => JSON.parse(storage.getItem(name) ?? 'null') ?? undefined,
    set: (tokens) => (tokens ? storage.setItem(name, JSON.stringify(tokens)) : storage.removeItem(name)),
  };
}

/** What came before on this page, where there are no locks among tabs. */
const queues = new Map<string, Promise<unknown>>();

/**
 * Does the work while nobody else does such work with the service at the URL, on this page or in another tab of its
 * origin: so no reply overtakes another, and no refresh token is shown twice.
 */
export function alone<Done>(url: string, work: () => Promise<Done>): Promise<Done> {
  // Pages that came over plain HTTP have none, nor have older versions of Node.
  const locks = globalThis.navigator?.locks as LockManager | undefined;
  const queue = queues.get(url) ?? Promise.resolve();
  const done = locks ? locks.request(`guestlist ${url}`, work) : queue.then(work);
  const over = done.catch(() => undefined);
  queues.set(url, over);
  return done as Promise<Done>;
}
