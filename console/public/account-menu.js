/** Which account one is in, and the way into one's other ones. */

import { html } from './vendor/preact.js';
import { call } from './api.js';
import { useOwn } from './own.js';
import { href } from './router.js';
import { switchAccount } from './switch-account.js';
import { texts } from './texts.js';
import { Alert, Busy, Name, useAction, useLoad, useOpen } from './ui.js';

/** @typedef {import('./contract').Membership} Membership */

/** @param {{ account: { id: string, name: string } }} props */
export function AccountMenu({ account }) {
  const { isOpen, setOpen, ref, onKeyDown } = useOpen();
  return html`<div class="account-menu" ref=${ref} onKeyDown=${onKeyDown}>
    <button
      type="button"
      class="button quiet"
      aria-expanded=${isOpen}
      title=${account.name}
      onClick=${() => setOpen(!isOpen)}
    >
      <span class="unseen">${texts.frame.account}</span><span class="cut"><${Name} name=${account.name} /></span>
      <span aria-hidden="true">▾</span>
    </button>
    ${isOpen && html`<${Panel} here=${account.id} />`}
  </div>`;
}

/** @param {{ here: string }} props */
function Panel({ here }) {
  const read = (/** @type {AbortSignal} */ signal) => call('account/mine', {}, { signal });
  const { data, error } = useLoad(read, []);
  const { error: failure, press } = useAction();
  const waiting = data?.expected.length ?? 0;
  const { can } = useOwn();
  return html`<div class="panel">
    <${Alert} error=${error ?? failure} />
    ${!data && !error && html`<${Busy} />`}
    ${
      data &&
      html`<ul aria-label=${texts.frame.yourAccounts}>
        ${data.accounts.map(
          (one) =>
            html`<li key=${one.account.id}>
              <${Entry}
                membership=${one}
                isHere=${one.account.id === here}
                ...${press(one.account.id, () => switchAccount(one.account.id))}
              />
            </li>`,
        )}
      </ul>`
    }
    <a href=${href('accounts')}>
      ${texts.frame.manageAccounts}
      ${waiting > 0 && html`<span class="badge badge-invited">${texts.frame.invitations(waiting)}</span>`}
    </a>
    ${can('accounts') && html`<a href=${href('all-accounts')}>${texts.titles.allAccounts}</a>`}
  </div>`;
}

/** @param {{ membership: Membership, isHere: boolean, busy: boolean, disabled: boolean, onClick: () => void }} props */
function Entry({ membership: { account, user }, isHere, busy, disabled, onClick }) {
  const state = account.state === 'active' ? user?.state : account.state;
  // Where one is signed out, choosing it leads to signing in again.
  const isOpen = state === 'active' || state === undefined;
  const note = texts.badges[isHere ? 'here' : isOpen ? (user?.role ?? 'signed-out') : 'suspended'];
  return html`<button
    type="button"
    aria-current=${isHere ? 'true' : null}
    disabled=${disabled || (!isOpen && !isHere)}
    aria-busy=${busy}
    onClick=${() => !isHere && onClick()}
  >
    <span class="cut" title=${account.name}><${Name} name=${account.name} /></span>
    <span class="faint">${note}</span>
  </button>`;
}
