/** Where in the list one is, and the ways to the pages before and after, and to either end. */

import { html } from '../../vendor/preact.js';
import { texts } from '../../texts.js';
import { Button } from '../../ui.js';

/** @typedef {import('./read.js').Query} Query */

/**
 * @param {{ count: number, from: number, total?: number, before?: Query, after?: Query,
 *   ends: false | { first?: Query, last?: Query }, onGo: (where: Query) => void }} props
 */
export function Pages({ count, from, total, before, after, ends, onGo }) {
  if (!before && !after) return null;
  const way = (/** @type {string} */ label, /** @type {Query | undefined} */ where) =>
    html`<${Button} small disabled=${!where} onClick=${() => where && onGo(where)}>${label}<//>`;
  return html`<nav class="pager" aria-label=${texts.ui.pages}>
    <span class="faint">${total !== undefined && texts.users.range(from + 1, from + count, total)}</span>
    <div class="actions">
      ${ends && way(texts.ui.first, ends.first)} ${way(texts.ui.previous, before)}
      ${way(texts.ui.next, after)} ${ends && way(texts.ui.last, ends.last)}
    </div>
  </nav>`;
}
