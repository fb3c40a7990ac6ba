/** Where a user is signed in. */

import { html, useState } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { useOwn } from '../../own.js';
import { deviceIn } from '../../device.js';
import {
  Ago,
  Alert,
  Badge,
  Busy,
  Button,
  Confirm,
  Empty,
  Pager,
  Table,
  Time,
  toast,
  useAction,
  useLoad,
} from '../../ui.js';

/** @typedef {import('../user.js').Props} Props */
/** @typedef {import('../../contract').Session} Session */

/** @param {Props} props */
export function Sessions({ user, mayChange }) {
  const { me } = useOwn();
  const [cursor, setCursor] = useState({});
  const [asks, setAsks] = useState(false);
  const { busy, error: failure, run } = useAction();
  const { id } = user;
  const isSelf = id === me.id;
  const read = (/** @type {AbortSignal} */ signal) =>
    call('session/find', { id }, { query: cursor, signal });
  const { data, error, loading, reload } = useLoad(read, [id, cursor]);
  if (error) return html`<${Alert} error=${error} /><${Button} onClick=${reload}>Try again<//>`;
  if (!data) return html`<${Busy} />`;
  if (data.data.length === 0) {
    return html`<${Empty} title="No active sessions">
      ${
        isSelf
          ? 'Every device on which you sign in with a password is listed here.'
          : 'Every device on which this user has entered this account is listed here.'
      }
    <//>`;
  }
  const end =
    (/** @type {Session} */ { id: session }) =>
    async () => {
      await call('session/remove', { id, session });
      toast('You have ended the session.');
      reload();
    };
  const endAll = async () => {
    const { ended } = await call('session/remove', { id, others: true });
    toast(ended === 1 ? 'A session has ended.' : `${ended} sessions have ended.`);
    reload();
  };
  const ending = {
    label: 'Actions',
    kind: 'end',
    cell: (/** @type {Session} */ session) =>
      session.current
        ? html`<${Badge} kind="this one" />`
        : html`<${Button} small busy=${busy} onClick=${() => run(end(session))}>End session<//>`,
  };
  const all = isSelf ? 'End all other sessions' : 'End all sessions';
  const shown = isSelf ? [...COLUMNS, UNTIL] : COLUMNS;
  const columns = mayChange ? [...shown, ending] : shown;
  return html`
    <${Alert} error=${failure} />
    <${Table} label="Sessions" columns=${columns} rows=${data.data} isOld=${loading} />
    <${Pager} page=${data} onGo=${setCursor} />
    ${mayChange && html`<div class="actions"><${Button} danger onClick=${() => setAsks(true)}>${all}<//></div>`}
    ${
      asks &&
      html`<${Confirm}
        title=${`${all}?`}
        action="End sessions"
        danger
        onConfirm=${endAll}
        onClose=${() => setAsks(false)}
      >
        <p>
          ${
            isSelf
              ? 'You are signed out everywhere but here.'
              : 'This user is signed out of this account on every device, and has to sign in again.'
          }
        </p>
      <//>`
    }
  `;
}

/** @type {import('../../ui/table.js').Column<Session>[]} */
const COLUMNS = [
  {
    label: 'Device',
    kind: 'main',
    cell: ({ agent = 'unknown' }) =>
      html`<span class="breaks" title=${agent}>${deviceIn(agent)}</span>`,
  },
  { label: 'Address', kind: 'short', cell: ({ address }) => address ?? '–' },
  { label: 'Since', cell: ({ created }) => html`<${Time} at=${created} />` },
  { label: 'Last used', cell: ({ used }) => html`<${Ago} at=${used} />` },
];

/** @type {import('../../ui/table.js').Column<Session>} */
const UNTIL = {
  label: 'Until',
  kind: 'wide',
  cell: ({ expires }) => html`<${Time} at=${expires} dateOnly />`,
};
