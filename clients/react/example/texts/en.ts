// What the example says besides the components, in English.

import type { Role } from 'guestlist-client';

const ROLES: Record<Role, string> = { user: 'user', admin: 'admin', root: 'root user' };

export const ENGLISH = {
  title: 'Everybody',
  language: 'Language',
  loading: 'Loading…',
  account: 'Account',
  users: 'Users',
  role: (role: Role) => ROLES[role],
  noName: 'No name yet',
  signOut: 'Sign out',
  reload: 'Reload',
  email: 'Email of somebody new',
  invite: 'Invite',
};

export type Texts = typeof ENGLISH;
