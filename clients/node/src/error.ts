// Why a token is not taken.

/** The kind of error. */
export type TokenErrorCode =
  /** The request has no `Authorization: Bearer`. */
  | 'missing'
  /** Not a signed token: a refresh token, an API key, or incomplete. */
  | 'malformed'
  /** Not an access token (`typ`), or signed with an algorithm that is not accepted. */
  | 'wrong_kind'
  | 'wrong_issuer'
  /** The token is for another service. */
  | 'wrong_audience'
  | 'expired'
  | 'not_yet_valid'
  /** A claim is missing or of a wrong type. */
  | 'wrong_claims'
  /** Not signed with a key of the issuer. */
  | 'wrong_signature'
  /** The issuer's keys cannot be fetched: the only error that is not the caller's fault. */
  | 'keys_unavailable';

/** A token was refused. The message says why, for the log and for the caller. */
export class TokenError extends Error {
  override readonly name = 'TokenError';

  constructor(
    readonly code: TokenErrorCode,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
  }

  /** The status for the response: 401, or 503 if the keys cannot be fetched. */
  get status(): 401 | 503 {
    return this.code === 'keys_unavailable' ? 503 : 401;
  }

  /** The header `WWW-Authenticate` of a 401 (RFC 6750): without an error if no token was sent. */
  get challenge(): string {
    if (this.code === 'missing') return 'Bearer';
    return `Bearer error="invalid_token", error_description="${this.message.replaceAll(/["\\]/g, "'")}"`;
  }
}
