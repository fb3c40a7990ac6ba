/** Inviting one person or many: addresses are pasted, and each has its own outcome. */

import { html } from '../vendor/preact.js';
import { addressesIn, writtenAddress } from '../addresses.js';
import { inviteLink } from '../api.js';
import { useOwn } from '../own.js';
import { Area, Choice, Form, Submit, Text, useForm } from '../forms.js';
import { useMakeUsers } from '../make-users.js';
import { faultAt } from '../object-field.js';
import { grantable } from '../permissions.js';
import { href } from '../router.js';
import { Button, Copy, Head, Section, Table } from '../ui.js';
import { Inside, pathIn, scopeOf } from './account/inside.js';

/** @typedef {import('../contract').Role} Role */
/** @import { Line } from '../make-users.js' */

/** @param {{ id?: string }} props the id of another account than the own one */
export default function InviteUsers({ id }) {
  const { me } = useOwn();
  const { lines, makeAll, stop } = useMakeUsers();
  const blank = { addresses: '', role: /** @type {Role} */ ('user'), language: '' };
  const form = useForm(blank, async (values) => {
    const { addresses, role, language } = values;
    const fresh = addressesIn(addresses).map(asLine);
    if (fresh.length === 0) throw faultAt('addresses', 'Enter at least one e-mail address.');
    const fields = { ...scopeOf(id), role, ...(language && { language }) };
    const done = await makeAll(fresh, { ...fields, sendInvite: true });
    const left = done.flatMap(({ made, user }) => (made || !user ? [] : [writtenAddress(user)]));
    form.reset({ ...values, addresses: left.join('\n') });
  });
  const count = addressesIn(form.values.addresses).length;
  const roles = grantable(me.role, Boolean(id)).map((role) => ({ value: role, label: role }));
  return html`
    <${Inside} id=${id} here="users" />
    <${Head} title="Invite"><a class="button" href=${href(pathIn(id, 'users'))}>All users</a><//>
    <${Section} title="Invite people">
      <${Form} form=${form}>
        <${Area}
          form=${form}
          name="addresses"
          label="E-mail addresses"
          required
          rows=${5}
          placeholder=${'ada@example.com\nGrace Hopper <grace@example.com>'}
          hint="One or many, as you copy them from an email or a sheet. Names before <…> are used, too."
        />
        <div class="pair">
          <${Choice} form=${form} name="role" label="Role" required choices=${roles} />
          <${Text} form=${form} name="language" label="Language" hint="Of the email, such as en or de." />
        </div>
        <${Submit} form=${form}>${count > 1 ? `Invite ${count} people` : 'Invite'}<//>
      <//>
    <//>
    ${lines.length > 0 && html`<${Outcome} lines=${lines} busy=${form.busy} onStop=${stop} />`}
  `;
}

/** @param {import('../addresses.js').Address} address @returns {Line} */
const asLine = (address) => ({ id: address.email, shown: address.email, user: address });

/** @param {{ lines: Line[], busy: boolean, onStop: () => void }} props */
function Outcome({ lines, busy, onStop }) {
  const invited = lines.filter(({ made }) => made).length;
  const failed = lines.filter(({ fault }) => fault).length;
  const links = lines.flatMap(({ shown, made }) =>
    made?.invite ? [`${shown}\t${inviteLink(made.invite)}`] : [],
  );
  return html`
    <div class="head">
      <div>
        <h2>${busy ? 'Under way' : 'Done'}</h2>
        <p role="status">
          ${invited} of ${lines.length} invited${failed > 0 && `, ${failed} not`}.
        </p>
        <progress max=${lines.length} value=${invited + failed} aria-label="Invited"></progress>
      </div>
      <div class="actions">
        ${busy && html`<${Button} onClick=${onStop}>Stop<//>`}
        ${!busy && links.length > 1 && html`<${Copy} text=${links.join('\n')}>Copy all links<//>`}
      </div>
    </div>
    <${Table} label="Invitations" columns=${COLUMNS} rows=${lines} />
  `;
}

/** @type {import('../ui/table.js').Column<Line>[]} */
const COLUMNS = [
  {
    label: 'E-mail',
    kind: 'main',
    cell: ({ shown, made }) =>
      made ? html`<a href=${href(`users/${made.id}`)}>${shown}</a>` : html`<span>${shown}</span>`,
  },
  {
    label: 'Outcome',
    cell: ({ made, fault }) => {
      if (made) return html`<span class="good">Invited as ${made.role}</span>`;
      if (fault) return html`<span class="fault">${fault}</span>`;
      return html`<span class="faint">not sent yet</span>`;
    },
  },
  {
    label: 'Link',
    kind: 'end',
    cell: ({ shown, made }) =>
      made?.invite &&
      html`<${Copy} small text=${inviteLink(made.invite)} about=${shown}>Copy invite link<//>`,
  },
];
