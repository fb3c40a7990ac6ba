/** How far down each page of the history was read, so that the way back leads there. */

/** How long a page may take to be as long again as it was. */
const PATIENCE_MS = 10_000;
const KEY = `guestlist:${new URL('..', import.meta.url).pathname}:scroll`;
/** What somebody does who does not want to be taken anywhere. */
const OWN_MOVES = ['wheel', 'touchstart', 'keydown', 'pointerdown'];

/** @type {Record<string, number>} by the entry of the history */
let positions = JSON.parse(sessionStorage.getItem(KEY) ?? '{}');
let here = '';
let isBack = false;
/** @type {(() => void) | undefined} */
let giveUp;

/** Whether the present page was come back to, and is about to be shown where it was left. */
export const isComingBack = () => isBack;

/** Begins to keep positions; before anything else listens to where one goes. */
export function keepScroll() {
  history.scrollRestoration = 'manual';
  arrive();
  addEventListener('hashchange', () => {
    positions[here] = scrollY;
    arrive();
  });
  addEventListener('pagehide', () => {
    positions[here] = scrollY;
    const last = Object.entries(positions).slice(-50);
    sessionStorage.setItem(KEY, JSON.stringify(Object.fromEntries(last)));
  });
}

function arrive() {
  giveUp?.();
  const { entry } = history.state ?? {};
  isBack = entry !== undefined;
  here = entry ?? String(Date.now() + Math.random());
  if (!isBack) history.replaceState({ ...history.state, entry: here }, '');
  else if (positions[here] > 0) giveUp = restore(positions[here]);
}

/** Goes there once the page is long enough. @param {number} position @returns {() => void} gives up */
function restore(position) {
  const until = performance.now() + PATIENCE_MS;
  let isOver = false;
  const stop = () => {
    isOver = true;
    for (const move of OWN_MOVES) removeEventListener(move, stop);
  };
  for (const move of OWN_MOVES) addEventListener(move, stop, { passive: true });
  const look = () => {
    if (isOver) return;
    const isLongEnough = document.documentElement.scrollHeight >= position + innerHeight;
    if (isLongEnough) scrollTo({ top: position });
    if (isLongEnough || performance.now() > until) stop();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  return stop;
}
