/** What people read, as the service can be told. */

/** A language, and maybe a region; what the service takes. */
const TAG = /^[a-z]{2,3}(-[a-z]{2,4})?$/i;

/**
 * What the browser is set to, without what the service does not take, such as the script in `zh-Hans-CN`.
 * @param {string} [tag] BCP 47
 * @returns {string | undefined}
 */
export function ownLanguage(tag = navigator.language) {
  return [tag, languageOf(tag)].find((one) => one !== undefined && TAG.test(one));
}

/** @param {string} tag */
function languageOf(tag) {
  try {
    return new Intl.Locale(tag).language;
  } catch {
    return undefined;
  }
}
