// What a call can fail with.

import type { ConfirmBy, ErrorCode, Fault, Problem } from './calls.js';

/** What is told of an error; `unreachable` has no answer, and `unknown` one that is none of Guestlist's. */
export type Told = Partial<Omit<Problem, 'code'>> & { code?: ErrorCode | 'unknown' | 'unreachable' };

/** Another text for what is told, for people; nothing where the service's own will do. */
export type Wording = (told: Told & { status: number }) => string | undefined;

/** A call that was refused, or that has got no answer of Guestlist's. */
export class GuestlistError extends Error {
  override readonly name = 'GuestlistError';
  /** What kind of error it is. */
  readonly code: ErrorCode | 'unknown' | 'unreachable';
  /** What is wrong and what to do, for people; also the message. */
  readonly detail: string;
  /** The fields at fault. */
  readonly errors: readonly Fault[];
  /** What the service's log knows the request by. */
  readonly requestId: string | undefined;
  /** Where one has to confirm that one is still oneself: how many seconds ago that may have been. */
  readonly maxAge: number | undefined;
  /** By what one can do so. */
  readonly confirmBy: readonly ConfirmBy[];
  /** Where something has to be shown before an identity at a provider is linked: what `provider/link` takes. */
  readonly link: string | undefined;
  /** Where an email is taken in the account: the user who has it. */
  readonly existing: Problem['existing'];

  constructor(
    /** The HTTP status; 0 without an answer. */
    readonly status: number,
    { code = 'unknown', detail = `The answer is ${status}.`, errors = [], requestId, maxAge, confirmBy = [], link, existing }: Told,
    /** In how many seconds to try again. */
    readonly retryAfter?: number,
  ) {
    super(detail);
    [this.code, this.detail, this.errors, this.requestId] = [code, detail, errors, requestId];
    [this.maxAge, this.confirmBy, this.link, this.existing] = [maxAge, confirmBy, link, existing];
  }

  /** What is wrong with a field, if anything is. */
  fault(field: string): Fault | undefined {
    return this.errors.find((fault) => fault.field === field);
  }

  /** Reads the error that a response tells of. */
  static async of(response: Response, wording: Wording = () => undefined): Promise<GuestlistError> {
    const { status, headers } = response;
    const seconds = Number.parseInt(headers.get('retry-after') ?? '', 10);
    const told = { ...(await problemIn(response)), status };
    const detail = wording(told) ?? told.detail;
    const given = { ...told, ...(detail !== undefined && { detail }) };
    return new GuestlistError(status, given, Number.isNaN(seconds) ? undefined : seconds);
  }

  /** No answer has come, or none of Guestlist's where a call had succeeded. */
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
