// The calls as types: what each takes and replies. All of it follows from `schema.ts`, which is generated.

import type { components, paths } from './schema.js';

type Schemas = components['schemas'];

export type Account = Schemas['Account'];
export type AuditEntry = Schemas['AuditEntry'];
export type ErrorCode = Schemas['ErrorCode'];
export type Expectation = Schemas['Expectation'];
export type Fault = Schemas['Fault'];
export type Hold = Schemas['Hold'];
export type Key = Schemas['Key'];
export type Membership = Schemas['Membership'];
export type MyAccounts = Schemas['MyAccounts'];
export type Problem = Schemas['Problem'];
export type Role = Schemas['Role'];
export type Session = Schemas['Session'];
export type Tokens = Schemas['Tokens'];
export type User = Schemas['User'];
export type UserState = Schemas['UserState'];

/** By what people confirm that they are still themselves. */
export type ConfirmBy = NonNullable<Problem['confirmBy']>[number];

type Calls = {
  [Path in keyof paths as paths[Path] extends { post: object }
    ? Path extends `/${infer Name}`
      ? Name
      : never
    : never]: paths[Path]['post'];
};

/** The name of a call, such as `user/find`. */
export type Call = keyof Calls;

/** What a call takes. */
export type Body<Name extends Call> = Calls[Name] extends {
  requestBody?: { content: { 'application/json': infer Sent } };
}
  ? Sent
  : never;

/** The parameters of a call's query string. */
export type Query<Name extends Call> = Calls[Name] extends { parameters: { query?: infer Asked } }
  ? NonNullable<Asked>
  : never;

/** What a call replies. */
export type Reply<Name extends Call> = Name extends 'identity/create' | 'identity/verify'
  ? SignedUp
  : Name extends 'provider/finish' | 'provider/link'
  ? ProviderFinished
  : Calls[Name] extends { responses: { 200: { content: { 'application/json': infer Replied } } } }
    ? Replied
    : never;

/** What has become of a sign-up: an e-mail with a code is on its way, or one is signed in. */
export type SignedUp =
  | { state: Extract<Schemas['SignUpState'], 'pending'> }
  | (Tokens & Pick<Schemas['SignedUp'], 'account' | 'user'> & { state: 'verified' });

/** What has become of a sign-in with a provider: an e-mail with a code is on its way, or one is signed in. */
export type ProviderFinished =
  | { state: Extract<Schemas['SignUpState'], 'pending'>; link: string; expires: string }
  | Extract<SignedUp, { state: 'verified' }>;

/** The calls that reply a page and the cursors to those next to it. */
export type PagedCall = {
  [Name in Call]: 'data' | 'next' extends keyof Reply<Name> ? Name : never;
}[Call];

/** What the pages of a call consist of. */
export type Item<Name extends PagedCall> = Reply<Name> extends { data: (infer One)[] } ? One : never;

/** The calls that take an `Idempotency-Key`. */
export type RepeatableCall = {
  [Name in Call]: Calls[Name] extends { parameters: { header?: { 'Idempotency-Key'?: infer Key } } }
    ? [Key] extends [string | undefined]
      ? unknown extends Key
        ? never
        : Name
      : never
    : never;
}[Call];

/** The calls that change nothing. */
export type ReadingCall = Exclude<
  Call,
  | RepeatableCall
  | 'identity/remove'
  | 'identity/verify'
  | 'provider/begin'
  | 'provider/beginLink'
  | 'provider/code'
  | 'provider/finish'
  | 'provider/finishLink'
  | 'provider/link'
  | 'provider/remove'
  | 'session/code'
  | 'session/confirm'
  | 'session/create'
  | 'session/refresh'
  | 'session/token'
>;

/** The same at run time; the compiler says when one is missing or too many. */
export const READING: Record<ReadingCall, true> = {
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

/** The calls that are about no account: of who is nobody yet, and of a person, whichever accounts it is in. */
export const OUTSIDE_ACCOUNTS: ReadonlySet<Call> = new Set<Call>([
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
]);

/** The calls that give the refresh token in the cookie, if they are asked to. */
export const COOKIE_GIVING: ReadonlySet<Call> = new Set<Call>([
  'identity/create',
  'identity/verify',
  'provider/finish',
  'provider/link',
  'session/create',
]);

/** The calls that work with the cookie. */
export const COOKIE_CALLS: ReadonlySet<Call> = new Set<Call>([
  ...COOKIE_GIVING,
  'identity/remove',
  'session/refresh',
  'session/remove',
]);

/** The calls that are made without a token, since what they show is proof enough. */
export const WITHOUT_TOKEN: ReadonlySet<Call> = new Set<Call>([
  'provider/begin',
  'provider/code',
  'provider/finish',
  'provider/link',
  'session/refresh',
]);

/** The calls by which people confirm that they are still themselves. */
export const CONFIRMING: ReadonlySet<Call> = new Set<Call>(['session/code', 'session/confirm']);
