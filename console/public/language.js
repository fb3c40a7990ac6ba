/** Which language people read: their own setting, what was chosen in this browser, what the browser is set to. */

/** Those that there are texts in, each by its own name. */
export const LANGUAGES = /** @type {const} */ ({ en: 'English', de: 'Deutsch' });

/** @typedef {keyof typeof LANGUAGES} Language */
/** @typedef {{ language: Language, locale: string }} Reading the locale is what times and numbers are written by */

/**
 * Which texts to show, and how times and numbers are written.
 * @param {(string | undefined)[]} wanted tags (BCP 47), the most wanted first
 * @returns {Reading}
 */
export function readingOf(wanted) {
  const tags = wanted.map((tag) => ownLanguage(tag ?? '')).filter((tag) => tag !== undefined);
  const language = tags.map(languageIn).find((one) => one !== undefined) ?? 'en';
  // `de` alone says nothing of the country; `de-AT` further down may.
  const fitting = tags.filter((tag) => languageIn(tag) === language);
  return { language, locale: fitting.find((tag) => tag !== language) ?? language };
}

/** @param {string} tag @returns {Language | undefined} */
function languageIn(tag) {
  const { language } = new Intl.Locale(tag);
  return isKnown(language) ? language : undefined;
}

/** @param {string} language @returns {language is Language} */
const isKnown = (language) => Object.hasOwn(LANGUAGES, language);

/**
 * What people read, as the service can be told: what they have chosen here, or what the browser is set to, without
 * what says no language, such as the calendar in `en-US-u-ca-iso8601`.
 * @param {string} [tag] BCP 47
 * @returns {string | undefined}
 */
export function ownLanguage(tag = kept().chosen ?? navigator.language) {
  try {
    return new Intl.Locale(tag).baseName;
  } catch {
    return undefined;
  }
}

const KEY = `guestlist:${new URL('..', import.meta.url).pathname}:language`;

/**
 * What this browser keeps: the language that was chosen in it, and that of the person who is signed in, so that
 * pages begin in it before the service has said it.
 * @typedef {{ chosen?: string, person?: string }} Kept
 */

/** @returns {Kept} */
export function kept() {
  const text = globalThis.localStorage?.getItem(KEY);
  return text ? JSON.parse(text) : {};
}

/** @param {Kept} change */
export function keep(change) {
  const text = JSON.stringify({ ...kept(), ...change });
  globalThis.localStorage?.setItem(KEY, text);
}
