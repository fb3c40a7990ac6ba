/** What people read, as the service can be told. */

/**
 * What the browser is set to, without what says no language, such as the calendar in `en-US-u-ca-iso8601`.
 * @param {string} [tag] BCP 47
 * @returns {string | undefined}
 */
export function ownLanguage(tag = navigator.language) {
  try {
    return new Intl.Locale(tag).baseName;
  } catch {
    return undefined;
  }
}
