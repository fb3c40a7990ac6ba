// What goes over the wire for a call.

import { COOKIE_CALLS, COOKIE_GIVING, OUTSIDE_ACCOUNTS, type Call } from './calls.js';
import type { Options, Settings } from './settings.js';

/** What goes with a call, once it is known which account it is about. */
export type Sent<Name extends Call> = Omit<Options<Name>, 'account'> & { account: string | undefined };

/** Sends a call to the service. The cookie goes along with the calls that work with it, and with no other. */
export function sendTo<Name extends Call>(
  { url, cookie, fetch }: Required<Pick<Settings, 'url' | 'fetch'>> & { cookie: boolean },
  name: Name,
  body: object,
  { query, idempotencyKey, account, signal }: Sent<Name>,
  token: string | undefined,
): Promise<Response> {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined);
  const search = String(new URLSearchParams(given.map(([key, value]) => [key, String(value)])));
  const headers = new Headers({ 'Content-Type': 'application/json' });
  if (token !== undefined) headers.set('Authorization', `Bearer ${token}`);
  if (idempotencyKey !== undefined) headers.set('Idempotency-Key', idempotencyKey);
  if (account !== undefined && !OUTSIDE_ACCOUNTS.has(name)) headers.set('X-Account-Id', account);
  return fetch(`${url}/${name}${search && `?${search}`}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(cookie && COOKIE_GIVING.has(name) ? { ...body, cookie } : body),
    ...(cookie && COOKIE_CALLS.has(name) && { credentials: 'include' }),
    ...(signal && { signal }),
  });
}
