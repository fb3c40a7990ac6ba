/** Inviting one person or many: addresses are pasted, and each has its own outcome. */

import { html, useState } from '../vendor/preact.js';
import { addressesIn, writtenAddress } from '../addresses.js';
import { inviteLink } from '../api.js';
import { useOwn } from '../own.js';
import { Area, Choice, Form, Submit, useForm } from '../forms.js';
import { LanguageField } from '../language-field.js';
import { useEnd, useMakeUsers } from '../make-users.js';
import { faultAt } from '../object-field.js';
import { headingOf } from '../outcome.js';
import { grantable } from '../permissions.js';
import { roleChoices } from '../role-choices.js';
import { href } from '../router.js';
import { texts } from '../texts.js';
import { Button, Copy, Head, Name, Table } from '../ui.js';
import { Inside, pathIn, scopeOf } from './account/inside.js';
import { Existing } from './users/existing.js';

/** @typedef {import('../contract').Role} Role */
/** @import { Line } from '../make-users.js' */

/** @param {{ id?: string }} props the id of another account than the own one */
export default function InviteUsers({ id }) {
  const { me } = useOwn();
  const {
    lines,
    fields: begun,
    isRunning,
    makeAll,
    goOn,
    stop,
    dismiss,
  } = useMakeUsers({
    kind: 'invite',
    href: href(pathIn(id, 'invite-users')),
    of: id,
  });
  // Those that are left are there to be mended, also where one comes back to the page.
  const [left] = useState(() => leftOf(lines));
  // As it was begun, where that was before the page was loaded anew.
  const { role = /** @type {Role} */ ('user'), language = '' } = begun ?? {};
  const start = { addresses: left, role, language };
  const state = useForm(
    start,
    async (values) => {
      const { addresses, role, language } = values;
      const fresh = addressesIn(addresses).map(asLine);
      if (fresh.length === 0) throw faultAt('addresses', texts.inviteUsers.addressesMissing);
      const fields = { ...scopeOf(id), role, ...(language && { language }) };
      // What is under way is no draft.
      state.reset(values);
      await makeAll(fresh, { ...fields, sendInvite: true });
    },
    { draft: `invite ${id ?? ''}` },
  );
  const form = { ...state, busy: state.busy || isRunning };
  // The role that is not sent stays.
  const keepRoles = () => {
    const { language } = state.values;
    const fresh = lines.map((line) => (mayKeepRole(line) ? untried(line) : line));
    void makeAll(fresh, { ...scopeOf(id), ...(language && { language }), sendInvite: true });
  };
  useEnd(isRunning, () => state.reset({ ...state.values, addresses: leftOf(lines) }));
  // From then on what is left is what was typed.
  const clear = () => {
    const { addresses } = state.values;
    dismiss();
    state.reset({ ...state.values, addresses: '' });
    state.set('addresses', addresses);
  };
  const count = addressesIn(form.values.addresses).length;
  const roles = roleChoices(grantable(me.role, Boolean(id)));
  return html`
    <${Inside} id=${id} here="users" />
    <${Head} title=${texts.common.invitePeople}><a class="button" href=${href(pathIn(id, 'users'))}>${texts.users.showAll}</a><//>
    <section class="card" aria-label=${texts.common.invitePeople}>
      <${Form} form=${form}>
        <${Area}
          form=${form}
          name="addresses"
          label=${texts.inviteUsers.addresses}
          required
          rows=${5}
          placeholder=${'ada@example.com\nGrace Hopper <grace@example.com>'}
          hint=${texts.inviteUsers.addressesHint}
        />
        <div class="pair">
          <${Choice} form=${form} name="role" label=${texts.common.role} required choices=${roles} />
          <${LanguageField} form=${form} none=${texts.profile.languageNone} hint=${texts.inviteUsers.languageHint} />
        </div>
        <${Submit} form=${form}>${count > 1 ? texts.inviteUsers.inviteCount(count) : texts.inviteUsers.invite}<//>
      <//>
    </section>
    ${lines.length > 0 && html`<${Outcome} lines=${lines} busy=${isRunning} onStop=${stop} onDismiss=${clear} onGoOn=${goOn} onKeepRoles=${keepRoles} />`}
  `;
}

/** @param {import('../addresses.js').Address} address @returns {Line} */
const asLine = (address) => ({ id: address.email, shown: address.email, user: address });

/** @param {Line[]} lines */
const leftOf = (lines) =>
  lines.flatMap(({ made, user }) => (made || !user ? [] : [writtenAddress(user)])).join('\n');

/**
 * @param {{ lines: Line[], busy: boolean, onStop: () => void, onDismiss: () => void,
 *   onGoOn?: () => void, onKeepRoles: () => void }} props `onGoOn` goes on with those that are left
 */
function Outcome({ lines, busy, onStop, onDismiss, onGoOn, onKeepRoles }) {
  const invited = lines.filter(({ made }) => made).length;
  const failed = lines.filter(({ fault }) => fault).length;
  const others = lines.filter(mayKeepRole).length;
  const links = lines.flatMap(({ shown, made }) =>
    made?.invite ? [`${shown}\t${inviteLink(made.invite)}`] : [],
  );
  return html`
    <div class="head">
      <div>
        <h2>${busy ? texts.common.inProgress : headingOf('invite', lines)}</h2>
        <p role="status">${texts.inviteUsers.count(invited, lines.length, failed)}</p>
        <progress max=${lines.length} value=${invited + failed} aria-label=${texts.inviteUsers.invited}></progress>
      </div>
      <div class="actions">
        ${busy && html`<${Button} onClick=${onStop}>${texts.common.stop}<//>`}
        ${!busy && onGoOn && html`<${Button} primary onClick=${onGoOn}>${texts.transfer.continue}<//>`}
        ${
          !busy &&
          others > 0 &&
          html`<${Button} primary onClick=${onKeepRoles}>
            ${texts.inviteUsers.keepRoles(others)}
          <//>`
        }
        ${!busy && links.length > 1 && html`<${Copy} text=${links.join('\n')}>${texts.inviteUsers.copyAll}<//>`}
        ${!busy && html`<${Button} onClick=${onDismiss}>${texts.transfer.dismiss}<//>`}
      </div>
    </div>
    <${Table} label=${texts.inviteUsers.invitations} columns=${columns()} rows=${lines} />
  `;
}

/** Who is there with another role, and can be invited as that. @param {Line} line */
const mayKeepRole = ({ existing }) => existing?.state === 'invited';

/** @param {Line} line @returns {Line} */
const untried = ({ id, shown, user }) => ({ id, shown, user });

/** @returns {import('../ui/table.js').Column<Line>[]} */
const columns = () => [
  {
    label: texts.common.email,
    kind: 'main',
    cell: ({ shown, user, made, existing }) => {
      const id = made?.id ?? existing?.id;
      const name = [user?.first, user?.last].filter(Boolean).join(' ');
      const email = html`<${Name} name=${shown} />`;
      return html`
        ${id ? html`<a href=${href(`users/${id}`)}>${email}</a>` : email}
        ${name && html` <span class="faint"><${Name} name=${name} /></span>`}
      `;
    },
  },
  {
    label: texts.common.outcome,
    cell: ({ made, fault, existing }) => {
      if (made)
        return html`<span class="good">${texts.inviteUsers.invitedAs(made.role, wasThere(made))}</span>`;
      if (existing) return html`<${Existing} existing=${existing} />`;
      if (fault) return html`<span class="fault">${fault}</span>`;
      return html`<span class="faint">${texts.inviteUsers.notSent}</span>`;
    },
  },
  {
    label: texts.inviteUsers.link,
    kind: 'end',
    cell: ({ shown, made }) =>
      made?.invite &&
      html`<${Copy} small text=${inviteLink(made.invite)} about=${shown}>${texts.common.copyInviteLink}<//>`,
  },
];

/** Whether a user was there before the invite. @param {import('../contract').User} user */
const wasThere = ({ created, updated }) => created !== updated;
