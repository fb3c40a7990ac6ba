/**
 * What each role is offered. The service decides what is allowed; this only keeps out of sight what it
 * would refuse, and is the one place of the console that says so.
 */

/** @typedef {'user' | 'admin' | 'root'} Role */

/** From the least to the most. @type {Role[]} */
export const ROLES = ['user', 'admin', 'root'];

/** The least role that is offered each thing. */
const OFFERED = /** @type {const} */ ({
  overview: 'admin',
  'users/see': 'user',
  'users/search': 'admin',
  'users/change': 'admin',
  trash: 'admin',
  account: 'user',
  'account/change': 'admin',
  accounts: 'root',
  keys: 'admin',
  audit: 'admin',
  mail: 'root',
  import: 'admin',
  me: 'user',
  'me/email': 'admin',
});

/** @typedef {keyof typeof OFFERED} Thing */

/**
 * @param {Role} role
 * @param {Thing} thing
 */
export const isOffered = (role, thing) => rank(role) >= rank(OFFERED[thing]);

/** Nobody acts on somebody of a higher role. @param {Role} role @param {{ role: Role }} target */
export const isWithinReach = (role, target) => rank(target.role) <= rank(role);

/**
 * Nobody grants a higher role than the own, and the operator's is of the operator's own account alone.
 * @param {Role} role
 * @param {boolean} isElsewhere whether it is granted in another account
 */
export const grantable = (role, isElsewhere = false) =>
  ROLES.filter((granted) => rank(granted) <= rank(role) && !(isElsewhere && granted === 'root'));

/** @param {Role} role */
const rank = (role) => ROLES.indexOf(role);
