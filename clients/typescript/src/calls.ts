// The calls as types: what each takes and replies, and of which kinds they are. All of it follows from `schema.ts` and
// `kinds.ts`, which are generated.

import * as kinds from './kinds.js';
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

/** A credential with which people confirm who they are. */
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

/** The request body of a call. */
export type Body<Name extends Call> = Calls[Name] extends {
  requestBody?: { content: { 'application/json': infer Sent } };
}
  ? Sent
  : never;

/** The parameters of a call's query string. */
export type Query<Name extends Call> = Calls[Name] extends { parameters: { query?: infer Asked } }
  ? NonNullable<Asked>
  : never;

/** The reply of a call. */
export type Reply<Name extends Call> = Name extends 'identity/create' | 'identity/verify'
  ? SignedUp
  : Name extends 'provider/finish' | 'provider/link'
  ? ProviderFinished
  : Calls[Name] extends { responses: { 200: { content: { 'application/json': infer Replied } } } }
    ? Replied
    : never;

/** The result of a sign-up: an email with a code has been sent, or the person is signed in. */
export type SignedUp =
  | { state: Extract<Schemas['SignUpState'], 'pending'> }
  | (Tokens & Pick<Schemas['SignedUp'], 'account' | 'user'> & { state: 'verified' });

/** The result of a sign-in with a provider: an email with a code has been sent, or the person is signed in. */
export type ProviderFinished =
  | { state: Extract<Schemas['SignUpState'], 'pending'>; link: string; expires: string }
  | Extract<SignedUp, { state: 'verified' }>;

/** The calls that reply a page, with cursors to the next and previous ones. */
export type PagedCall = {
  [Name in Call]: 'data' | 'next' extends keyof Reply<Name> ? Name : never;
}[Call];

/** An item on the pages of a call. */
export type Item<Name extends PagedCall> = Reply<Name> extends { data: (infer One)[] } ? One : never;

const kind = (names: readonly Call[]): ReadonlySet<Call> => new Set(names);

/** The calls that change nothing. */
export const READING = kind(kinds.READING);

/** The calls that take an `Idempotency-Key`. */
export const KEYED = kind(kinds.KEYED);

/** The calls that are made without a token, because the service ignores it. */
export const OPEN = kind(kinds.OPEN);

/** The calls that are not about an account: public ones, and those about a person in all accounts. */
export const OUTSIDE_ACCOUNTS = kind(kinds.OUTSIDE_ACCOUNTS);

/** The calls that can put the refresh token in the cookie. */
export const COOKIE_GIVING = kind(kinds.COOKIE_GIVING);

/** The calls that work with the cookie. */
export const COOKIE_CALLS = kind(kinds.COOKIE_CALLS);

/** The calls with which people confirm who they are. */
export const CONFIRMING = kind(['session/code', 'session/confirm']);
