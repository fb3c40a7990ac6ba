/** What the list offers for users: for which of them, by which call, and how it is undone. */

import { isWithinReach } from '../../permissions.js';
import { isOpen } from '../../standing.js';

/** @typedef {import('../../contract').User} User */
/** @typedef {import('../../contract').Role} Role */
/** @typedef {import('../../call-all.js').Part} Part */
/** @typedef {'suspend' | 'activate' | 'invite' | 'revoke' | 'role' | 'remove'} StepName */
/**
 * @typedef {object} Step
 * @property {(user: User, role?: Role) => boolean} fits whether there is anything to do about this user
 * @property {(user: User, role?: Role) => Part} run what is asked for
 * @property {(before: User) => Part} [undo] missing where nothing can be taken back
 * @property {(now: User) => boolean} [canUndo] whether it can be for this one, if not for all
 * @property {boolean} [danger]
 */

/** @param {Part['call']} call @param {Part['body']} body @returns {Part} */
const part = (call, body) => ({ call, body });

/** @type {Record<StepName, Step>} */
export const STEPS = {
  suspend: {
    // Who has not joined cannot call anyway.
    fits: ({ state }) => state === 'active',
    run: ({ id }) => part('user/update', { id, state: 'suspended' }),
    undo: ({ id }) => part('user/update', { id, state: 'active' }),
    danger: true,
  },
  activate: {
    fits: ({ state }) => state === 'suspended',
    run: ({ id }) => part('user/update', { id, state: 'active' }),
    undo: ({ id }) => part('user/update', { id, state: 'suspended' }),
    // Who had not joined is invited now.
    canUndo: ({ state }) => state === 'active',
  },
  invite: {
    fits: ({ state }) => state === 'invited',
    run: ({ id }) => part('user/updateRole', { id, sendInvite: true }),
  },
  revoke: {
    fits: isOpen,
    run: ({ id }) => part('invite/revoke', { id }),
    danger: true,
  },
  role: {
    fits: (user, role) => user.role !== role,
    run: ({ id }, role) => part('user/updateRole', { id, role }),
    undo: ({ id, role }) => part('user/updateRole', { id, role }),
  },
  remove: {
    fits: () => true,
    run: ({ id }) => part('user/remove', { id }),
    undo: ({ id }) => part('trash/restore', { id }),
    danger: true,
  },
};

/**
 * The users for whom it is offered: never oneself, nor anybody with a higher role.
 * @param {StepName} name
 * @param {User[]} users
 * @param {User} me
 * @param {Role} [role]
 */
export const fitting = (name, users, me, role) =>
  users.filter(
    (user) => user.id !== me.id && isWithinReach(me.role, user) && STEPS[name].fits(user, role),
  );
