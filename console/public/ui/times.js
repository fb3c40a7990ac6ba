/** Times: how long ago or how soon, and exactly for the mouse, the finger, the keyboard and a screen reader. */

import { html, useEffect, useState } from '../vendor/preact.js';
import { clock, date, moment, relative, time } from '../formats.js';
import { texts } from '../texts.js';

const MINUTE_IN_MS = 60_000;

/** @type {Set<() => void>} */
const watching = new Set();
let timer = 0;

/** Draws anew each minute, all at once. */
function useMinutes() {
  const [, setRound] = useState(0);
  useEffect(() => {
    const tick = () => setRound((round) => round + 1);
    watching.add(tick);
    if (watching.size === 1) {
      timer = setInterval(() => watching.forEach((draw) => draw()), MINUTE_IN_MS);
    }
    return () => {
      watching.delete(tick);
      if (watching.size === 0) clearInterval(timer);
    };
  }, []);
}

/** @param {{ at: string, children: string }} props */
function Exactly({ at, children }) {
  const [isShut, setShut] = useState(false);
  const open = (/** @type {Event} */ { currentTarget }) => {
    setShut(false);
    stayWithin(/** @type {HTMLElement} */ (currentTarget).querySelector('.exact'));
  };
  const press = (/** @type {KeyboardEvent} */ { key }) => key === 'Escape' && setShut(true);
  return html`<time
    class=${isShut ? 'when' : 'when opens'}
    datetime=${at}
    tabindex="0"
    onMouseEnter=${open}
    onFocus=${open}
    onKeyDown=${press}
  >
    ${children}<span class="exact unseen"> ${moment(new Date(at))}</span>
  </time>`;
}

const EDGE_PX = 8;

/** What would stick out of the window is moved into it. @param {HTMLElement | null} shown */
function stayWithin(shown) {
  if (!shown) return;
  shown.style.translate = '';
  const over = shown.getBoundingClientRect().right + EDGE_PX - document.documentElement.clientWidth;
  if (over > 0) shown.style.translate = `${-over}px`;
}

/** A time in the reader's zone. @param {{ at?: string, dateOnly?: boolean, none?: string }} props */
export function Time({ at, dateOnly, none = '–' }) {
  if (!at) return html`<span class="faint short">${none}</span>`;
  const then = new Date(at);
  // There is nothing more to say of a whole one.
  if (!dateOnly) return html`<time datetime=${at} title=${moment(then)}>${time(then)}</time>`;
  return html`<${Exactly} at=${at}>${date(then)}<//>`;
}

/** The time of day. @param {{ at: string }} props */
export const Clock = ({ at }) => html`<${Exactly} at=${at}>${clock(new Date(at))}<//>`;

/** Units from the largest, in seconds. @type {[Intl.RelativeTimeFormatUnit, number][]} */
const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];
/** What is further away is a date. */
const MAX_DAYS = 7;

/** How long ago a time was, or how soon it comes. @param {{ at?: string, none?: string }} props */
export function Ago({ at, none }) {
  useMinutes();
  if (!at) return html`<${Time} none=${none} />`;
  return html`<${Exactly} at=${at}>${inWords(at)}<//>`;
}

/** @param {string} at */
function inWords(at) {
  const seconds = (Date.parse(at) - Date.now()) / 1000;
  const distance = Math.abs(seconds);
  if (distance > MAX_DAYS * 86_400) return date(new Date(at));
  const [unit, length] = UNITS.find(([, length]) => distance >= length) ?? ['minute', 60];
  if (distance < length) return seconds > 0 ? relative(1, unit) : texts.ui.justNow;
  // What was a day and a half ago was yesterday; what comes so is as good as the day after tomorrow.
  return relative(
    seconds < 0 ? -Math.floor(distance / length) : Math.round(seconds / length),
    unit,
  );
}
