// What the example says besides the components, in German.

import type { Role } from 'guestlist-client';
import type { Texts } from './en.js';

const ROLES: Record<Role, string> = { user: 'Benutzer', admin: 'Admin', root: 'Root-Benutzer' };

export const GERMAN: Texts = {
  title: 'Alle',
  language: 'Sprache',
  loading: 'Wird geladen\u00a0…',
  account: 'Konto',
  users: 'Benutzer',
  role: (role: Role) => ROLES[role],
  noName: 'Noch kein Name',
  signOut: 'Abmelden',
  reload: 'Neu laden',
  email: 'E-Mail-Adresse der neuen Person',
  invite: 'Einladen',
};
