/** Where a user stands, more closely than by the state alone: whether there was an invite, and whether it is open. */

/** @typedef {import('./contract').User} User */
/** @typedef {'added' | 'invited' | 'expired' | 'invite-ended' | 'active' | 'suspended' | 'trashed'} Standing */

/**
 * Who was added and never invited is no invitee; and an invite that has expired, or was declined or taken back, leads
 * nowhere. Users see of others the state alone.
 * @param {Pick<User, 'state' | 'inviteSent' | 'inviteExpires'>} user
 * @param {number} [now]
 * @returns {Standing}
 */
export function standingOf({ state, inviteSent, inviteExpires }, now = Date.now()) {
  if (state !== 'invited') return state;
  if (inviteExpires) return Date.parse(inviteExpires) > now ? 'invited' : 'expired';
  return inviteSent ? 'invite-ended' : 'added';
}

/** Whether the invite can be accepted. @param {User} user */
export const isOpen = (user) => standingOf(user) === 'invited';

/** Whether there is an invite that another one would follow. @param {User} user */
export const wasInvited = (user) => ['invited', 'expired'].includes(standingOf(user));

/** What of those who have not joined is listed by how the invite stands. @type {Record<string, 'none' | 'open' | 'expired' | 'ended'>} */
export const INVITE_STATES = { added: 'none', open: 'open', expired: 'expired', ended: 'ended' };
