/** The outbox: emails that wait, and those that could not be delivered. */

import { html, useEffect, useRef, useState } from '../vendor/preact.js';
import { call } from '../api.js';
import { goInstead } from '../router.js';
import {
  Alert,
  Busy,
  Button,
  Confirm,
  Empty,
  Filter,
  Head,
  Pager,
  Table,
  Time,
  toast,
  useAction,
  useLoad,
} from '../ui.js';

/** @typedef {import('../contract').Letter} Letter */
/** @typedef {import('../contract').Page<Letter>} Letters */
/** @typedef {import('../contract').Cursors} Cursors */

const STATES = [
  { value: '', label: 'Undeliverable' },
  { value: 'waiting', label: 'Waiting' },
];

/** @param {{ query: Cursors & { state?: Letter['state'] } }} props */
export default function Mail({ query }) {
  const { state, next, prev } = query;
  const [asks, setAsks] = useState(false);
  const { busy, error: failure, run } = useAction();
  const { data, error, loading, reload } = useLoad(
    (signal) => call('mail/find', { ...(state && { state }) }, { query: { next, prev }, signal }),
    [state, next, prev],
  );
  // What comes of it is seen a little later.
  const tried = (/** @type {string} */ said) => {
    toast(said, { label: 'Look again', run: reload });
    reload();
  };
  const retry = (/** @type {Letter} */ letter) =>
    run(async () => {
      await call('mail/retry', { id: letter.id });
      tried('The email is on its way again.');
    });
  const left = useRef(new AbortController());
  useEffect(() => () => left.current.abort(), []);
  const again = async () => {
    const count = await retryAll(left.current.signal);
    tried(
      count === 1 ? 'An email is on its way again.' : `${count} emails are on their way again.`,
    );
  };
  const isUndeliverable = state !== 'waiting';
  const onRetry = isUndeliverable ? retry : undefined;
  const list = { page: data, isOld: loading, busy, onRetry };
  const hasSome = isUndeliverable && data && data.data.length > 0;
  return html`
    <${Head} title="Mail" />
    <div class="filters single">
      <${Filter}
        label="Emails"
        value=${state}
        choices=${STATES}
        onChange=${(/** @type {string} */ state) => goInstead('mail', { state })}
      />
    </div>
    <${Alert} error=${error ?? failure} />
    ${error && html`<${Button} onClick=${reload}>Try again<//>`} ${!data && !error && html`<${Busy} />`}
    ${data && html`<${List} ...${list} onGo=${(/** @type {Cursors} */ at) => goInstead('mail', { state, ...at })} />`}
    ${hasSome && html`<div class="actions"><${Button} onClick=${() => setAsks(true)}>Send all again<//></div>`}
    ${
      asks &&
      html`<${Confirm}
        title="Send all undeliverable emails again?"
        action="Send all again"
        onConfirm=${again}
        onClose=${() => setAsks(false)}
      >
        <p>Each is tried at once, as if it were new. Do this once the cause is fixed.</p>
      <//>`
    }
  `;
}

/**
 * Has each letter sent again once, though it may be refused and be undeliverable again meanwhile. Gives how
 * many are on their way.
 * @param {AbortSignal} signal
 */
async function retryAll(signal) {
  /** @type {string | undefined} */
  let after;
  let count = 0;
  while (!signal.aborted) {
    const { data, more } = await call('mail/retry', { after });
    count += data.length;
    if (!more) break;
    after = data.at(-1)?.id;
  }
  return count;
}

/**
 * @param {{ page: Letters, isOld: boolean, busy: boolean, onGo: (cursor: Cursors) => void,
 *   onRetry?: (letter: Letter) => void }} props
 */
function List({ page, isOld, busy, onGo, onRetry }) {
  if (page.data.length === 0 && !page.prev) {
    return onRetry
      ? html`<${Empty} title="No undeliverable emails">
          Emails that cannot be delivered stay here for 30 days, with the reason.
        <//>`
      : html`<${Empty} title="No emails waiting">Emails wait here while the mail server is away.<//>`;
  }
  const retrying = {
    label: 'Actions',
    kind: 'end',
    cell: (/** @type {Letter} */ letter) =>
      html`<${Button} small busy=${busy} onClick=${() => onRetry?.(letter)}>
        Send again<span class="unseen"> to ${letter.to}</span>
      <//>`,
  };
  const columns = onRetry ? [...COLUMNS, retrying] : [...COLUMNS, DUE];
  return html`
    <${Table} label="Emails" columns=${columns} rows=${page.data} isOld=${isOld} />
    <${Pager} page=${page} onGo=${onGo} />
  `;
}

/** @type {import('../ui/table.js').Column<Letter>[]} */
const COLUMNS = [
  {
    label: 'To',
    kind: 'main address',
    cell: ({ to }) => html`<strong class="breaks">${to ?? 'cannot be read'}</strong>`,
  },
  { label: 'Kind', kind: 'tag short', cell: ({ kind }) => kind?.replaceAll('_', ' ') ?? '–' },
  { label: 'Written', kind: 'tag', cell: ({ created }) => html`<${Time} at=${created} />` },
  { label: 'Tries', cell: ({ attempts }) => attempts ?? '–' },
  { label: 'Last error', cell: ({ lastError }) => lastError },
];
/** @type {import('../ui/table.js').Column<Letter>} */
const DUE = { label: 'Next try', cell: ({ due }) => html`<${Time} at=${due} />` };
