/** New users, made one after the other, so that it can be stopped, and the outcomes are seen on the way. */

import { useEffect, useRef, useState } from './vendor/preact.js';
import { call } from './api.js';
import { faultInWords, inWords } from './plain-words.js';
import { asApiError } from './ui.js';

/** @typedef {import('./import-text.js').NewUser} NewUser */
/**
 * @typedef {object} Line
 * @property {string} id
 * @property {string} shown
 * @property {number} [number] where it stands in the text, if that is told
 * @property {NewUser} [user] missing where the line cannot be read
 * @property {import('./contract').User} [made]
 * @property {string} [fault]
 * @property {boolean} [isOfAll] the fault is none of this line
 */

/** Unreachable, signed out, too many, out of order: it would be the same with all that follow. */
const isOfAll = (/** @type {number} */ status) => [0, 401, 429].includes(status) || status >= 500;
/** Lines go by faster than they could be read. */
const SHOWN_EACH_MS = 100;

/** The lines under way, or done; what makes them; and what stops that, as leaving the page does. */
export function useMakeUsers() {
  const [lines, setLines] = useState(/** @type {Line[]} */ ([]));
  const stopped = useRef(false);
  const stop = () => void (stopped.current = true);
  useEffect(() => stop, []);
  /**
   * Gives all lines, with their outcomes.
   * @param {Line[]} fresh
   * @param {Partial<NewUser>} fields what users have that do not say otherwise
   */
  const makeAll = (fresh, fields) => {
    stopped.current = false;
    return eachMade(fresh, fields, setLines, stopped);
  };
  return { lines, makeAll, stop };
}

/**
 * @param {Line[]} lines
 * @param {Partial<NewUser>} fields
 * @param {(lines: Line[]) => void} show
 * @param {{ current: boolean }} stopped
 */
async function eachMade(lines, fields, show, stopped) {
  const outcomes = [...lines];
  show(lines);
  let shownAt = performance.now();
  for (const [index, line] of lines.entries()) {
    if (stopped.current) break;
    if (!line.user) continue;
    outcomes[index] = await made(line, { ...fields, ...line.user });
    if (outcomes[index].isOfAll) break;
    if (performance.now() - shownAt < SHOWN_EACH_MS) continue;
    show([...outcomes]);
    shownAt = performance.now();
  }
  show(outcomes);
  return outcomes;
}

/** @param {Line} line @param {NewUser} user @returns {Promise<Line>} */
async function made(line, user) {
  try {
    return { ...line, made: await call('user/create', user) };
  } catch (failure) {
    const error = asApiError(failure);
    const fault = error.errors.map((fault) => faultInWords(fault)).join(' ') || inWords(error);
    return { ...line, fault, isOfAll: isOfAll(error.status) };
  }
}
