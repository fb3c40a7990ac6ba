/** What was done to a user, by whom. */

import { html, useState } from '../../vendor/preact.js';
import { Actor } from '../../actor.js';
import { call } from '../../api.js';
import { useOwn } from '../../own.js';
import { Alert, Busy, Button, Empty, Pager, Table, Time, useLoad } from '../../ui.js';
import { scopeOf } from '../account/inside.js';

/** @typedef {import('../user.js').Props} Props */
/** @typedef {import('../../contract').AuditEntry} AuditEntry */

/** @param {Props} props */
export function History({ user, account }) {
  const { account: own } = useOwn();
  const scope = scopeOf(account.id === own.id ? undefined : account.id);
  const [cursor, setCursor] = useState({});
  const read = (/** @type {AbortSignal} */ signal) =>
    call('audit/find', { ...scope, userId: user.id }, { query: cursor, signal });
  const { data, error, loading, reload } = useLoad(read, [user.id, user.version, cursor]);
  if (error) return html`<${Alert} error=${error} /><${Button} onClick=${reload}>Try again<//>`;
  if (!data) return html`<${Busy} />`;
  if (data.data.length === 0) {
    return html`<${Empty} title="No entries">Whatever is changed from now on is listed here.<//>`;
  }
  return html`
    <${Table} label="History" columns=${COLUMNS} rows=${data.data} isOld=${loading} />
    <${Pager} page=${data} onGo=${setCursor} />
  `;
}

/** @type {import('../../ui/table.js').Column<AuditEntry>[]} */
const COLUMNS = [
  { label: 'Action', kind: 'main', cell: ({ action }) => html`<strong>${action}</strong>` },
  { label: 'When', cell: ({ at }) => html`<${Time} at=${at} />` },
  { label: 'By', cell: ({ actor }) => html`<${Actor} actor=${actor} />` },
  { label: 'Changed', cell: ({ changed }) => changed?.join(', ') || '–' },
  { label: 'Address', kind: 'wide', cell: ({ address }) => address ?? '–' },
];
