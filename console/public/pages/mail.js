/** Mail: whether emails leave, those that wait, and those that could not be delivered. */

import { html, useEffect, useRef, useState } from '../vendor/preact.js';
import { call } from '../api.js';
import { go, goInstead } from '../router.js';
import { texts } from '../texts.js';
import {
  Ago,
  Alert,
  Button,
  Confirm,
  Empty,
  Filter,
  Head,
  Name,
  Pager,
  Skeleton,
  Table,
  toast,
  useAction,
  useLoad,
} from '../ui.js';
import { Server } from './mail/server.js';

/** @typedef {import('../contract').Letter} Letter */
/** @typedef {import('../contract').Page<Letter>} Letters */
/** @typedef {import('../contract').Cursors} Cursors */

const states = () => [
  { value: '', label: texts.mail.undeliverable },
  { value: 'waiting', label: texts.mail.waiting },
];

/** @param {{ query: Cursors & { state?: Letter['state'] } }} props */
export default function Mail({ query }) {
  const { state, next, prev } = query;
  const [asks, setAsks] = useState(false);
  const { error: failure, press } = useAction();
  const { data, error, loading, reload } = useLoad(
    (signal) => call('mail/find', { ...(state && { state }) }, { query: { next, prev }, signal }),
    [state, next, prev],
  );
  // What comes of it is seen a little later.
  const tried = (/** @type {string} */ said) => {
    toast(said, { label: texts.mail.lookAgain, run: reload });
    reload();
  };
  const retry = (/** @type {Letter} */ letter) =>
    press(letter.id, async () => {
      await call('mail/retry', { id: letter.id });
      tried(texts.mail.again);
    });
  const left = useRef(new AbortController());
  useEffect(() => () => left.current.abort(), []);
  const again = async () => {
    const count = await retryAll(left.current.signal);
    tried(texts.mail.againCount(count));
  };
  const isUndeliverable = state !== 'waiting';
  const list = { page: data, isOld: loading, retry: isUndeliverable ? retry : undefined };
  const hasSome = isUndeliverable && data && data.data.length > 0;
  return html`
    <${Head} title=${texts.mail.title} />
    <${Server} onSent=${reload} />
    <div class="filters">
      <${Filter}
        label=${texts.mail.emails}
        value=${state}
        choices=${states()}
        onChange=${(/** @type {string} */ state) => goInstead('mail', { state })}
      />
    </div>
    <${Alert} error=${error ?? failure} />
    ${error && html`<${Button} onClick=${reload}>${texts.common.tryAgain}<//>`} ${!data && !error && html`<${Skeleton} plain />`}
    ${data && html`<${List} ...${list} onGo=${(/** @type {Cursors} */ at) => go('mail', { state, ...at })} />`}
    ${hasSome && html`<div class="actions"><${Button} onClick=${() => setAsks(true)}>${texts.mail.sendAllAgain}<//></div>`}
    ${
      asks &&
      html`<${Confirm}
        title=${texts.mail.sendAllTitle}
        action=${texts.mail.sendAllAgain}
        onConfirm=${again}
        onClose=${() => setAsks(false)}
      >
        <p>${texts.mail.sendAllText}</p>
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
 * @param {{ page: Letters, isOld: boolean, onGo: (cursor: Cursors) => void,
 *   retry?: (letter: Letter) => ReturnType<ReturnType<typeof useAction>['press']> }} props `retry` presses a button
 */
function List({ page, isOld, onGo, retry }) {
  if (page.data.length === 0 && !page.prev) {
    return retry
      ? html`<${Empty} title=${texts.mail.none}>
          ${texts.mail.noneHint}
        <//>`
      : html`<${Empty} title=${texts.mail.noneWaiting}>${texts.mail.noneWaitingHint}<//>`;
  }
  const retrying = {
    label: texts.common.actions,
    kind: 'end',
    cell: (/** @type {Letter} */ letter) =>
      html`<${Button} small ...${retry?.(letter)}>
        ${texts.common.sendAgain}<span class="unseen">${texts.mail.sendAgainTo(letter.to)}</span>
      <//>`,
  };
  const columns = retry ? [...common(), retrying] : [...common(), due()];
  return html`
    <${Table} label=${texts.mail.emails} columns=${columns} rows=${page.data} isOld=${isOld} />
    <${Pager} page=${page} isOld=${isOld} onGo=${onGo} />
  `;
}

/** @returns {import('../ui/table.js').Column<Letter>[]} */
const common = () => [
  {
    label: texts.mail.to,
    kind: 'main',
    cell: ({ to }) =>
      html`<strong class="breaks">${to ? html`<${Name} name=${to} />` : texts.mail.cannotRead}</strong>`,
  },
  {
    label: texts.mail.kind,
    kind: 'tag short',
    cell: ({ kind }) => (kind && texts.mail.kinds[kind]) ?? kind ?? '–',
  },
  {
    label: texts.mail.written,
    kind: 'tag',
    cell: ({ created }) => html`<${Ago} at=${created} />`,
  },
  { label: texts.mail.tries, cell: ({ attempts }) => attempts ?? '–' },
  {
    label: texts.mail.lastError,
    kind: 'reason',
    cell: ({ lastError }) => html`<${Name} name=${lastError} />`,
  },
];
/** @returns {import('../ui/table.js').Column<Letter>} */
const due = () => ({ label: texts.mail.nextTry, cell: ({ due }) => html`<${Ago} at=${due} />` });
