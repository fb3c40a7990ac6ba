/** What kinds of calls there are: which of them read, take no `Idempotency-Key`, need no token, are about no account. */

/** @typedef {import('./contract').Call} Call */
/** @typedef {import('./contract').ReadingCall} ReadingCall */
/** @typedef {import('./contract').RepeatableCall} RepeatableCall */

/** They change nothing. @type {Record<ReadingCall, true>} */
const READING = {
  'account/find': true,
  'account/get': true,
  'account/mine': true,
  'account/overview': true,
  'audit/find': true,
  'hold/find': true,
  'invite/check': true,
  'invite/find': true,
  'key/find': true,
  'mail/find': true,
  'password/check': true,
  'provider/find': true,
  'service/about': true,
  'session/find': true,
  'trash/find': true,
  'trash/list': true,
  'user/export': true,
  'user/find': true,
  'user/get': true,
  'user/list': true,
};

/** They reply tokens or what leads to some, or end them, so what they reply is not repeated. @type {Record<Exclude<Call, ReadingCall | RepeatableCall>, true>} */
const UNREPEATABLE = {
  'identity/remove': true,
  'identity/verify': true,
  'provider/begin': true,
  'provider/beginLink': true,
  'provider/code': true,
  'provider/finish': true,
  'provider/finishLink': true,
  'provider/link': true,
  'provider/remove': true,
  'session/code': true,
  'session/confirm': true,
  'session/create': true,
  'session/refresh': true,
  'session/token': true,
};

/** They are made by whoever is nobody yet. @type {Partial<Record<Call, true>>} */
const PUBLIC = {
  'identity/create': true,
  'identity/verify': true,
  'invite/check': true,
  'password/check': true,
  'password/forgot': true,
  'password/reset': true,
  'provider/begin': true,
  'provider/code': true,
  'provider/finish': true,
  'provider/link': true,
  'service/about': true,
  'session/create': true,
  'session/refresh': true,
  'user/undoEmail': true,
};

/** They are made by a person, whichever accounts that is in. @type {Partial<Record<Call, true>>} */
const OF_PERSONS = {
  'account/decline': true,
  'account/mine': true,
  'account/register': true,
  'identity/remove': true,
  'provider/beginLink': true,
  'provider/find': true,
  'provider/finishLink': true,
  'provider/remove': true,
  'session/code': true,
  'session/confirm': true,
  'session/token': true,
  'user/login': true,
};

/** @param {Call} name */
export const reads = (name) => name in READING;

/** Whether it takes an `Idempotency-Key`. @param {Call} name */
export const takesKey = (name) => !reads(name) && !(name in UNREPEATABLE);

/** Whether it is made without a token. @param {Call} name */
export const isPublic = (name) => name in PUBLIC;

/** Whether it is about an account, so that it says which one. @param {Call} name */
export const namesAccount = (name) => !isPublic(name) && !(name in OF_PERSONS);
