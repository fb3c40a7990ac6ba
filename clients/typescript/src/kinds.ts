// Made by `npm run schema` from the service's document: what kinds of calls there are.

/** They change nothing. */
export const READING = [
  'account/find',
  'account/get',
  'account/mine',
  'account/overview',
  'audit/find',
  'hold/find',
  'invite/check',
  'invite/find',
  'key/find',
  'mail/find',
  'password/check',
  'provider/find',
  'service/about',
  'session/find',
  'trash/find',
  'trash/list',
  'user/export',
  'user/find',
  'user/get',
  'user/list',
] as const;

/** They take an `Idempotency-Key`. */
export const KEYED = [
  'account/create',
  'account/decline',
  'account/register',
  'account/remove',
  'account/update',
  'batch/run',
  'hold/place',
  'hold/release',
  'identity/create',
  'invite/revoke',
  'key/create',
  'key/remove',
  'mail/retry',
  'password/forgot',
  'password/reset',
  'session/remove',
  'totp/confirm',
  'totp/enroll',
  'totp/remove',
  'trash/purge',
  'trash/restore',
  'user/changePassword',
  'user/confirmEmail',
  'user/create',
  'user/createOrRestore',
  'user/leave',
  'user/login',
  'user/remove',
  'user/undoEmail',
  'user/update',
  'user/updateRole',
] as const;

/** Anybody makes them: a token is not looked at. */
export const OPEN = [
  'identity/create',
  'identity/verify',
  'invite/check',
  'password/check',
  'password/forgot',
  'password/reset',
  'provider/begin',
  'provider/code',
  'provider/finish',
  'provider/link',
  'service/about',
  'session/create',
  'session/refresh',
  'user/undoEmail',
] as const;

/** They are about no account. */
export const OUTSIDE_ACCOUNTS = [
  'account/decline',
  'account/mine',
  'account/register',
  'identity/create',
  'identity/remove',
  'identity/verify',
  'invite/check',
  'password/check',
  'password/forgot',
  'password/reset',
  'provider/begin',
  'provider/beginLink',
  'provider/code',
  'provider/find',
  'provider/finish',
  'provider/finishLink',
  'provider/link',
  'provider/remove',
  'service/about',
  'session/code',
  'session/confirm',
  'session/create',
  'session/refresh',
  'session/token',
  'user/login',
  'user/undoEmail',
] as const;

/** They give the refresh token in the cookie, if they are asked to. */
export const COOKIE_GIVING = [
  'identity/create',
  'identity/verify',
  'provider/finish',
  'provider/link',
  'session/create',
] as const;

/** They work with the cookie. */
export const COOKIE_CALLS = [
  'identity/create',
  'identity/remove',
  'identity/verify',
  'provider/finish',
  'provider/link',
  'session/create',
  'session/refresh',
  'session/remove',
] as const;
