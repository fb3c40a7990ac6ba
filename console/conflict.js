/**
 * Changes of a record that somebody else may have changed in the meantime. Whatever does not touch the same
 * fields goes through; where both have changed one, both values are shown and one is chosen.
 */

import { html, useState } from './vendor/preact.js';
import { ApiError } from './api.js';
import { Button, Dialog } from './ui.js';

/** @typedef {{ [name: string]: unknown }} Fields */
/** @typedef {{ field: string, mine: string, theirs: string }} Row */
/**
 * @template {object} T
 * @template {object} M
 * @typedef {object} Change
 * @property {T} base the record as it was when the change was begun
 * @property {M} mine the fields that are changed, by their names in the record
 * @property {() => Promise<T>} read
 * @property {(mine: M, now: T) => Promise<T>} write sends it with the version of `now`
 */

/**
 * @template {object} T
 * @typedef {object} Saved
 * @property {T} record as it is then
 * @property {boolean} isMine whether the change is in it; else what somebody else has saved was taken
 */

/**
 * @param {Record<string, string>} labels what to call fields
 * @returns {{ save: <T extends object, M extends object>(change: Change<T, M>) => Promise<Saved<T>>,
 *   dialog: import('./vendor/preact.js').ComponentChildren }}
 */
export function useConflict(labels) {
  const [asked, setAsked] = useState(
    /** @type {{ rows: Row[], choose: (keepsMine: boolean) => void } | undefined} */ (undefined),
  );
  /** @param {Row[]} rows @returns {Promise<boolean>} */
  const ask = (rows) =>
    new Promise((resolve) => {
      const choose = (/** @type {boolean} */ keepsMine) => {
        setAsked(undefined);
        resolve(keepsMine);
      };
      setAsked({ rows, choose });
    });
  /** @template {object} T @template {object} M @param {Change<T, M>} change @returns {Promise<Saved<T>>} */
  const save = async ({ base, mine, read, write }) => {
    for (let now = base; ;) {
      try {
        return { record: await write(mine, now), isMine: true };
      } catch (error) {
        if (!isOutdated(error)) throw error;
      }
      const before = now;
      now = await read();
      const rows = differences(fieldsOf(before), fieldsOf(mine), fieldsOf(now), labels);
      if (rows.length > 0 && !(await ask(rows))) return { record: now, isMine: false };
    }
  };
  return { save, dialog: asked && html`<${ConflictDialog} ...${asked} />` };
}

/** @param {unknown} error */
const isOutdated = (error) => error instanceof ApiError && error.code === 'version_mismatch';

/** @param {object} record @returns {Fields} */
const fieldsOf = (record) => ({ ...record });

/**
 * The fields that both have changed, to different values.
 * @param {Fields} before
 * @param {Fields} mine
 * @param {Fields} now
 * @param {Record<string, string>} labels
 * @returns {Row[]}
 */
function differences(before, mine, now, labels) {
  const isTouched = (/** @type {string} */ field) => shown(before[field]) !== shown(now[field]);
  const differs = (/** @type {string} */ field) => shown(mine[field]) !== shown(now[field]);
  const fields = Object.keys(mine).filter((field) => isTouched(field) && differs(field));
  return fields.map((field) => ({
    field: labels[field] ?? field,
    mine: shown(mine[field]),
    theirs: shown(now[field]),
  }));
}

/** @param {unknown} value */
function shown(value) {
  if (typeof value === 'object' && value !== null) return JSON.stringify(value, null, 2);
  return String(value ?? '');
}

/** @param {{ rows: Row[], choose: (keepsMine: boolean) => void }} props */
function ConflictDialog({ rows, choose }) {
  return html`<${Dialog}
    wide
    title="Somebody else has changed this, too"
    onClose=${() => choose(false)}
  >
    <p>Since you have opened it, it was saved with other values. Which are to stay?</p>
    ${rows.map(
      ({ field, mine, theirs }) =>
        html`<section key=${field} class="versions" aria-label=${field}>
          <h3>${field}</h3>
          <${Version} title="Yours" text=${mine} />
          <${Version} title="Saved by somebody else" text=${theirs} />
        </section>`,
    )}
    <div class="actions end">
      <${Button} onClick=${() => choose(false)}>Take the saved values<//>
      <${Button} primary onClick=${() => choose(true)}>Save mine over them<//>
    </div>
  <//>`;
}

/** @param {{ title: string, text: string }} props */
const Version = ({ title, text }) =>
  html`<div>
    <p class="hint">${title}</p>
    <pre class="note">${text || '(empty)'}</pre>
  </div>`;
