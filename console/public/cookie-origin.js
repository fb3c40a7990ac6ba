/** The one origin whose pages keep the refresh token in a cookie, which no script can read. */

import { about, isCookieOrigin } from './client.js';

export { isCookieOrigin } from './client.js';

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Goes there from another name of the same machine: the same page, at the same port. Any other address may be that of
 * a proxy, which has its reasons.
 * @param {string} hash what the page was opened with
 * @returns {Promise<boolean>} whether it does
 */
export async function goToCookieOrigin(hash) {
  if (!LOOPBACK.test(location.hostname)) return false;
  // Without an answer the page says itself that there is none.
  const known = await about().catch(() => undefined);
  if (!known?.cookieOrigin || isCookieOrigin(known)) return false;
  const { hostname, origin, port, protocol } = new URL(known.cookieOrigin);
  const isSibling = LOOPBACK.test(hostname) && port === location.port;
  if (!isSibling || protocol !== location.protocol) return false;
  location.replace(origin + location.pathname + location.search + hash);
  return true;
}
