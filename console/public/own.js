/** What all pages know of who is signed in. */

import { createContext, useContext } from './vendor/preact.js';

/** @typedef {import('./contract').User} User */
/** @typedef {import('./contract').Account} Account */
/** @typedef {import('./permissions.js').Thing} Thing */
/**
 * What every page of somebody who is signed in may ask for.
 * @typedef {object} Own
 * @property {User} me
 * @property {Account} account
 * @property {(thing: Thing) => boolean} can whether my role is offered it
 * @property {() => void} reload reads `me` and `account` again, after a change of them
 */

export const OwnContext = createContext(/** @type {Own | undefined} */ (undefined));

/** Who I am. Only within pages of somebody who is signed in. @returns {Own} */
export function useOwn() {
  const own = useContext(OwnContext);
  if (!own) throw new Error('useOwn is for pages that need somebody signed in');
  return own;
}
