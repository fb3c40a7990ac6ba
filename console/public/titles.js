/** The title of the browser's window: what is shown, the page that shows it, and the account. */

import { useLayoutEffect } from './vendor/preact.js';
import { isolated } from './isolated.js';

/** From the most special to the most general. */
const parts = { shown: '', page: '', account: '' };

/** @param {keyof typeof parts} part @param {string} [text] nothing while it is not known */
export function useTitle(part, text = '') {
  useLayoutEffect(() => {
    parts[part] = text;
    show();
    return () => {
      parts[part] = '';
      show();
    };
  }, [part, text]);
}

function show() {
  const { shown, page, account } = parts;
  document.title = [shown, page, account || 'Guestlist'].filter(Boolean).map(isolated).join(' – ');
}
