/** Shortcuts of single keys: whether people use them, and when a key is one. */

const SETTING = 'guestlist:single-keys';
/** How long the second key of two may take. */
const SECOND_KEY_MS = 1500;

/** People who speak to their browser, or whose hands slip, turn them off (WCAG 2.2, 2.1.4). */
export const usesSingleKeys = () => localStorage.getItem(SETTING) !== 'off';

/** @param {boolean} uses */
export function setUsesSingleKeys(uses) {
  if (uses) localStorage.removeItem(SETTING);
  else localStorage.setItem(SETTING, 'off');
}

/** Whether a key is meant as one, and for nothing else. @param {KeyboardEvent} event */
export function isSingleKey({ target, ctrlKey, metaKey, altKey }) {
  const isModal = document.querySelector('dialog[open]') !== null;
  return !ctrlKey && !metaKey && !altKey && !isModal && !isTyping(target) && usesSingleKeys();
}

/** @param {EventTarget | null} target */
const isTyping = (target) =>
  target instanceof Element &&
  target.matches('input:not([type=checkbox]), select, textarea, [role=menuitem]');

/** Says of each key whether it comes right after `g`, which begins shortcuts of two. */
export function secondKeys() {
  let first = -SECOND_KEY_MS;
  return (/** @type {KeyboardEvent} */ { key, timeStamp }) => {
    const isSecond = timeStamp - first < SECOND_KEY_MS;
    first = key === 'g' ? timeStamp : -SECOND_KEY_MS;
    return isSecond;
  };
}
