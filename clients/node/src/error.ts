// Why a token is not taken.

/** What is wrong. */
export type TokenErrorCode =
  /** The request has no `Authorization: Bearer`. */
  | 'missing'
  /** It is no signed token: a refresh token, an API key, or cut off. */
  | 'malformed'
  /** It is a token of another kind than an access token (`typ`), or is signed in a way that is not taken. */
  | 'wrong_kind'
  | 'wrong_issuer'
  /** It is for another service. */
  | 'wrong_audience'
  | 'expired'
  | 'not_yet_valid'
  /** A claim is missing, or not of its kind. */
  | 'wrong_claims'
  /** No key of the issuer has signed it. */
  | 'wrong_signature'
  /** The issuer's keys cannot be had: the one error that is not the caller's fault. */
  | 'keys_unavailable';

/** A token that is not taken. The message says why, for the log and for the caller. */
export class TokenError extends Error {
  override readonly name = 'TokenError';

  constructor(
    readonly code: TokenErrorCode,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
  }

  /** What to answer the request with: 401, or 503 where the keys cannot be had. */
  get status(): 401 | 503 {
    return this.code === 'keys_unavailable' ? 503 : 401;
  }

  /** The header `WWW-Authenticate` of a 401 (RFC 6750): without a word where no token was sent. */
  get challenge(): string {
    if (this.code === 'missing') return 'Bearer';
    return `Bearer error="invalid_token", error_description="${this.message.replaceAll(/["\\]/g, "'")}"`;
  }
}
