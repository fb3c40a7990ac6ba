/** Tables, which become cards where the window is narrow, and the way from one page to the next. */

import { html } from '../vendor/preact.js';
import { texts } from '../texts.js';
import { Button } from './parts.js';

/**
 * @template T
 * @typedef {object} Column
 * @property {string} label
 * @property {(row: T) => import('../vendor/preact.js').ComponentChildren} cell
 * @property {string} [kind] classes: `main` for what a card begins with, `tag` for what needs no label
 *   there, `wide` for what narrow windows leave out, `end` for what can be done, `short` for what is not
 *   broken, `named` and `address` for what takes some room
 */

/**
 * Roles are named because the look of cards takes them away.
 * @template {{ id: string }} T
 * @param {{ label: string, columns: Column<T>[], rows: T[], isOld?: boolean }} props
 */
export function Table({ label, columns, rows, isOld }) {
  const heads = columns.map(
    ({ label, kind }) =>
      html`<th key=${label} role="columnheader" scope="col" class=${kind}>${label}</th>`,
  );
  const cells = (/** @type {T} */ row) =>
    columns.map(
      ({ label, kind, cell }) =>
        html`<td key=${label} role="cell" class=${kind} data-label=${label}>${cell(row)}</td>`,
    );
  return html`<table class="cards" role="table" aria-label=${label} aria-busy=${isOld ?? false}>
    <thead role="rowgroup"><tr role="row">${heads}</tr></thead>
    <tbody role="rowgroup">
      ${rows.map((row) => html`<tr role="row" key=${row.id}>${cells(row)}</tr>`)}
    </tbody>
  </table>`;
}

/**
 * The ways to the pages before and after.
 * @param {{ page: { next?: string, prev?: string }, onGo: (cursor: { next?: string, prev?: string }) => void }} props
 */
export function Pager({ page, onGo }) {
  if (!page.next && !page.prev) return null;
  return html`<nav class="pager" aria-label=${texts.ui.pages}>
    <${Button} disabled=${!page.prev} onClick=${() => onGo({ prev: page.prev })}>${texts.ui.previous}<//>
    <${Button} disabled=${!page.next} onClick=${() => onGo({ next: page.next })}>${texts.ui.next}<//>
  </nav>`;
}
