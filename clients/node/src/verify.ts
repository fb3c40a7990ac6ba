// Verifying access tokens: what a service does that is called with them.

import { errors, type JWTPayload, jwtVerify, type JWTVerifyResult } from 'jose';
import { TokenError } from './error.js';
import { isSafe, Keys } from './keys.js';

/** The claims of a token (docs/tokens.md). */
export interface Claims {
  /** The service that issued the token. */
  iss: string;
  /** The services that the token is for. */
  aud: string | string[];
  /** The person's sign-in: it stays the same when the email changes, and is never reused for another person. */
  sub: string;
  /** The session. */
  sid: string;
  /** The token's ID. */
  jti: string;
  /** Seconds since 1970. */
  iat: number;
  exp: number;
  /** When the person last showed a credential. */
  auth_time: number;
  /** Which credentials (RFC 8176): `pwd`; with a second factor `pwd`, `otp` and `mfa`. */
  amr: string[];
  client_id: string;
  /** The account that the token is for, the person's user in it, and that user's role. */
  account_id?: string;
  user_id?: string;
  role?: 'user' | 'admin' | 'root';
  email?: string;
  /** Whether the person has proved that the address is theirs. */
  email_verified?: boolean;
  given_name?: string;
  family_name?: string;
}

/** A source of a token: a Fetch `Request`, a request of Node's servers or Express, or the token or header itself. */
export type Given =
  | string
  | { headers: { get(name: string): string | null } }
  | { headers: { authorization?: string | undefined } };

export interface Settings {
  /** The setting `public_url` of the Guestlist service. */
  issuer: string;
  /** The name of your service in the setting `audiences`; by default, the issuer. */
  audience?: string;
  /** How far the clocks may differ, in seconds; by default 10. */
  clockTolerance?: number;
  /** The function that sends requests. */
  fetch?: typeof fetch;
  /** The time in milliseconds; by default, the machine's. */
  now?: () => number;
}

/**
 * Verifies the token of a request.
 *
 * @throws {TokenError} if it is missing or not valid.
 */
export type Verify = (given: Given) => Promise<Claims>;

/** What the service signs with. */
const ALGORITHMS = ['EdDSA', 'ES256', 'RS256'];
/** Longer ones are looked at no further. */
const MAX_LENGTH = 8 * 1024;
/** The claims that every token has. */
const REQUIRED = ['exp', 'iat', 'sub', 'sid', 'jti', 'auth_time', 'amr', 'client_id'];

/** Creates the function that verifies tokens. Create it once: it caches the keys of the issuer. */
export function createVerifier(settings: Settings): Verify {
  const issuer = settings.issuer.replace(/\/+$/, '');
  if (!isSafe(issuer)) {
    throw new TypeError(`the issuer must be a URL that begins with https:, or one of this machine; it is ${issuer}`);
  }
  const { audience = issuer, clockTolerance = 10, now = Date.now } = settings;
  const send: typeof fetch = settings.fetch ?? ((...request) => globalThis.fetch(...request));
  const keys = new Keys({ issuer, fetch: send, now });
  return async (given) => {
    const token = tokenIn(given);
    const rules = {
      issuer,
      audience,
      algorithms: ALGORITHMS,
      typ: 'at+jwt',
      clockTolerance,
      currentDate: new Date(now()),
      requiredClaims: REQUIRED,
    };
    try {
      return claimsOf(await jwtVerify(token, keys.get, rules));
    } catch (error) {
      throw explained(error, { issuer, audience });
    }
  };
}

function tokenIn(given: Given): string {
  const text = typeof given === 'string' ? given : headerOf(given.headers);
  const token = text?.trim().replace(/^bearer +/i, '');
  if (!token) throw new TokenError('missing', 'the request has no Authorization header with a token');
  if (token.length > MAX_LENGTH) throw new TokenError('malformed', 'the token is too long to be an access token');
  if (token.split('.').length !== 3) throw new TokenError('malformed', 'this is no access token, which has three parts');
  return token;
}

type Headers = Exclude<Given, string>['headers'];

const headerOf = (headers: Headers): string | null | undefined =>
  'get' in headers && typeof headers.get === 'function'
    ? headers.get('authorization')
    : (headers as { authorization?: string }).authorization;

/** The claims, once those that are relied on are of their kinds. */
function claimsOf({ payload }: JWTVerifyResult<JWTPayload>): Claims {
  const { amr, auth_time, sid } = payload;
  const isWell = typeof sid === 'string' && typeof auth_time === 'number' && Array.isArray(amr);
  if (!isWell) throw new TokenError('wrong_claims', 'the claims sid, auth_time and amr are not of their kinds');
  return payload as unknown as Claims;
}

function explained(error: unknown, { issuer, audience }: { issuer: string; audience: string }): TokenError {
  if (error instanceof TokenError) return error;
  if (error instanceof errors.JWTExpired) return new TokenError('expired', 'the token has expired', error);
  if (error instanceof errors.JWTClaimValidationFailed) return claimRefused(error, issuer, audience);
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return new TokenError('wrong_signature', `the signature is not one of ${issuer}`, error);
  }
  if (error instanceof errors.JWKSNoMatchingKey) {
    return new TokenError('wrong_signature', `${issuer} has no key such as the token names`, error);
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return new TokenError('wrong_kind', `the token is signed by none of ${ALGORITHMS.join(', ')}`, error);
  }
  return new TokenError('malformed', 'this is no access token', error);
}

function claimRefused(error: errors.JWTClaimValidationFailed, issuer: string, audience: string): TokenError {
  switch (error.claim) {
    case 'iss':
      return new TokenError('wrong_issuer', `the token is not of ${issuer}`, error);
    case 'aud':
      return new TokenError('wrong_audience', `the token is not for ${audience}`, error);
    case 'typ':
      return new TokenError('wrong_kind', 'the token is not an access token (typ at+jwt)', error);
    case 'nbf':
      return new TokenError('not_yet_valid', 'the token is not valid yet', error);
    default:
      return new TokenError('wrong_claims', `the claim ${error.claim} is missing or wrong`, error);
  }
}
