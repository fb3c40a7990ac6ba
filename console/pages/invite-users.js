/** Inviting one person or many: addresses are pasted, and each has its own outcome. */

import { html, useRef, useState } from '../vendor/preact.js';
import { addressesIn, writtenAddress } from '../addresses.js';
import { call, inviteLink } from '../api.js';
import { useOwn } from '../app.js';
import { Area, Choice, Form, Submit, Text, useForm } from '../forms.js';
import { faultAt } from '../object-field.js';
import { grantable } from '../permissions.js';
import { href } from '../router.js';
import { Button, Copy, Head, Section, Table, asApiError, sentence } from '../ui.js';

/** @typedef {import('../contract').Role} Role */
/** @typedef {import('../contract').User} User */
/** @typedef {import('../addresses.js').Address} Address */
/** Unreachable, signed out, too many: it would be the same with all that follow. */
const REFUSED_TO_ALL = [0, 401, 429];

/** @typedef {Address & { id: string, user?: User, error?: import('../api.js').ApiError }} Line */

export default function InviteUsers() {
  const { me } = useOwn();
  const [lines, setLines] = useState(/** @type {Line[]} */ ([]));
  const stopped = useRef(false);
  const blank = { addresses: '', role: /** @type {Role} */ ('user'), language: '' };
  const form = useForm(blank, async (values) => {
    stopped.current = false;
    const { addresses, role, language } = values;
    const fresh = addressesIn(addresses).map((address) => ({ ...address, id: address.email }));
    if (fresh.length === 0) throw faultAt('addresses', 'Put in at least one e-mail address.');
    const done = await invite(fresh, { role, language }, setLines, stopped);
    const left = done.filter(({ user }) => !user);
    form.reset({ ...values, addresses: left.map(writtenAddress).join('\n') });
  });
  const count = addressesIn(form.values.addresses).length;
  const roles = grantable(me.role).map((role) => ({ value: role, label: role }));
  return html`
    <${Head} title="Invite"><a class="button" href="#/users">All users</a><//>
    <${Section} title="Who is to come in">
      <${Form} form=${form}>
        <${Area}
          form=${form}
          name="addresses"
          label="E-mail addresses"
          required
          rows=${5}
          placeholder=${'ada@example.com\nGrace Hopper <grace@example.com>'}
          hint="One or many, as they come out of a letter or a sheet; names before <…> are taken along."
        />
        <div class="pair">
          <${Choice} form=${form} name="role" label="Role" required choices=${roles} />
          <${Text} form=${form} name="language" label="Language" hint="Of the letter, such as en or de." />
        </div>
        <${Submit} form=${form}>${count > 1 ? `Invite ${count} people` : 'Invite'}<//>
      <//>
    <//>
    ${
      lines.length > 0 &&
      html`<${Outcome} lines=${lines} busy=${form.busy} onStop=${() => (stopped.current = true)} />`
    }
  `;
}

/**
 * One after the other, so that it can be stopped, and each outcome is seen at once. Gives all outcomes.
 * @param {Line[]} waiting
 * @param {{ role: Role, language: string }} fields
 * @param {(lines: Line[]) => void} show
 * @param {{ current: boolean }} stopped
 */
async function invite(waiting, { role, language }, show, stopped) {
  let lines = waiting;
  show(lines);
  for (const line of waiting) {
    if (stopped.current) break;
    const done = await inviteOne(line, { role, ...(language && { language }) });
    lines = lines.map((one) => (one.id === line.id ? done : one));
    show(lines);
    if (done.error && REFUSED_TO_ALL.includes(done.error.status)) break;
  }
  return lines;
}

/** @param {Line} line @param {{ role: Role, language?: string }} fields @returns {Promise<Line>} */
async function inviteOne({ id, email, first, last }, fields) {
  const names = { ...(first && { first }), ...(last && { last }) };
  try {
    const user = await call('user/create', { email, ...names, ...fields, sendInvite: true });
    return { id, email, first, last, user };
  } catch (error) {
    return { id, email, first, last, error: asApiError(error) };
  }
}

/** @param {{ lines: Line[], busy: boolean, onStop: () => void }} props */
function Outcome({ lines, busy, onStop }) {
  const invited = lines.filter(({ user }) => user).length;
  const failed = lines.filter(({ error }) => error).length;
  const links = lines.flatMap(({ email, user }) =>
    user?.invite ? [`${email}\t${inviteLink(user.invite)}`] : [],
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
    cell: ({ email, user }) =>
      user ? html`<a href=${href(`users/${user.id}`)}>${email}</a>` : html`<span>${email}</span>`,
  },
  {
    label: 'Outcome',
    cell: ({ user, error }) => {
      if (user) return html`<span class="good">Invited as ${user.role}</span>`;
      if (error) return html`<span class="fault">${reason(error)}</span>`;
      return html`<span class="faint">not sent yet</span>`;
    },
  },
  {
    label: 'Link',
    kind: 'end',
    cell: ({ email, user }) =>
      user?.invite &&
      html`<${Copy} small text=${inviteLink(user.invite)} about=${email}>Copy invite link<//>`,
  },
];

/** @param {import('../api.js').ApiError} error */
const reason = (error) =>
  error.errors.map(({ detail }) => sentence(detail)).join(' ') || error.detail;
