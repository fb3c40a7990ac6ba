/** What was done to a user, by whom. */

import { html, useState } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { useOwn } from '../../own.js';
import { texts } from '../../texts.js';
import { Alert, Button, Empty, Pager, Skeleton, useLoad } from '../../ui.js';
import { scopeOf } from '../account/inside.js';
import { Trail } from '../audit/trail.js';

/** @typedef {import('../user.js').Props} Props */

/** @param {Props} props */
export function History({ user, account }) {
  const { account: own } = useOwn();
  const scope = scopeOf(account.id === own.id ? undefined : account.id);
  const [cursor, setCursor] = useState({});
  const read = (/** @type {AbortSignal} */ signal) =>
    call(
      'audit/find',
      { ...scope, userId: user.id },
      { query: { ...cursor, names: true }, signal },
    );
  const { data, error, loading, reload } = useLoad(read, [user.id, user.version, cursor]);
  if (error)
    return html`<${Alert} error=${error} /><${Button} onClick=${reload}>${texts.common.tryAgain}<//>`;
  if (!data) return html`<${Skeleton} plain />`;
  if (data.data.length === 0) {
    return html`<${Empty} title=${texts.common.noEntries}>${texts.history.noneHint}<//>`;
  }
  return html`
    <${Trail} page=${data} isOld=${loading} label=${texts.user.history} />
    <${Pager} page=${data} onGo=${setCursor} />
  `;
}
