/** Somebody who was to be made and is there already: with which role, and where they stand. */

import { html } from '../../vendor/preact.js';
import { href } from '../../router.js';
import { texts } from '../../texts.js';

/** @param {{ existing: import('../../make-users.js').Existing }} props */
export function Existing({ existing: { id, role, state, inviteSent } }) {
  const standing = state === 'invited' && !inviteSent ? 'added' : state;
  return html`<span class="warned">${texts.existing.is(role, standing)}</span>${' '}
    <a class="short" href=${href(`users/${id}`)}>${texts.trash.showUser}</a>`;
}
