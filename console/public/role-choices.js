/** Roles as a field offers them, each with what it may do. */

import { texts } from './texts.js';

/** @param {import('./permissions.js').Role[]} roles */
export const roleChoices = (roles) =>
  roles.map((role) => ({ value: role, label: texts.access.roles[role] }));
