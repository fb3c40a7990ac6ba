/** What a user owns elsewhere, and so cannot be removed for. */

import { html, useState } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { texts } from '../../texts.js';
import {
  Ago,
  Alert,
  Button,
  Confirm,
  Copyable,
  Empty,
  Name,
  Pager,
  Skeleton,
  Table,
  toast,
  useLoad,
} from '../../ui.js';

/** @typedef {import('../user.js').Props} Props */
/** @typedef {import('../../contract').Hold} Hold */

/** @param {Props} props */
export function Holds({ user, mayChange, reload: reloadUser }) {
  const [cursor, setCursor] = useState({});
  const [released, setReleased] = useState(/** @type {Hold | undefined} */ (undefined));
  const { id } = user;
  const read = (/** @type {AbortSignal} */ signal) =>
    call('hold/find', { id }, { query: cursor, signal });
  const { data, error, loading, reload } = useLoad(read, [id, cursor]);
  if (error)
    return html`<${Alert} error=${error} /><${Button} onClick=${reload}>${texts.common.tryAgain}<//>`;
  if (!data) return html`<${Skeleton} plain rows=${2} />`;
  if (data.data.length === 0) {
    return html`<${Empty} title=${texts.holds.none}>
      ${texts.holds.noneHint}
    <//>`;
  }
  const release = async (/** @type {Hold} */ hold) => {
    await call('hold/release', { id, hold: hold.id });
    toast(texts.holds.released);
    reload();
    reloadUser();
  };
  const releasing = {
    label: texts.common.actions,
    kind: 'end',
    cell: (/** @type {Hold} */ hold) =>
      html`<${Button} small onClick=${() => setReleased(hold)}>${texts.holds.release}<//>`,
  };
  const columns = mayChange ? [...common(), releasing] : common();
  return html`
    <${Table} label=${texts.user.holds} columns=${columns} rows=${data.data} isOld=${loading} />
    <${Pager} page=${data} onGo=${setCursor} />
    ${
      released &&
      html`<${Confirm}
        title=${texts.holds.releaseTitle}
        action=${texts.holds.releaseHold}
        danger
        onConfirm=${() => release(released)}
        onClose=${() => setReleased(undefined)}
      >
        <p>
          ${texts.holds.releaseText(html`<${Name} name=${released.kind} /> <code><${Name} name=${released.ref} /></code>`)}
        </p>
      <//>`
    }
  `;
}

/** @returns {import('../../ui/table.js').Column<Hold>[]} */
const common = () => [
  { label: texts.holds.kind, kind: 'main', cell: ({ kind }) => html`<${Name} name=${kind} />` },
  {
    label: texts.holds.reference,
    cell: ({ ref }) => html`<${Copyable} text=${ref} label=${texts.holds.copyReference} />`,
  },
  {
    label: texts.holds.data,
    cell: ({ data }) => data && html`<code><${Name} name=${JSON.stringify(data)} /></code>`,
  },
  { label: texts.holds.placed, cell: ({ created }) => html`<${Ago} at=${created} />` },
];
