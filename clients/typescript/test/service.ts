// The service that the tests talk to: a real one, which nobody has set up yet.

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Change, Guestlist, type Settings } from '../src/index.js';

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
  instead: (name: string, times: number, body: unknown) => Response | undefined = () => undefined,
): { client: Guestlist; requests: Map<string, number> } {
  const requests = new Map<string, number>();
  const { fetch: onwards = fetch, ...others } = settings;
  const send: typeof fetch = async (input, init) => {
    const name = new URL(String(input)).pathname.slice(1);
    const times = (requests.get(name) ?? 0) + 1;
    requests.set(name, times);
    return instead(name, times, JSON.parse(String(init?.body))) ?? onwards(input, init);
  };
  return { client: new Guestlist({ url, fetch: send, ...others }), requests };
}

export interface Tab extends ReturnType<typeof counting> {
  /** The kinds of what it was told of. */
  changes: Change['kind'][];
  /** What it has sent with the cookie, if there was one. */
  sent: { name: string; body: unknown }[];
}

/** How many there are, so that tabs hear those of their own browser only. */
let browsers = 0;

/** Opens tabs that have a cookie in common. A deaf one does not hear what the others tell. */
export async function browser(): Promise<(settings?: Partial<Settings> & { isDeaf?: boolean }) => Tab> {
  const { cookieOrigin } = await new Guestlist({ url }).call('service/about');
  assert(cookieOrigin, 'the service must be started with a public_url such as http://localhost');
  const number = (browsers += 1);
  let tabs = 0;
  let cookie = '';
  let isBusy = false;
  const exchange = async (path: string, init: RequestInit): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set('Origin', cookieOrigin);
    if (init.credentials !== 'include') return fetch(url + path, { ...init, headers });
    assert(!isBusy, 'replies that change the cookie may overtake each other');
    isBusy = true;
    headers.set('Cookie', cookie);
    const response = await fetch(url + path, { ...init, headers });
    isBusy = false;
    const [set] = response.headers.getSetCookie();
    if (set !== undefined) cookie = set.split(';')[0]!;
    return response;
  };
  return ({ isDeaf = false, ...settings } = {}) => {
    const sent: Tab['sent'] = [];
    const send: typeof fetch = (input, init = {}) => {
      const { pathname } = new URL(String(input));
      if (init.credentials) sent.push({ name: pathname.slice(1), body: JSON.parse(String(init.body)) });
      return exchange(pathname, init);
    };
    const host = isDeaf ? `http://browser-${number}-${(tabs += 1)}.test` : `http://browser-${number}.test`;
    const tab = counting({ url: host, cookie: true, fetch: send, ...settings });
    const changes: Tab['changes'] = [];
    tab.client.onChange(({ kind }) => changes.push(kind));
    return { ...tab, changes, sent };
  };
}

/** Done when it is so. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !isSo(); tries += 1) await pause(10);
  assert(isSo(), String(isSo));
}

/** The code in the email that invites somebody: unlike the one that admins see, it proves the address. */
export async function emailedInvite(to: string): Promise<string> {
  for (let tries = 0; tries < 500; tries += 1) {
    const names = (await readdir(mail).catch(() => [])).filter((name) => name.endsWith('.eml'));
    const emails = await Promise.all(names.map((name) => readFile(join(mail, name), 'latin1')));
    const found = emails.filter((email) => email.includes(`To: ${to}`)).map(inviteIn).find(Boolean);
    if (found) return found;
    await pause(20);
  }
  return assert.fail(`no email has invited ${to}`);
}

/** Out of an email's text, which is quoted-printable. */
function inviteIn(email: string): string | undefined {
  const text = email.replace(/=\r?\n/g, '').replaceAll('=3D', '=');
  return /#invite=([\w-]+\.[\w-]+)/.exec(text)?.[1];
}

/** An answer of a service that cannot answer right now. */
export const unavailable = (seconds: number): Response =>
  refused(503, 'unavailable', { 'retry-after': String(seconds) });

/** An answer of a service that refuses the call. */
export function refused(
  status: number,
  code: string,
  more: Record<string, string> = {},
  fields: object = {},
): Response {
  const headers = { 'content-type': 'application/problem+json', ...more };
  const problem = {
    type: `urn:guestlist:error:${code}`,
    title: code,
    status,
    detail: 'Not now.',
    code,
    requestId: '01890000-0000-7000-8000-000000000000',
    ...fields,
  };
  return new Response(JSON.stringify(problem), { status, headers });
}
