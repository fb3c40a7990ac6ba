/** The one origin whose pages keep the refresh token in a cookie, which no script can read. */

/** Whether this page is of it. @param {import('./contract').About} about */
export const isCookieOrigin = ({ cookieOrigin }) => cookieOrigin === location.origin;
