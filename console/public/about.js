/** What the service offers before anyone has signed in, so that pages show only what works. */

import { call } from './api.js';
import { useLoad } from './ui.js';

/** @typedef {import('./contract').About} About */

/** @type {Promise<About> | undefined} */
let asked;

/** It changes so rarely that a page asks once; a failed try is not kept. */
export function about() {
  asked ??= call('service/about', {}).catch((error) => {
    asked = undefined;
    throw error;
  });
  return asked;
}

/** @returns {About | undefined} nothing until it is known */
export function useAbout() {
  return useLoad(about, []).data;
}
