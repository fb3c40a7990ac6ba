/**
 * What would be lost if one left, and cannot be kept, such as a password that is typed or a key that is shown once: going
 * to another page and loading this one anew ask first.
 */

import { useLayoutEffect, useRef } from './vendor/preact.js';
import { isComingBack } from './scroll.js';
import { texts } from './texts.js';

/** What is at risk, each by something of its own. @type {Set<object>} */
const risks = new Set();

/**
 * Asks as long as something is at risk, and that is shown.
 * @param {boolean} isAtRisk
 * @returns {() => void} tells at once that it is no more
 */
export function useRisk(isAtRisk) {
  const risk = useRef({}).current;
  useLayoutEffect(() => {
    if (isAtRisk) risks.add(risk);
    return () => void risks.delete(risk);
  }, [isAtRisk]);
  return () => void risks.delete(risk);
}

/** For who goes elsewhere and comes back, such as to a provider: nothing is asked then. */
export const leaveFreely = () => risks.clear();

/**
 * Whether one goes on to another page; otherwise the address is again what it was.
 * @param {string} from the hash that one comes from
 */
export function mayLeave(from) {
  if (risks.size === 0 || confirm(texts.ui.leave)) return true;
  if (!isComingBack()) history.back();
  else {
    history.pushState(null, '', from || '#/');
    dispatchEvent(new HashChangeEvent('hashchange'));
  }
  return false;
}

globalThis.addEventListener?.('beforeunload', (event) => {
  if (risks.size > 0) event.preventDefault();
});
