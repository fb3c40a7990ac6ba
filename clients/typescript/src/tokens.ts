// Where the tokens of somebody who has signed in are kept, and how one of all tabs at a time changes them.

import { type AccountStore, accountsInBrowser, accountsInStorage } from './accounts.js';
import type { Tokens } from './calls.js';
import { lastWritten, write } from './shared.js';

/** Stores the tokens of one person. */
export interface TokenStore {
  get(): Tokens | undefined;
  /** The tokens that were set last, by any tab, if `get` can be out of date. */
  newest?(): Promise<Tokens | undefined>;
  /** Resolves when `newest` returns these tokens in every tab. */
  set(tokens: Tokens | undefined): void | Promise<void>;
  /** Calls `changed` with the tokens that other tabs set. */
  watch?(changed: (tokens: Tokens | undefined) => void): void;
  /** Where the current account is kept; by default in memory. */
  accounts?: AccountStore;
}

/** In memory, until the page is left. */
export function inMemory(): TokenStore {
  let kept: Tokens | undefined;
  return { get: () => kept, set: (tokens) => void (kept = tokens) };
}

/** In memory, until the page is left; the current account until the tab is closed. */
export function inThisTab(name: string): TokenStore {
  if (typeof sessionStorage === 'undefined') return inMemory();
  return { ...inMemory(), accounts: accountsInStorage(sessionStorage, name) };
}

/**
 * For all tabs of an origin, under a name, until someone signs out: in `localStorage`. Other tabs may read changes
 * there with a delay, so IndexedDB has the newest tokens. Each tab has its own current account.
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

/** In the storage of one tab, such as `sessionStorage`, under a name. */
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
 * Does the work while no other code does such work with the service at the URL, on this page or in another tab of its
 * origin, so that no reply overtakes another, and no refresh token is used twice.
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
