/** What calls take and reply. All of it follows from the types that are generated from the service's document. */

import type { Body, Call, ConfirmBy, Query } from '../../clients/typescript/src/calls.js';
import type { components } from '../../clients/typescript/src/schema.js';

export type {
  Account,
  AuditEntry,
  Body,
  Call,
  Fault,
  Hold,
  Key,
  Problem,
  Query,
  ReadingCall,
  RepeatableCall,
  Reply,
  Role,
  Session,
  User,
} from '../../clients/typescript/src/calls.js';

type Schemas = components['schemas'];

export type About = Schemas['About'];
export type Enrolment = Schemas['Enrolment'];
export type Expectation = Schemas['Expectation'];
export type Index = Schemas['Index'];
export type Invite = Schemas['Invite'];
export type Letter = Schemas['Letter'];
export type LetterState = Schemas['LetterState'];
export type Membership = Schemas['Membership'];
/** The only reply that the key itself is in. */
export type NewKey = Schemas['NewKey'];
export type WaysIn = Schemas['OwnWaysIn'];
export type UsualState = Schemas['UsualState'];

/** With what people confirm who they are. */
export type Way = ConfirmBy;

export type Proof = Body<'session/confirm'>;
export type Evidence = Body<'provider/link'>;

/** Where the pages around one begin. */
export type Cursors = { next?: string; prev?: string };

export type Page<Record> = Cursors & { data: Record[] };

export interface Options<Name extends Call> {
  query?: Query<Name>;
  signal?: AbortSignal;
  /** Another token than the one of the session. */
  token?: string;
  /** Without the token of the session; what proves something is the cookie. */
  isAnonymous?: boolean;
  /** Another account than the one that this tab is in. */
  account?: string;
  /** Doing it twice is no more than doing it once, so it goes without an `Idempotency-Key`. */
  mayRepeat?: boolean;
}

/** What a call is given besides its name; some can do without a body. */
export type Given<Name extends Call> =
  Record<string, never> extends Body<Name>
    ? [body?: Body<Name>, options?: Options<Name>]
    : [body: Body<Name>, options?: Options<Name>];
