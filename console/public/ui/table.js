/**
 * Tables, which become cards where the window is narrow: rows that can be sorted and selected, what is done with those
 * that are, and the way from one page to the next.
 *
 *     const selection = useSelection(page.data);
 *     html`<${Table} label=… columns=${columns} rows=${page.data} selection=${selection} nameOf=${fullName}
 *       sort=${{ by: 'email', descending: false }} onSort=${…} />
 *       <${BulkBar} selection=${selection}><${Button} onClick=${…}>Remove<//><//>`
 */

import { html, useEffect, useRef, useState } from '../vendor/preact.js';
import { texts } from '../texts.js';
import { Button } from './parts.js';

/** @import { ComponentChildren as Children } from '../vendor/preact.js' */
/**
 * @template T
 * @typedef {object} Column
 * @property {string} label
 * @property {(row: T) => Children} cell
 * @property {string} [kind] classes: `main` for what a card begins with, `tag` for what needs no label
 *   there, `wide` for what narrow windows leave out, `less` for what gives way to two buttons, `least` only where
 *   names have no room else, `end` for what can be done, `short` for what is not broken, `named`, `address` and `reason` for what takes some room
 * @property {string} [sort] what it is sorted by, if it can be
 */
/** @typedef {import('../contract').Cursors} Cursors */
/** @typedef {{ by: string, descending: boolean }} Sort */
/**
 * Which rows are selected. They stay so on other pages, until others are shown.
 * @typedef {object} Selection
 * @property {ReadonlySet<string>} ids
 * @property {boolean} isAll whether all rows of this page are
 * @property {(id: string, isSelected: boolean) => void} set
 * @property {(isSelected: boolean) => void} setAll all rows of this page
 * @property {() => void} clear
 */

/**
 * @param {readonly { id: string }[]} rows those of this page
 * @param {unknown} [shown] what the list is of, such as its filter: nothing is selected once that is another one
 * @returns {Selection}
 */
export function useSelection(rows, shown) {
  const [ids, setIds] = useState(/** @type {ReadonlySet<string>} */ (new Set()));
  useEffect(() => setIds(new Set()), [shown]);
  const change = (/** @type {string[]} */ changed, /** @type {boolean} */ isSelected) =>
    setIds((ids) => {
      const others = [...ids].filter((id) => !changed.includes(id));
      return new Set(isSelected ? [...others, ...changed] : others);
    });
  return {
    ids,
    isAll: rows.length > 0 && rows.every(({ id }) => ids.has(id)),
    set: (id, isSelected) => change([id], isSelected),
    setAll: (isSelected) =>
      change(
        rows.map(({ id }) => id),
        isSelected,
      ),
    clear: () => setIds(new Set()),
  };
}

/**
 * Roles are named because the look of cards takes them away. In the rows, the arrow keys go up and down.
 * @template {{ id: string }} T
 * @param {{ label: string, columns: Column<T>[], rows: T[], isOld?: boolean, sort?: Sort, onSort?: (sort: Sort) => void,
 *   selection?: Selection, nameOf?: (row: T) => string }} props `nameOf` tells equal checkboxes apart
 */
export function Table({ label, columns, rows, isOld, sort, onSort, selection, nameOf }) {
  const heads = columns.map(
    (column) => html`<${Head} key=${column.label} ...${column} order=${sort} onSort=${onSort} />`,
  );
  const cells = (/** @type {T} */ row) =>
    columns.map(
      ({ label, kind, cell }) =>
        html`<td key=${label} role=${isMain(kind) ? 'rowheader' : 'cell'} class=${kind} data-label=${label}>${cell(row)}</td>`,
    );
  const isSelected = (/** @type {T} */ { id }) => selection?.ids.has(id) ?? false;
  return html`<table class="cards" role="table" aria-label=${label} aria-busy=${isOld ?? false}>
    <thead role="rowgroup"><tr role="row">
      ${selection && rows.length > 0 && html`<${SelectAll} selection=${selection} />`} ${heads}
    </tr></thead>
    <tbody role="rowgroup" onKeyDown=${walk}>
      ${rows.map(
        (row) =>
          html`<tr role="row" key=${row.id} class=${isSelected(row) ? 'selected' : ''}>
            ${selection && html`<${Select} id=${row.id} name=${nameOf?.(row) ?? row.id} selection=${selection} />`}
            ${cells(row)}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** What tells a row from the others: a screen reader says it with each cell. @param {string | undefined} kind */
const isMain = (kind) => kind?.split(' ').includes('main') ?? false;

/**
 * @param {{ label: string, kind?: string, sort?: string, order?: Sort, onSort?: (sort: Sort) => void }} props
 */
function Head({ label, kind, sort, order, onSort }) {
  if (!sort || !onSort) {
    return html`<th role="columnheader" scope="col" class=${kind}>${label}</th>`;
  }
  const isHere = order?.by === sort;
  const isDescending = isHere && order.descending;
  const direction = isDescending ? 'descending' : 'ascending';
  return html`<th role="columnheader" scope="col" class=${kind} aria-sort=${isHere ? direction : null}>
    <span class="unsorted">${label}</span>
    <button
      type="button"
      class="sorts"
      onClick=${() => onSort({ by: sort, descending: isHere && !isDescending })}
    >
      ${label} <span aria-hidden="true">${isHere ? (isDescending ? '↓' : '↑') : '↕'}</span>
    </button>
  </th>`;
}

/** @param {{ selection: Selection }} props */
function SelectAll({ selection }) {
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  const { ids, isAll } = selection;
  useEffect(() => {
    if (input.current) input.current.indeterminate = ids.size > 0 && !isAll;
  }, [ids, isAll]);
  return html`<th role="columnheader" scope="col" class="select">
    <input
      ref=${input}
      type="checkbox"
      aria-label=${texts.ui.selectAll}
      checked=${isAll}
      onChange=${() => selection.setAll(!isAll)}
    />
  </th>`;
}

/** @param {{ id: string, name: string, selection: Selection }} props */
function Select({ id, name, selection }) {
  const isSelected = selection.ids.has(id);
  return html`<td role="cell" class="select">
    <input
      type="checkbox"
      aria-label=${texts.ui.selectOne(name)}
      checked=${isSelected}
      onChange=${() => selection.set(id, !isSelected)}
    />
  </td>`;
}

/** To the same in the row below or above. @param {KeyboardEvent} event */
function walk(event) {
  const target = /** @type {Element} */ (event.target);
  const isTyping = target.matches('input:not([type=checkbox]), select, textarea');
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const row = target.closest('tr');
  if (!step || !row || isTyping) return;
  const next = step > 0 ? row.nextElementSibling : row.previousElementSibling;
  const found = stopsIn(next)[stopsIn(row).indexOf(target)] ?? stopsIn(next)[0];
  if (!(found instanceof HTMLElement)) return;
  event.preventDefault();
  found.focus();
}

/** What the keyboard can be at. @param {Element | null} row */
const stopsIn = (row) => [...(row?.querySelectorAll('a[href], button, input') ?? [])];

/** What can be done with those that are selected; not there while none is. @param {{ selection: Selection, children: Children }} props */
export function BulkBar({ selection, children }) {
  const count = selection.ids.size;
  const said = count > 0 && texts.ui.selected(count);
  // What a screen reader is to hear must stand in a place that was there before.
  return html`
    <span class="unseen" role="status">${said}</span>
    ${
      said &&
      html`<div class="bulk" role="region" aria-label=${texts.ui.selection}>
        <span class="count">${said}</span>
        <div class="actions">
          ${children}
          <${Button} small quiet onClick=${selection.clear}>${texts.ui.clearSelection}<//>
        </div>
      </div>`
    }
  `;
}

/** Shows the beginning of the list that stands above a pager, where its next page is read from. @param {Element | null} pager */
export function showBeginning(pager) {
  const card = pager?.closest('section');
  if (!card) scrollTo({ top: 0 });
  else if (card.getBoundingClientRect().top < 0) card.scrollIntoView();
}

/**
 * The ways to the pages before and after. While the page is old, they are of what was looked for before.
 * @param {{ page: Cursors, onGo: (cursor: Cursors) => void, isOld?: boolean }} props
 */
export function Pager({ page, onGo, isOld }) {
  const nav = useRef(/** @type {HTMLElement | null} */ (null));
  if (!page.next && !page.prev) return null;
  const turn = (/** @type {Cursors} */ cursor) => {
    onGo(cursor);
    showBeginning(nav.current);
  };
  return html`<nav class="pager" aria-label=${texts.ui.pages} ref=${nav}>
    <${Button} disabled=${!page.prev} busy=${isOld} onClick=${() => turn({ prev: page.prev })}>${texts.ui.previous}<//>
    <${Button} disabled=${!page.next} busy=${isOld} onClick=${() => turn({ next: page.next })}>${texts.ui.next}<//>
  </nav>`;
}
