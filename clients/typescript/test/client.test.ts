import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { accountsInStorage, Guestlist, GuestlistError, inStorage, type User } from '../src/index.js';
import { counting, emailedInvite, password, refused, setupCode, unavailable, url } from './service.js';

const email = 'root@example.com';
let root: Guestlist;

before(async () => {
  root = new Guestlist({ url });
  const body = { invite: setupCode, email, password, account: { name: 'Home' } };
  const reply = await root.call('identity/create', body);
  assert(reply.accessToken && reply.expires && reply.refreshToken && reply.session);
  const { accessToken, expires, refreshToken, session, account } = reply;
  await root.signedIn({ accessToken, expires, refreshToken, session, account: account! });
  assert.equal(await root.account(), account!.id);
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

function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  } as Storage;
}

/** Two clients with the same tokens, as in two tabs. */
function sharing(): [ReturnType<typeof counting>, ReturnType<typeof counting>] {
  const kept = storage();
  return [counting({ store: inStorage(kept) }), counting({ store: inStorage(kept) })];
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
  const body = { refreshToken: tokens.refreshToken! };
  assert.equal((await refusal(client.call('session/refresh', body))).code, 'unauthenticated');
  await client.signOut();
});

/** An account that expects this person, who has a sign-in; its id. */
async function expecting(name: string, person: string): Promise<string> {
  const { id } = await root.call('account/create', { name });
  const fields = { accountId: id, email: person, role: 'admin', sendInvite: true } as const;
  await root.call('user/create', fields);
  return id;
}

/** Somebody in the first account, who has proved to read what is sent to the e-mail. */
async function member(person: string): Promise<{ email: string; password: string }> {
  await root.call('user/create', { email: person, sendInvite: true });
  const invite = await emailedInvite(person);
  await new Guestlist({ url }).call('identity/create', { invite, password });
  return { email: person, password };
}

test('calls are about the account that was entered, tab by tab', async () => {
  const person = await member('grace@example.com');
  const home = (await root.call('account/get')).id;
  const tokens = storage();
  const shared = storage();
  const tab = () => {
    const store = { ...inStorage(tokens), accounts: accountsInStorage(storage(), 'app', shared) };
    return counting({ store });
  };
  const [one, other] = [tab(), tab()];
  await one.client.signIn(person);
  assert.equal((await one.client.call('user/login')).account.id, home);
  assert.equal(await one.client.account(), home);
  assert.equal((await other.client.call('account/get')).id, home);

  const mills = await expecting('Mills', person.email);
  const { accounts, expected } = await one.client.accounts();
  assert.deepEqual(accounts.map(({ account }) => account.name), ['Home']);
  const [mine] = expected;
  assert.deepEqual([mine?.accountId, mine?.accountName, mine?.role], [mills, 'Mills', 'admin']);

  assert.equal((await one.client.switchAccount(mills)).user.role, 'admin');
  assert.equal((await one.client.call('account/get')).id, mills);
  assert.equal((await one.client.call('user/find', {})).data.length, 1);
  // The other tab stays where it is, and a new one begins where one was last.
  assert.equal((await other.client.call('account/get')).id, home);
  assert.equal(await tab().client.account(), mills);
  // So does who signs in again.
  await one.client.signOut();
  await one.client.signIn(person);
  assert.equal((await one.client.call('account/get')).id, mills);
  // Somebody else does not.
  await one.client.signIn({ email, password });
  assert.equal(await one.client.account(), home);
  assert.equal((await one.client.call('account/get')).id, home);
});

test('who is in several accounts begins in the one that was used last', async () => {
  const person = await member('joan@example.com');
  const mills = await expecting('Mills', person.email);
  const first = new Guestlist({ url });
  await first.signIn(person);
  await first.switchAccount(mills);
  const { client, requests } = counting();
  const { refreshToken } = await client.signIn(person);
  assert.equal(await client.account(), mills);
  assert.equal((await client.call('account/get')).id, mills);
  // Another one for a call takes another token, once.
  const home = (await root.call('account/get')).id;
  for (let calls = 0; calls < 2; calls += 1) {
    assert.equal((await client.call('account/get', {}, { account: home })).id, home);
  }
  assert.deepEqual([requests.get('account/get'), requests.get('session/token')], [3, 1]);
  assert.equal(await client.account(), mills);
  // The session ends all the same.
  await client.signOut();
  const late = await refusal(client.call('session/refresh', { refreshToken: refreshToken! }));
  assert.equal(late.code, 'unauthenticated');
});

test('one says no, makes an account, and leaves', async () => {
  const person = await member('ida@example.com');
  const home = (await root.call('account/get')).id;
  const client = new Guestlist({ url });
  await client.signIn(person);
  const unwanted = await expecting('Unwanted', person.email);
  await client.decline(unwanted);
  assert.deepEqual((await client.accounts()).expected, []);
  assert.equal((await refusal(client.switchAccount(unwanted))).code, 'not_registered');
  const own = await client.register('Own');
  assert.deepEqual([own.account.name, own.user.role], ['Own', 'admin']);
  assert.equal(await client.account(), own.account.id);
  // The last admin stays.
  assert.equal((await refusal(client.leave())).code, 'last_admin');
  assert.equal(await client.account(), own.account.id);

  await client.switchAccount(home);
  await client.leave();
  assert.equal(await client.account(), undefined);
  assert.equal((await refusal(client.call('account/get'))).code, 'not_registered');
  await client.call('user/login');
  assert.equal((await client.call('account/get')).id, own.account.id);
});

test('an account that one is no longer in is forgotten', async () => {
  const person = await member('mary@example.com');
  const client = new Guestlist({ url });
  await client.signIn(person);
  const { account, user } = await client.call('user/login');
  const mills = await expecting('Mills', person.email);
  await client.switchAccount(mills);
  await client.switchAccount(account.id);
  await root.call('user/remove', { id: user.id });
  assert.equal((await refusal(client.call('user/get'))).code, 'not_registered');
  assert.equal(await client.account(), undefined);
  await client.call('user/login');
  assert.equal((await client.call('account/get')).id, mills);
});

test('keys and tokens of others are sent as they are', async () => {
  const { key } = await root.call('key/create', { name: 'test', role: 'admin', access: 'read' });
  for (const token of [key, () => key, async () => key]) {
    const client = new Guestlist({ url, token });
    assert.equal((await client.call('account/get')).name, 'Home');
  }
  // A token of whoever issued it is about the account that was entered, too; a key knows its own.
  const token = root.tokens!.accessToken;
  const others = new Guestlist({ url, token });
  const { account } = await others.call('user/login');
  assert.equal(await others.account(), account.id);
  assert.equal(await new Guestlist({ url, token: key }).account(), undefined);
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
