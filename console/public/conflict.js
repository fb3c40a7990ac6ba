/**
 * Changes of a record that somebody else may have changed in the meantime. Whatever does not touch the same
 * fields goes through; where both have changed one, both values are shown and one is chosen.
 */

import { html, useState } from './vendor/preact.js';
import { ApiError } from './api.js';
import { texts } from './texts.js';
import { Button, Dialog } from './ui.js';

/** @typedef {{ [name: string]: unknown }} Fields */
/** @typedef {{ field: string, label: string, mine: string, theirs: string }} Row */
/**
 * @template {object} T
 * @template {object} M
 * @typedef {object} Change
 * @property {T} base the record as it was when the change was begun
 * @property {M} mine the fields that are changed, by their names in the record
 * @property {() => Promise<T>} read
 * @property {(mine: M, now: T) => Promise<T>} write sends it, or some fields of it, with the version of `now`
 */

/**
 * @template {object} T
 * @typedef {object} Saved
 * @property {T} record as it is then
 * @property {'all' | 'some' | 'none'} mine what of the change is in it; for the rest, what somebody else has saved
 *   was taken
 */
/** Whose values stay; nobody's, if one would rather go on typing. @typedef {'mine' | 'theirs' | undefined} Choice */

/**
 * @param {Record<string, string>} labels what to call fields
 * @returns {{ save: <T extends object, M extends object>(change: Change<T, M>) => Promise<Saved<T> | undefined>,
 *   dialog: import('./vendor/preact.js').ComponentChildren }} `save` gives nothing if one has gone back to the form
 */
export function useConflict(labels) {
  const [asked, setAsked] = useState(
    /** @type {{ rows: Row[], choose: (choice: Choice) => void } | undefined} */ (undefined),
  );
  /** @param {Row[]} rows @returns {Promise<Choice>} */
  const ask = (rows) =>
    new Promise((resolve) => {
      const choose = (/** @type {Choice} */ choice) => {
        setAsked(undefined);
        resolve(choice);
      };
      setAsked({ rows, choose });
    });
  /** @template {object} T @template {object} M @param {Change<T, M>} change @returns {Promise<Saved<T> | undefined>} */
  const save = async ({ base, mine, read, write }) => {
    let rest = mine;
    for (let now = base; ;) {
      try {
        return { record: await write(rest, now), mine: rest === mine ? 'all' : 'some' };
      } catch (error) {
        if (!isOutdated(error)) throw error;
      }
      const before = now;
      now = await read();
      const rows = differences(fieldsOf(before), fieldsOf(rest), fieldsOf(now), labels);
      const choice = rows.length > 0 ? await ask(rows) : 'mine';
      if (!choice) return undefined;
      if (choice === 'theirs') rest = without(rest, rows);
      if (Object.keys(rest).length === 0) return { record: now, mine: 'none' };
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
    field,
    label: labels[field] ?? field,
    mine: shown(mine[field]),
    theirs: shown(now[field]),
  }));
}

/** The change without the fields that both have changed. @template {object} M @param {M} mine @param {Row[]} rows */
function without(mine, rows) {
  const kept = Object.entries(mine).filter(([name]) => rows.every(({ field }) => field !== name));
  return /** @type {M} */ (Object.fromEntries(kept));
}

/** @param {unknown} value */
function shown(value) {
  if (typeof value === 'object' && value !== null) return JSON.stringify(value, null, 2);
  return String(value ?? '');
}

/** @param {{ rows: Row[], choose: (choice: Choice) => void }} props */
function ConflictDialog({ rows, choose }) {
  return html`<${Dialog}
    kind="wide"
    title=${texts.conflict.title}
    onClose=${() => choose(undefined)}
  >
    <p>${texts.conflict.text}</p>
    ${rows.map(
      ({ field, label, mine, theirs }) =>
        html`<section key=${field} class="versions" aria-label=${label}>
          <h3>${label}</h3>
          <${Version} title=${texts.conflict.mine} text=${mine} />
          <${Version} title=${texts.conflict.theirs} text=${theirs} />
        </section>`,
    )}
    <div class="actions end">
      <${Button} onClick=${() => choose(undefined)}>${texts.common.cancel}<//>
      <${Button} onClick=${() => choose('theirs')}>${texts.conflict.keepTheirs}<//>
      <${Button} primary onClick=${() => choose('mine')}>${texts.conflict.saveMine}<//>
    </div>
  <//>`;
}

/** @param {{ title: string, text: string }} props */
const Version = ({ title, text }) =>
  html`<div>
    <p class="hint">${title}</p>
    <pre class="note">${text || texts.conflict.empty}</pre>
  </div>`;
