/** A search through all users, one by one: what it has found so far, and how it goes on. */

import { html, useEffect, useState } from '../../vendor/preact.js';
import { texts } from '../../texts.js';
import { Alert, Button, Empty, useAction } from '../../ui.js';
import { lookThrough } from './read.js';

/** @typedef {import('../users.js').ListProps} ListProps */
/** @typedef {import('./read.js').Shown} Shown */

/** @param {ListProps & { list: import('preact').FunctionComponent<ListProps> }} props */
export function LookThrough({ list, ...props }) {
  const { id, query, shown, onShow } = props;
  const [more, setMore] = useState(/** @type {Shown | undefined} */ (undefined));
  const { busy, error, run } = useAction();
  // What was read anew begins anew.
  useEffect(() => setMore(undefined), [shown]);
  const all = more ?? shown;
  const { scanned = 0, next } = all;
  const goOn = async () => {
    const found = await lookThrough(query, new AbortController().signal, id, next);
    const data = [...all.data, ...found.data];
    setMore({ ...found, data, scanned: scanned + (found.scanned ?? 0) });
  };
  const stop = () => onShow({ search: '' });
  return html`
    ${all.data.length > 0 && html`<${list} ...${props} shown=${all} />`}
    ${!next && all.data.length === 0 && html`<${Empty} title=${texts.common.noUsersMatch}>${texts.users.scannedAll(scanned)}<//>`}
    <${Alert} error=${error} />
    <div class="pager" role="status">
      <span class="faint">
        ${next ? texts.users.scanned(all.data.length, scanned) : texts.users.found(all.data.length)}
      </span>
      <div class="actions">
        ${next && html`<${Button} small primary busy=${busy} onClick=${() => run(goOn)}>${texts.users.searchOn}<//>`}
        <${Button} small onClick=${stop}>${texts.users.endSearch}<//>
      </div>
    </div>
  `;
}
