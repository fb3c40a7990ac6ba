// The service that the tests talk to: a real one, which nobody has set up yet.

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Guestlist, type Settings } from '../src/index.js';

function variable(name: string): string {
  const value = process.env[name];
  assert(value, `${name} must be set; tests/run does that`);
  return value;
}

export const url = variable('GUESTLIST_URL');
export const setupCode = variable('GUESTLIST_SETUP_CODE');
const mail = variable('GUESTLIST_MAIL');
export const password = 'seven green teapots';

/** A client that counts its requests by call, and may be answered otherwise than by the service. */
export function counting(
  settings: Partial<Settings> = {},
  instead: (name: string, times: number) => Response | undefined = () => undefined,
): { client: Guestlist; requests: Map<string, number> } {
  const requests = new Map<string, number>();
  const send: typeof fetch = async (input, init) => {
    const name = new URL(String(input)).pathname.slice(1);
    const times = (requests.get(name) ?? 0) + 1;
    requests.set(name, times);
    return instead(name, times) ?? fetch(input, init);
  };
  return { client: new Guestlist({ url, fetch: send, ...settings }), requests };
}

/** The code in the e-mail that invites somebody: unlike the one that admins see, it proves the address. */
export async function emailedInvite(to: string): Promise<string> {
  for (let tries = 0; tries < 500; tries += 1) {
    const names = (await readdir(mail).catch(() => [])).filter((name) => name.endsWith('.eml'));
    const emails = await Promise.all(names.map((name) => readFile(join(mail, name), 'latin1')));
    const found = emails.filter((email) => email.includes(`To: ${to}`)).map(inviteIn).find(Boolean);
    if (found) return found;
    await pause(20);
  }
  return assert.fail(`no e-mail has invited ${to}`);
}

/** Out of an e-mail's text, which is quoted-printable. */
function inviteIn(email: string): string | undefined {
  const text = email.replace(/=\r?\n/g, '').replaceAll('=3D', '=');
  return /#invite=([\w-]+\.[\w-]+)/.exec(text)?.[1];
}

/** An answer of a service that cannot answer right now. */
export const unavailable = (seconds: number): Response =>
  refused(503, 'unavailable', { 'retry-after': String(seconds) });

/** An answer of a service that refuses the call. */
export function refused(status: number, code: string, more: Record<string, string> = {}): Response {
  const headers = { 'content-type': 'application/problem+json', ...more };
  const problem = {
    type: `urn:guestlist:error:${code}`,
    title: code,
    status,
    detail: 'Not now.',
    code,
    requestId: '01890000-0000-7000-8000-000000000000',
  };
  return new Response(JSON.stringify(problem), { status, headers });
}
