// Signing in with a provider, as far as the page's part goes. What a provider and the service make of it, the tests of
// `tests/browser` show; here the service's answers to these calls are played, as docs/interface.md has them.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { type FromProvider, GuestlistError, type Guestlist, type Tokens } from '../src/index.js';
import { counting, refused, unavailable } from './service.js';

const APP = 'https://app.example.com/';
const TICKET = { link: 'what-is-to-be-shown', expires: '2030-01-01T00:00:00.000Z' };

/** The tab: what it keeps, where it is, and where it was sent. */
let kept: Map<string, string>;
let sentTo: string[];

/** A page is opened in the tab. */
function openPage(url: string): void {
  const { pathname, search, hash } = new URL(url);
  const location = { pathname, search, hash, assign: (to: string) => void sentTo.push(to) };
  const history = {
    state: null,
    replaceState: (_: unknown, __: string, to: string) => Object.assign(location, { hash: new URL(to, APP).hash }),
  };
  Object.assign(globalThis, { location, history });
}

beforeEach(() => {
  [kept, sentTo] = [new Map(), []];
  const sessionStorage = {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  };
  Object.assign(globalThis, { sessionStorage });
  openPage(APP);
});

afterEach(() => {
  for (const name of ['location', 'history', 'sessionStorage']) Reflect.deleteProperty(globalThis, name);
});

interface Asked {
  name: string;
  body: Record<string, unknown>;
}

type Answer = (body: Record<string, unknown>) => Response | object;

/** A new page's client, and the calls that it makes. */
function page(answers: Record<string, Answer>, settings = {}): { client: Guestlist; asked: Asked[] } {
  const asked: Asked[] = [];
  const { client } = counting(settings, (name, _, given) => {
    const body = given as Record<string, unknown>;
    asked.push({ name, body });
    const answer = answers[name]?.(body);
    assert(answer, `${name} was not foreseen`);
    return answer instanceof Response ? answer : Response.json(answer);
  });
  return { client, asked };
}

let begun = 0;

/** The service's answer to `provider/begin`: each has a state and a key of its own. */
function sendsOff(): object {
  begun += 1;
  const url = `https://id.example.com/authorize?client_id=app&state=state-${begun}`;
  return { url, key: `key-${begun}`, expires: TICKET.expires };
}

const encoded = (text: object) => Buffer.from(JSON.stringify(text)).toString('base64url');

/** Tokens of Ada's, for an account. */
function tokens(account = 'here'): Tokens {
  const claims = { iss: 'https://auth.example.com', sub: 'ada', account_id: account };
  const accessToken = `${encoded({ alg: 'RS256' })}.${encoded(claims)}.signature`;
  return { accessToken, refreshToken: 'glr_ada', expires: TICKET.expires, session: 'session-1' };
}

/** Comes back from the provider, with what it has sent along. */
function comeBack(brought: Record<string, string>): void {
  openPage(`${APP}#${String(new URLSearchParams({ provider: 'google', ...brought }))}`);
}

/** Goes to the provider, and comes back with a code. */
async function thereAndBack(wish = {}): Promise<string> {
  await page({ 'provider/begin': sendsOff }).client.signInWith('google', wish);
  const state = `state-${begun}`;
  comeBack({ code: 'a-code', state, iss: 'https://id.example.com' });
  return state;
}

const kindOf = (result: FromProvider | undefined) => result?.kind;

test('a sign-in goes to the provider, and on with what comes back', async () => {
  const { client, asked } = page({ 'provider/begin': sendsOff });
  await client.signInWith('google', { accountId: 'elsewhere', language: 'de' });
  assert.deepEqual(asked[0]?.body, { provider: 'google', accountId: 'elsewhere', language: 'de' });
  assert.deepEqual(sentTo, [`https://id.example.com/authorize?client_id=app&state=state-${begun}`]);

  comeBack({ code: 'a-code', state: `state-${begun}`, iss: 'https://id.example.com' });
  const back = page({ 'provider/finish': () => ({ state: 'verified', ...tokens('elsewhere') }) });
  // Simultaneous callers get one answer, because the reply works only once.
  const both = await Promise.all([back.client.finish(), back.client.finish()]);
  assert.deepEqual(both[0], { provider: 'google', accountId: 'elsewhere', kind: 'signed-in' });
  assert.equal(both[1], both[0]);
  const body = { code: 'a-code', iss: 'https://id.example.com', provider: 'google', state: `state-${begun}`, key: `key-${begun}` };
  assert.deepEqual(back.asked, [{ name: 'provider/finish', body }]);
  assert.equal(back.client.tokens?.accessToken, tokens('elsewhere').accessToken);
  assert.equal(await back.client.account(), 'elsewhere');
  assert.equal(location.hash, '');
  assert.equal(await back.client.finish(), undefined);
});

test('a page that has come from nowhere asks for nothing', async () => {
  openPage(`${APP}#/users?provider=google&code=a-code`);
  const { client, asked } = page({});
  assert.equal(await client.finish(), undefined);
  assert.deepEqual([asked, location.hash], [[], '#/users?provider=google&code=a-code']);
});

test('the browser goes to no URL that may be a script, nor to one in the clear', async () => {
  for (const url of ['javascript:alert(1)//?state=a', 'http://id.example.com/?state=a', 'data:text/html,?state=a']) {
    const { client } = page({ 'provider/begin': () => ({ ...sendsOff(), url }) });
    await assert.rejects(client.signInWith('google'), /must begin with https:/);
  }
  const local = 'http://127.0.0.1:9000/authorize?state=a';
  await page({ 'provider/begin': () => ({ ...sendsOff(), url: local }) }).client.signInWith('google');
  assert.deepEqual(sentTo, [local]);
});

test('what another tab or browser has begun is not gone on with', async () => {
  await thereAndBack();
  kept.clear();
  const { client, asked } = page({});
  assert.deepEqual(await client.finish(), { provider: 'google', kind: 'begun-elsewhere' });
  assert.deepEqual([asked, location.hash], [[], '']);
  assert.equal(client.tokens, undefined);
});

test('two sign-ins that have begun do not get in each other’s way', async () => {
  const first = await thereAndBack({ invite: 'first' });
  await thereAndBack({ invite: 'second' });
  comeBack({ code: 'a-code', state: first });
  const { client, asked } = page({ 'provider/finish': () => ({ state: 'verified', ...tokens() }) });
  assert.deepEqual(await client.finish(), { provider: 'google', invite: 'first', kind: 'signed-in' });
  assert.equal(asked[0]?.body['key'], first.replace('state', 'key'));
});

test('who is new has joined by the invite', async () => {
  await thereAndBack({ invite: 'an-invite' });
  const [account, user] = [{ id: 'there', name: 'There' }, { id: 'u1', accountId: 'there' }];
  const { client } = page({ 'provider/finish': () => ({ state: 'verified', ...tokens('there'), account, user }) });
  const result = await client.finish();
  assert.deepEqual(result, { provider: 'google', invite: 'an-invite', kind: 'joined', account, user });
  assert.equal(await client.account(), 'there');
});

test('a code from an email is shown, in a page that was loaded anew, too', async () => {
  await thereAndBack({ invite: 'an-invite' });
  const pending = page({ 'provider/finish': () => ({ state: 'pending', ...TICKET }) });
  assert.deepEqual(await pending.client.finish(), { provider: 'google', invite: 'an-invite', kind: 'pending' });
  assert.equal(pending.client.tokens, undefined);

  openPage(APP);
  const { client, asked } = page({
    'provider/code': () => ({ expires: TICKET.expires }),
    'provider/link': () => ({ state: 'verified', ...tokens() }),
  });
  assert.equal(kindOf(await client.finish()), 'pending');
  await client.sendCode();
  assert.deepEqual(await client.link({ emailCode: '12345678' }), { provider: 'google', invite: 'an-invite', kind: 'signed-in' });
  const key = `key-${begun}`;
  assert.deepEqual(asked.map(({ body }) => body), [
    { link: TICKET.link, key },
    { link: TICKET.link, key, emailCode: '12345678' },
  ]);
  assert(client.tokens);
  assert.equal(await client.finish(), undefined);
  await assert.rejects(client.link({ emailCode: '12345678' }), /begin again/);
});

test('who signs in with the address already shows a credential, and the second factor with it', async () => {
  await thereAndBack();
  const { client, asked } = page({
    'provider/finish': () => refused(401, 'link_required', {}, TICKET),
    'provider/link': ({ totp }) =>
      totp === undefined ? refused(401, 'totp_required') : { state: 'verified', ...tokens() },
  });
  assert.equal(kindOf(await client.finish()), 'link-required');
  await assert.rejects(client.link({ currentPassword: 'p' }), { code: 'totp_required' });
  assert.equal(kindOf(await client.finish()), 'link-required');
  await client.link({ currentPassword: 'p', totp: '123456' });
  assert.deepEqual(asked.at(-1)?.body, { currentPassword: 'p', totp: '123456', link: TICKET.link, key: `key-${begun}` });
  assert(client.tokens);
});

test('a linked identity takes the second factor alone', async () => {
  await thereAndBack();
  const { client } = page({
    'provider/finish': () => refused(401, 'totp_required', {}, TICKET),
    'provider/link': () => refused(400, 'invalid_state'),
  });
  assert.equal(kindOf(await client.finish()), 'second-factor');
  // What has expired is not asked for any more.
  await assert.rejects(client.link({ totp: '123456' }), { code: 'invalid_state' });
  assert.equal(await client.finish(), undefined);
});

test('a refusal is a result, with what was wished for', async () => {
  await thereAndBack({ invite: 'an-invite' });
  const { client } = page({ 'provider/finish': () => refused(403, 'invite_email') });
  const result = await client.finish();
  assert(result?.kind === 'refused' && result.error instanceof GuestlistError);
  assert.deepEqual([result.error.code, result.invite], ['invite_email', 'an-invite']);
  assert.equal(await client.finish(), undefined);
});

test('what the service has not looked at may be sent again', async () => {
  await thereAndBack();
  let times = 0;
  const answer = () => {
    times += 1;
    if (times === 1) return unavailable(1);
    return times === 2 ? new Response('<html>', { status: 502 }) : { state: 'verified', ...tokens() };
  };
  const { client, asked } = page({ 'provider/finish': answer });
  for (const kind of ['refused', 'refused', 'signed-in', undefined]) {
    assert.equal(kindOf(await client.finish()), kind);
    assert.equal(location.hash, '');
  }
  assert.equal(asked.length, 3);
});

test('a provider that says no is told of, with the state or without', async () => {
  const state = await thereAndBack({ invite: 'an-invite' });
  comeBack({ error: 'access_denied' });
  const without = page({});
  assert.deepEqual(await without.client.finish(), { provider: 'google', invite: 'an-invite', kind: 'denied' });
  comeBack({ error: 'access_denied', state });
  const { client, asked } = page({ 'provider/finish': () => refused(401, 'provider_denied') });
  assert.equal(kindOf(await client.finish()), 'refused');
  assert.equal(asked[0]?.body['error'], 'access_denied');
});

test('an identity is linked to the session that has begun it', async () => {
  const linked = { hasPassword: true, linked: [] };
  const inside = page({ 'provider/beginLink': sendsOff });
  await inside.client.signedIn(tokens());
  await inside.client.linkProvider('google');
  comeBack({ code: 'a-code', state: `state-${begun}` });
  // The page is a new one; the session is that of the cookie.
  const { client, asked } = page(
    { 'session/refresh': () => tokens(), 'provider/finishLink': () => linked },
    { cookie: true },
  );
  assert.deepEqual(await client.finish(), { provider: 'google', kind: 'linked', ways: linked });
  assert.deepEqual(asked.map(({ name }) => name), ['session/refresh', 'provider/finishLink']);
  assert.equal(asked[1]?.body['cookie'], undefined);
});

test('the cookie is asked for where the client works with it', async () => {
  await thereAndBack();
  const { client, asked } = page({ 'provider/finish': () => ({ state: 'verified', ...tokens() }) }, { cookie: true });
  assert.equal(kindOf(await client.finish()), 'signed-in');
  assert.equal(asked[0]?.body['cookie'], true);
});
