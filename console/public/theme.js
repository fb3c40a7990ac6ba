/** Light or dark: as the system says, or as was chosen in this browser. */

/** @typedef {'system' | 'light' | 'dark'} Theme */

/** @type {Theme[]} */
export const THEMES = ['system', 'light', 'dark'];
/** `theme-at-once.js` reads it, too. */
const KEY = 'guestlist:theme';

/** @returns {Theme} */
export function theme() {
  const kept = localStorage.getItem(KEY);
  return THEMES.find((one) => one === kept) ?? 'system';
}

/** @param {Theme} chosen */
export function chooseTheme(chosen) {
  localStorage.setItem(KEY, chosen);
  show();
}

/** @type {Set<() => void>} */
const listeners = new Set();

/** Tells when another one is chosen. @param {() => void} listener */
export function watchTheme(listener) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function show() {
  const chosen = theme();
  const { dataset } = document.documentElement;
  if (chosen === 'system') delete dataset.theme;
  else dataset.theme = chosen;
  for (const listener of listeners) listener();
}

// In another tab, too.
addEventListener('storage', ({ key }) => {
  if (key === KEY || key === null) show();
});
