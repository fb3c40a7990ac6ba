/** The texts of all pages, in the language that is read. That of another is not loaded. */

import { isolating } from './isolated.js';
import { keep, kept, readingOf } from './language.js';

/** @import { Language, Reading } from './language.js' */
/** @import { Texts } from './texts/en.js' */

/** @type {Record<Language, () => Promise<{ default: Texts }>>} */
const FILES = { en: () => import('./texts/en.js'), de: () => import('./texts/de.js') };

/** What is read; it isolates what is put into it. Pages look at it whenever they are drawn, so it is never taken out of it beforehand. @type {Texts} */
export let texts;
/** What times and numbers are written by. */
export let locale = 'en';
/** @type {Language} */
export let language = 'en';

/** @type {Set<() => void>} */
const listeners = new Set();
let asked = 0;

/** Reads on in the language that is wanted most, once its texts are there. */
async function follow() {
  asked += 1;
  const mine = asked;
  const { chosen, person } = kept();
  /** @type {Reading} */
  const wanted = readingOf([person, chosen, ...(globalThis.navigator?.languages ?? [])]);
  const file = await FILES[wanted.language]();
  if (mine !== asked) return;
  texts = isolating(file.default);
  ({ language, locale } = wanted);
  if (globalThis.document) document.documentElement.lang = language;
  for (const listener of listeners) listener();
}

/** Remembers in this browser what somebody has chosen. @param {string} chosen */
export function chooseLanguage(chosen) {
  keep({ chosen });
  return follow();
}

/**
 * Reads in the language of the person who is signed in; without such a setting, what was chosen here counts.
 * @param {string | undefined} person
 */
export async function readAs(person) {
  if (kept().person === person) return;
  keep({ person });
  await follow();
}

/** Calls whenever another language is read. @param {() => void} listener @returns {() => void} ends it */
export function watchLanguage(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

await follow();
