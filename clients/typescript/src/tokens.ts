// Where the tokens of somebody who has signed in are kept, and how one refresh at a time is seen to.

import type { Tokens } from './calls.js';

/** Keeps the tokens of one person. */
export interface TokenStore {
  get(): Tokens | undefined;
  set(tokens: Tokens | undefined): void;
}

/** Until the page is left. */
export function inMemory(): TokenStore {
  let kept: Tokens | undefined;
  return { get: () => kept, set: (tokens) => void (kept = tokens) };
}

/** In `localStorage` or `sessionStorage`, under a name; tabs share the first. */
export function inStorage(storage: Storage, name = 'guestlist'): TokenStore {
  return {
    get: () => JSON.parse(storage.getItem(name) ?? 'null') ?? undefined,
    set: (tokens) =>
      tokens ? storage.setItem(name, JSON.stringify(tokens)) : storage.removeItem(name),
  };
}

/**
 * Does the work while no other tab of this origin does such work: a refresh token that two of them show
 * ends the session. Outside of browsers there are no tabs.
 */
export async function alone<Done>(work: () => Promise<Done>): Promise<Done> {
  const locks = globalThis.navigator?.locks as LockManager | undefined;
  return locks ? await locks.request('guestlist-refresh', work) : work();
}
