/** Tables by keyboard, wherever the focus is: up and down, and selecting. */

import { useEffect } from '../vendor/preact.js';
import { isSingleKey, secondKeys } from '../single-keys.js';

const STEPS = /** @type {Record<string, number>} */ ({ j: 1, k: -1 });

/**
 * `j` and `k` go from row to row, `x` selects the one that the focus is in. Enter follows the link that the focus is
 * on, as everywhere.
 */
export function useRowKeys() {
  useEffect(() => {
    const isSecond = secondKeys();
    const press = (/** @type {KeyboardEvent} */ event) => {
      const act = isSecond(event) || !isSingleKey(event) ? undefined : actionOf(event.key);
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

/** @param {string} key @returns {(() => void) | undefined} */
function actionOf(key) {
  const rows = [...document.querySelectorAll('main table.cards > tbody > tr')];
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  if (key === 'x') return here < 0 ? undefined : () => boxIn(rows[here])?.click();
  if (!(key in STEPS) || rows.length === 0) return undefined;
  const next = here < 0 ? 0 : Math.min(Math.max(here + STEPS[key], 0), rows.length - 1);
  return () => {
    const stop = rows[next].querySelector('a[href], button');
    if (stop instanceof HTMLElement) stop.focus();
    rows[next].scrollIntoView({ block: 'nearest' });
  };
}

/** @param {Element} row @returns {HTMLElement | null} */
const boxIn = (row) => row.querySelector('input[type=checkbox]');
