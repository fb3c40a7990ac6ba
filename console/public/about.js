/** What the service offers before anyone has signed in, so that pages show only what works. */

import { about } from './client.js';
import { useLoad } from './ui.js';

export { about } from './client.js';

/** @returns {import('./contract').About | undefined} nothing until it is known */
export function useAbout() {
  return useLoad(about, []).data;
}
