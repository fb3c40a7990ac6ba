/** Where a user is signed in. */

import { html, useState } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { useOwn } from '../../own.js';
import { deviceIn } from '../../device.js';
import { texts } from '../../texts.js';
import {
  Ago,
  Alert,
  Badge,
  Button,
  Confirm,
  Empty,
  Name,
  Pager,
  Skeleton,
  Table,
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
  const { error: failure, press } = useAction();
  const { id } = user;
  const isSelf = id === me.id;
  const read = (/** @type {AbortSignal} */ signal) =>
    call('session/find', { id }, { query: cursor, signal });
  const { data, error, loading, reload } = useLoad(read, [id, cursor]);
  if (error)
    return html`<${Alert} error=${error} /><${Button} onClick=${reload}>${texts.common.tryAgain}<//>`;
  if (!data) return html`<${Skeleton} plain rows=${3} />`;
  if (data.data.length === 0) {
    return html`<${Empty} title=${texts.sessions.none}>
      ${isSelf ? texts.sessions.noneOwnHint : texts.sessions.noneHint}
    <//>`;
  }
  const end =
    (/** @type {Session} */ { id: session }) =>
    async () => {
      await call('session/remove', { id, session });
      toast(texts.sessions.ended);
      reload();
    };
  const endAll = async () => {
    const { ended } = await call('session/remove', { id, others: true });
    toast(texts.sessions.endedCount(ended));
    reload();
  };
  const ending = {
    label: texts.common.actions,
    kind: 'end',
    cell: (/** @type {Session} */ session) =>
      session.current
        ? html`<${Badge} kind="session" />`
        : html`<${Button} small ...${press(session.id, end(session))}>${texts.sessions.endSession}<//>`,
  };
  const all = isSelf ? texts.sessions.endOthers : texts.sessions.endAll;
  const shown = isSelf ? [...common(), until()] : common();
  const columns = mayChange ? [...shown, ending] : shown;
  return html`
    <${Alert} error=${failure} />
    <${Table} label=${texts.user.sessions} columns=${columns} rows=${data.data} isOld=${loading} />
    <${Pager} page=${data} onGo=${setCursor} />
    ${mayChange && html`<div class="actions"><${Button} danger onClick=${() => setAsks(true)}>${all}<//></div>`}
    ${
      asks &&
      html`<${Confirm}
        title=${all}
        action=${texts.sessions.endSessions}
        danger
        onConfirm=${endAll}
        onClose=${() => setAsks(false)}
      >
        <p>${isSelf ? texts.sessions.endOthersText : texts.sessions.endAllText}</p>
      <//>`
    }
  `;
}

/** @returns {import('../../ui/table.js').Column<Session>[]} */
const common = () => [
  {
    label: texts.sessions.device,
    kind: 'main',
    cell: ({ agent }) =>
      html`<span class="breaks" title=${agent}>${agent ? html`<${Name} name=${deviceIn(agent)} />` : texts.sessions.unknown}</span>`,
  },
  { label: texts.common.address, kind: 'short', cell: ({ address }) => address ?? '–' },
  { label: texts.sessions.since, cell: ({ created }) => html`<${Ago} at=${created} />` },
  { label: texts.common.lastUsed, cell: ({ used }) => html`<${Ago} at=${used} />` },
];

/** @returns {import('../../ui/table.js').Column<Session>} */
const until = () => ({
  label: texts.sessions.until,
  kind: 'wide',
  cell: ({ expires }) => html`<${Ago} at=${expires} />`,
});
