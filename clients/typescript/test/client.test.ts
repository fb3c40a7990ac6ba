import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { Guestlist, GuestlistError, inStorage, type User } from '../src/index.js';
import { counting, password, refused, setupCode, unavailable, url } from './service.js';

const email = 'root@example.com';
let root: Guestlist;

before(async () => {
  root = new Guestlist({ url });
  const body = { invite: setupCode, email, password, account: { name: 'Home' } };
  const reply = await root.call('identity/create', body);
  assert(reply.accessToken && reply.expires && reply.refreshToken && reply.session);
  const { accessToken, expires, refreshToken, session } = reply;
  await root.signedIn({ accessToken, expires, refreshToken, session });
  for (let number = 1; number <= 7; number += 1) {
    await root.call('user/create', { email: `user-${number}@example.com` });
  }
});

async function refusal(work: Promise<unknown>): Promise<GuestlistError> {
  const error = await work.then(
    () => assert.fail('it was not refused'),
    (error: unknown) => error,
  );
  assert(error instanceof GuestlistError, String(error));
  return error;
}

test('a call replies what its type says', async () => {
  const user: User = await root.call('user/get');
  assert.equal(user.email, email);
  assert.equal(user.role, 'root');
  const created = await root.call('user/create', { email: 'ada@example.com', first: 'Ada' });
  assert.equal(created.state, 'invited');
  const found = await root.call('user/find', { search: 'ada' }, { query: { limit: 1 } });
  assert.deepEqual(found.data.map((one) => one.id), [created.id]);
});

test('errors are typed', async () => {
  const error = await refusal(root.call('user/create', { email: 'ada', role: 'user', last: 'x' }));
  assert.equal(error.status, 422);
  assert.equal(error.code, 'validation_failed');
  assert.equal(error.fault('email')?.code, 'email');
  assert.equal(error.fault('role'), undefined);
  assert.match(error.requestId ?? '', /^[0-9a-f-]{36}$/);
  assert.equal(error.message, error.detail);
  const nowhere = new Guestlist({ url: `${url}/healthz#` });
  assert.equal((await refusal(nowhere.call('user/get'))).status, 405);
  const other: typeof fetch = async () => new Response('<html>', { status: 502 });
  const proxy = await refusal(new Guestlist({ url, fetch: other }).call('user/get'));
  assert.deepEqual([proxy.status, proxy.code, proxy.errors], [502, 'unknown', []]);
});

test('pages are walked in both directions', async () => {
  const query = { index: 'gs1', limit: 3 } as const;
  const forwards: string[] = [];
  for await (const user of root.pages('user/find', {}, { query })) forwards.push(user.id);
  assert(forwards.length >= 8, `${forwards.length}`);
  const all = await root.call('user/find', {}, { query: { index: 'gs1', limit: 100 } });
  assert.deepEqual(forwards, all.data.map((user) => user.id));

  // From the last page back.
  let page = await root.call('user/find', {}, { query });
  while (page.next) page = await root.call('user/find', {}, { query: { ...query, next: page.next } });
  assert(page.prev);
  const backwards: string[] = [];
  const from = { query: { ...query, prev: page.prev } };
  for await (const user of root.pages('user/find', {}, from)) backwards.push(user.id);
  const before = forwards.slice(0, forwards.length - page.data.length);
  assert.deepEqual(backwards, before.reverse());

  const few: string[] = [];
  for await (const user of root.pages('user/find', {}, { query })) {
    few.push(user.id);
    if (few.length === 4) break;
  }
  assert.deepEqual(few, forwards.slice(0, 4));
});

test('tokens are refreshed once for any number of calls', async () => {
  const { client, requests } = counting();
  const tokens = await client.signIn({ email, password });
  await client.signedIn({ ...tokens, accessToken: 'too.old.token' });
  const work = Array.from({ length: 20 }, () => client.call('user/get'));
  const users = await Promise.all(work);
  assert(users.every((user) => user.email === email));
  assert.equal(requests.get('session/refresh'), 1);
  assert.notEqual(client.tokens?.refreshToken, tokens.refreshToken);
  await client.call('account/get');
  assert.equal(requests.get('session/refresh'), 1);
});

/** Two clients with the same tokens, as in two tabs. */
function sharing(): [ReturnType<typeof counting>, ReturnType<typeof counting>] {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  } as Storage;
  return [counting({ store: inStorage(storage) }), counting({ store: inStorage(storage) })];
}

test('two clients that share a store do not show one refresh token twice', async () => {
  const [one, other] = sharing();
  const tokens = await one.client.signIn({ email, password });
  assert.deepEqual(other.client.tokens, tokens);
  for (let round = 1; round <= 3; round += 1) {
    await one.client.signedIn({ ...one.client.tokens!, accessToken: 'too.old.token' });
    const users = [one, other].map(({ client }) => client.call('user/get'));
    for (const user of await Promise.all(users)) assert.equal(user.email, email);
  }
  const refreshes = [one, other].map(({ requests }) => requests.get('session/refresh') ?? 0);
  assert.equal(refreshes[0]! + refreshes[1]!, 3);
});

test('nobody makes the calls of who was signed in before', async () => {
  const next = { email: 'next@example.com', password: 'tides turn twice' };
  await root.call('user/create', next);
  const theirs = await new Guestlist({ url }).signIn(next);
  const { client, requests } = counting({}, (name) => {
    if (name !== 'user/update') return undefined;
    // Somebody else signs in while the call is on its way.
    void client.signedIn(theirs);
    return refused(401, 'unauthenticated');
  });
  await client.signIn({ email, password });
  const error = await refusal(client.call('user/update', { first: 'Eve' }));
  assert.equal(error.code, 'unauthenticated');
  assert.equal(requests.get('user/update'), 1);
  assert.equal((await client.call('user/get')).email, next.email);
});

test('a session that has ended leaves nobody signed in', async () => {
  const { client, requests } = counting();
  const tokens = await client.signIn({ email, password });
  await new Guestlist({ url, token: tokens.accessToken }).call('session/remove', {});
  const error = await refusal(client.call('user/get'));
  assert.equal(error.code, 'unauthenticated');
  assert.equal(client.tokens, undefined);
  assert.equal(requests.get('session/refresh'), 1);
  assert.equal((await refusal(client.signIn({ email, password: 'wrong' }))).status, 401);
  assert.equal(requests.get('session/refresh'), 1);
});

test('a wrong code is no token that is too old', async () => {
  const { client, requests } = counting();
  await client.signIn({ email, password });
  const body = { code: 'A'.repeat(24), password };
  assert.notEqual((await refusal(client.call('identity/verify', body))).code, 'unauthenticated');
  const error = await refusal(client.signIn({ email, password: 'wrong' }));
  assert.deepEqual([error.status, error.code], [401, 'invalid_credentials']);
  assert.deepEqual([...requests], [['session/create', 2], ['identity/verify', 1]]);
});

test('signing out ends the session', async () => {
  const client = new Guestlist({ url });
  const tokens = await client.signIn({ email, password });
  await client.signOut();
  assert.equal(client.tokens, undefined);
  const body = { refreshToken: tokens.refreshToken };
  assert.equal((await refusal(client.call('session/refresh', body))).code, 'unauthenticated');
  await client.signOut();
});

test('keys and tokens of others are sent as they are', async () => {
  const { key } = await root.call('key/create', { name: 'test', role: 'admin', access: 'read' });
  for (const token of [key, () => key, async () => key]) {
    const client = new Guestlist({ url, token });
    assert.equal((await client.call('account/get')).name, 'Home');
  }
  const body = { name: 'x', role: 'user' } as const;
  const error = await refusal(new Guestlist({ url, token: key }).call('key/create', body));
  assert.equal(error.code, 'forbidden');
});

test('reads are tried again when the service says so, changes are not', async () => {
  const token = root.tokens!.accessToken;
  const busy = (name: string, times: number) =>
    name !== 'session/create' && times < 2 ? unavailable(0) : undefined;
  const { client, requests } = counting({ token }, busy);
  assert.equal((await client.call('user/get')).email, email);
  assert.equal(requests.get('user/get'), 2);
  const error = await refusal(client.call('user/update', { first: 'Rosa' }));
  assert.deepEqual([error.code, error.retryAfter], ['unavailable', 0]);
  assert.equal(requests.get('user/update'), 1);
});

test('a change with a key is tried again, and done once', async () => {
  const token = root.tokens!.accessToken;
  const { client, requests } = counting({ token }, (_, times) =>
    times < 2 ? unavailable(0) : undefined,
  );
  const options = { idempotencyKey: randomUUID() };
  const made = await client.call('user/create', { email: 'once@example.com' }, options);
  const again = await client.call('user/create', { email: 'once@example.com' }, options);
  assert.equal(made.id, again.id);
  assert.equal(requests.get('user/create'), 3);
});

test('nobody waits for ever', async () => {
  const token = root.tokens!.accessToken;
  const always = counting({ token, retries: 3 }, () => unavailable(0));
  assert.equal((await refusal(always.client.call('user/get'))).status, 503);
  assert.equal(always.requests.get('user/get'), 4);
  const long = counting({ token, patience: 5 }, () => unavailable(6));
  assert.equal((await refusal(long.client.call('user/get'))).retryAfter, 6);
  assert.equal(long.requests.get('user/get'), 1);
  const stop = new AbortController();
  const waiting = counting({ token }, () => unavailable(20));
  const call = waiting.client.call('user/get', {}, { signal: stop.signal });
  setTimeout(() => stop.abort(new Error('enough')), 20);
  await assert.rejects(call, /enough/);
});

test('who guesses is told to wait, and waits', async () => {
  const client = new Guestlist({ url, retries: 0 });
  const guess = { invite: 'A'.repeat(24) };
  let error = await refusal(client.call('invite/check', guess));
  for (let tries = 0; error.status === 404 && tries < 40; tries += 1) {
    error = await refusal(client.call('invite/check', guess));
  }
  assert.equal(error.code, 'too_many_requests');
  assert(error.retryAfter !== undefined && error.retryAfter >= 1);
  // The pause is over when the call is made again.
  assert.equal((await refusal(new Guestlist({ url }).call('invite/check', guess))).status, 404);
});
