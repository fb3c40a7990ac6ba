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

function show() {
  const chosen = theme();
  const { dataset } = document.documentElement;
  if (chosen === 'system') delete dataset.theme;
  else dataset.theme = chosen;
}

// In another tab, too.
addEventListener('storage', ({ key }) => {
  if (key === KEY || key === null) show();
});
