/** What was done to a user, by whom. */

import { html, useState } from '../../vendor/preact.js';
import { Actor } from '../../actor.js';
import { call } from '../../api.js';
import { useOwn } from '../../own.js';
import { texts } from '../../texts.js';
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
  if (error)
    return html`<${Alert} error=${error} /><${Button} onClick=${reload}>${texts.common.tryAgain}<//>`;
  if (!data) return html`<${Busy} />`;
  if (data.data.length === 0) {
    return html`<${Empty} title=${texts.common.noEntries}>${texts.history.noneHint}<//>`;
  }
  return html`
    <${Table} label=${texts.user.history} columns=${columns()} rows=${data.data} isOld=${loading} />
    <${Pager} page=${data} onGo=${setCursor} />
  `;
}

/** @returns {import('../../ui/table.js').Column<AuditEntry>[]} */
const columns = () => [
  {
    label: texts.history.action,
    kind: 'main',
    cell: ({ action }) => html`<strong>${action}</strong>`,
  },
  { label: texts.history.when, cell: ({ at }) => html`<${Time} at=${at} />` },
  { label: texts.history.by, cell: ({ actor }) => html`<${Actor} actor=${actor} />` },
  { label: texts.common.changed, cell: ({ changed }) => changed?.join(', ') || '–' },
  { label: texts.common.address, kind: 'wide', cell: ({ address }) => address ?? '–' },
];
