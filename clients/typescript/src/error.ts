// What a call can fail with.

import type { ConfirmBy, ErrorCode, Fault, Problem } from './calls.js';

/** The content of an error; `unreachable` means no answer, `unknown` an answer that is not Guestlist's. */
export type Told = Partial<Omit<Problem, 'code'>> & { code?: ErrorCode | 'unknown' | 'unreachable' };

/** Replaces the text of an error; returns nothing to keep the service's own. */
export type Wording = (told: Told & { status: number }) => string | undefined;

/** A call was refused, or got no answer from Guestlist. */
export class GuestlistError extends Error {
  override readonly name = 'GuestlistError';
  /** The kind of error. */
  readonly code: ErrorCode | 'unknown' | 'unreachable';
  /** What is wrong and what to do, for people to read; also the message. */
  readonly detail: string;
  /** The invalid fields. */
  readonly errors: readonly Fault[];
  /** The ID of the request in the service's log. */
  readonly requestId: string | undefined;
  /** If the person has to confirm who they are: the maximum age of the confirmation, in seconds. */
  readonly maxAge: number | undefined;
  /** The credentials that are accepted for that. */
  readonly confirmBy: readonly ConfirmBy[];
  /** If a credential is needed before an identity at a provider is linked: the ticket for `provider/link`. */
  readonly link: string | undefined;
  /** If an email is taken in the account: the user who has it. */
  readonly existing: Problem['existing'];

  constructor(
    /** The HTTP status; 0 without an answer. */
    readonly status: number,
    { code = 'unknown', detail = `The answer is ${status}.`, errors = [], requestId, maxAge, confirmBy = [], link, existing }: Told,
    /** The number of seconds after which to try again. */
    readonly retryAfter?: number,
  ) {
    super(detail);
    [this.code, this.detail, this.errors, this.requestId] = [code, detail, errors, requestId];
    [this.maxAge, this.confirmBy, this.link, this.existing] = [maxAge, confirmBy, link, existing];
  }

  /** What is wrong with a field, if it is invalid. */
  fault(field: string): Fault | undefined {
    return this.errors.find((fault) => fault.field === field);
  }

  /** Reads the error in a response. */
  static async of(response: Response, wording: Wording = () => undefined): Promise<GuestlistError> {
    const { status, headers } = response;
    const seconds = Number.parseInt(headers.get('retry-after') ?? '', 10);
    const told = { ...(await problemIn(response)), status };
    const detail = wording(told) ?? told.detail;
    const given = { ...told, ...(detail !== undefined && { detail }) };
    return new GuestlistError(status, given, Number.isNaN(seconds) ? undefined : seconds);
  }

  /** There was no answer, or a success whose answer is not Guestlist's. */
  static unreachable(cause: unknown, wording: Wording = () => undefined): GuestlistError {
    const told = { code: 'unreachable' as const, status: 0 };
    const detail = wording(told) ?? 'The service cannot be reached. Check the connection, then try again.';
    const error = new GuestlistError(0, { ...told, detail }, 1);
    error.cause = cause;
    return error;
  }
}

async function problemIn(response: Response): Promise<Told> {
  const detail = `The answer, ${response.status}, is not one of Guestlist's: is the URL right?`;
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json');
  if (!isProblem) return { code: 'unknown', detail };
  return (await response.json().catch(() => ({ code: 'unknown', detail }))) as Problem;
}
