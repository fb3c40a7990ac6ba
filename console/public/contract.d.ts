/** What calls take and reply. All of it follows from the types that are generated from the service's document. */

import type { Body, Call, ConfirmBy } from '../../clients/typescript/src/calls.js';
import type { Options as ClientOptions } from '../../clients/typescript/src/settings.js';
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
export type MailAdvice = Schemas['MailAdvice'];
export type MailState = Schemas['MailState'];
export type Membership = Schemas['Membership'];
/** The only reply that the key itself is in. */
export type NewKey = Schemas['NewKey'];
export type TestEmail = Schemas['TestEmail'];
export type WaysIn = Schemas['OwnWaysIn'];
export type UsualState = Schemas['UsualState'];

/** With what people confirm who they are. */
export type Way = ConfirmBy;

export type Proof = Body<'session/confirm'>;

/** Where the pages around one begin. */
export type Cursors = { next?: string; prev?: string };

export type Page<Record> = Cursors & { data: Record[] };

export interface Options<Name extends Call> extends ClientOptions<Name> {
  /** Another token than the one of the session. */
  token?: string;
}

/** What a call is given besides its name; some can do without a body. */
export type Given<Name extends Call> =
  Record<string, never> extends Body<Name>
    ? [body?: Body<Name>, options?: Options<Name>]
    : [body: Body<Name>, options?: Options<Name>];
