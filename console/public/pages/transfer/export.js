/** All users of the account, saved as a file: one JSON object a line (NDJSON). */

import { html, useEffect, useRef, useState } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { ndjsonLine, saveFile } from '../../save-file.js';
import { texts } from '../../texts.js';
import { Alert, Button, Section, toast, useAction } from '../../ui.js';

/** @typedef {import('../../contract').User} User */

const ROWS = 100;

export function Export() {
  const [count, setCount] = useState(0);
  const { busy, error, run } = useAction();
  const stop = useRef(/** @type {AbortController | undefined} */ (undefined));
  useEffect(() => () => stop.current?.abort(), []);
  const save = async () => {
    stop.current = new AbortController();
    const { signal } = stop.current;
    const lines = await readAll(signal, setCount);
    if (signal.aborted) return;
    saveFile(`users-${new Date().toISOString().slice(0, 10)}.ndjson`, lines);
    toast(texts.transfer.exported(lines.length));
  };
  return html`<${Section}
    title=${texts.transfer.export}
    text=${texts.transfer.allHint}
  >
    <${Alert} error=${error} />
    <div class="actions">
      <${Button} busy=${busy} onClick=${() => run(save)}>${texts.transfer.exportAll}<//>
      ${busy && html`<${Button} onClick=${() => stop.current?.abort()}>${texts.common.stop}<//>`}
    </div>
    ${busy && html`<p role="status">${texts.transfer.soFar(count)}</p>`}
  <//>`;
}

/**
 * @param {AbortSignal} signal
 * @param {(count: number) => void} tell
 * @returns {Promise<string[]>} what was read until it was stopped
 */
async function readAll(signal, tell) {
  /** @type {string[]} */
  const lines = [];
  tell(0);
  for (let next = ''; !signal.aborted;) {
    /** @type {import('../../contract').Page<User>} */
    const page = await call('user/find', {}, { query: { limit: ROWS, next } });
    lines.push(...page.data.map(lineOf));
    tell(lines.length);
    if (!page.next) break;
    next = page.next;
  }
  return lines;
}

/** With the code of an open invitation anybody could join, so codes are not put into files. @param {User} user */
const lineOf = ({ invite: _, ...user }) => ndjsonLine(user);
