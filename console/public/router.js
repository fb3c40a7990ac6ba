/** Going from page to page: what the hash of one is, and how it is gone to. What pages there are, `routes.js` says. */

/** Where one lands, without a path. */
export const HOME = 'overview';
/** The same for whose role does not reach that. */
export const PLAIN_HOME = 'users';

/** Shown instead of pages, to people who are signed in, but in no account. */
export const CHOOSE = 'accounts';

/**
 * The hash of a page.
 * @param {string} path
 * @param {Record<string, string | undefined>} [query]
 */
export function href(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value);
  const text = new URLSearchParams(/** @type {[string, string][]} */ (given)).toString();
  const shown = path === HOME ? '' : path;
  return text ? `#/${shown}?${text}` : `#/${shown}`;
}

/** Goes to a page. @type {typeof href extends (...given: infer G) => any ? (...given: G) => void : never} */
export function go(path, query) {
  location.hash = href(path, query);
}

/** As `go`, and the page is another one at once. @type {typeof go} */
export function goAtOnce(path, query) {
  history.pushState(null, '', href(path, query));
  dispatchEvent(new HashChangeEvent('hashchange'));
}

/** As `go`, but the way back leads past the present page. @type {typeof go} */
export function goInstead(path, query) {
  history.replaceState(null, '', href(path, query));
  dispatchEvent(new HashChangeEvent('hashchange'));
}
