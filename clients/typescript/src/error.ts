// What a call can fail with.

import type { ConfirmBy, ErrorCode, Fault, Problem } from './calls.js';

/** A call that was refused, or an answer that is none of Guestlist's (`unknown`). */
export class GuestlistError extends Error {
  override readonly name = 'GuestlistError';

  private constructor(
    /** What kind of error it is. */
    readonly code: ErrorCode | 'unknown',
    /** The HTTP status. */
    readonly status: number,
    /** What is wrong and what to do, for people; also the message. */
    readonly detail: string,
    /** The fields at fault. */
    readonly errors: readonly Fault[],
    /** What the service's log knows the request by. */
    readonly requestId: string | undefined,
    /** In how many seconds to try again. */
    readonly retryAfter: number | undefined,
    /** Where one has to confirm that one is still oneself: how many seconds ago that may have been. */
    readonly maxAge: number | undefined,
    /** By what one can do so. */
    readonly confirmBy: readonly ConfirmBy[],
    /** Where something has to be shown before an identity at a provider is linked: what `provider/link` takes. */
    readonly link: string | undefined,
  ) {
    super(detail);
  }

  /** What is wrong with a field, if anything is. */
  fault(field: string): Fault | undefined {
    return this.errors.find((fault) => fault.field === field);
  }

  /** Reads the error that a response tells of. */
  static async of(response: Response): Promise<GuestlistError> {
    const { status, headers } = response;
    const seconds = Number.parseInt(headers.get('retry-after') ?? '', 10);
    const retryAfter = Number.isNaN(seconds) ? undefined : seconds;
    if (!headers.get('content-type')?.startsWith('application/problem+json')) {
      const detail = `The answer, ${status}, is not one of Guestlist's: is the URL right?`;
      return new GuestlistError('unknown', status, detail, [], undefined, retryAfter, undefined, [], undefined);
    }
    const problem = (await response.json()) as Problem;
    const { code, detail, errors = [], requestId, maxAge, confirmBy = [], link } = problem;
    return new GuestlistError(code, status, detail, errors, requestId, retryAfter, maxAge, confirmBy, link);
  }
}
