import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import {
  accountsInStorage,
  type Change,
  Guestlist,
  GuestlistError,
  inBrowser,
  inStorage,
  type Tokens,
  type User,
} from '../src/index.js';
import {
  browser,
  counting,
  emailedInvite,
  password,
  refused,
  setupCode,
  type Tab,
  unavailable,
  until,
  url,
} from './service.js';
import { compile, snippets } from './readme.js';

const email = 'root@example.com';
let root: Guestlist;

before(async () => {
  root = new Guestlist({ url });
  const body = { invite: setupCode, email, password, account: { name: 'Home' } };
  const reply = await root.call('identity/create', body);
  assert(reply.state === 'verified');
  await root.signedIn(reply);
  assert.equal(await root.account(), reply.account?.id);
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

/** Somebody in the first account, who has proved to read what is sent to the email. */
async function member(person: string): Promise<{ email: string; password: string }> {
  await root.call('user/create', { email: person, sendInvite: true });
  const invite = await emailedInvite(person);
  await new Guestlist({ url }).call('identity/create', { invite, password });
  return { email: person, password };
}

/** The same tokens, but for an access token that is refused. */
const aged = (tokens: Tokens): Tokens => {
  const [head, claims] = tokens.accessToken.split('.');
  return { ...tokens, accessToken: [head, claims, 'A'.repeat(86)].join('.') };
};

/** Somebody else who can sign in. */
async function other(name: string): Promise<{ email: string; password: string }> {
  const person = { email: `${name}@example.com`, password: 'tides turn twice' };
  await root.call('user/create', person);
  return person;
}

test('in cookie mode no script has the refresh token', async () => {
  const open = await browser();
  const [one, next] = [open(), open()];
  assert.equal(await next.client.refresh(), undefined);
  const tokens = await one.client.signIn({ email, password });
  assert(!('refreshToken' in tokens));
  assert.equal((await one.client.call('user/get')).email, email);
  assert.deepEqual(one.sent, [{ name: 'session/create', body: { email, password, cookie: true } }]);
  // A page that is opened later goes on in the session.
  const later = open();
  assert.equal((await later.client.refresh())?.session, tokens.session);
  assert.equal((await later.client.call('user/get')).email, email);
  assert.deepEqual(later.sent, [{ name: 'session/refresh', body: {} }]);
  assert.deepEqual(later.changes, ['sign-in']);

  await root.call('user/create', { email: 'anita@example.com', sendInvite: true });
  const invite = await emailedInvite('anita@example.com');
  const reply = await one.client.call('identity/create', { invite, password });
  assert(reply.state === 'verified' && reply.refreshToken === undefined);
  await one.client.signedIn(reply);
  assert.equal((await one.client.refresh())?.session, reply.session);
});

test('in cookie mode a session is renewed once for any number of calls', async () => {
  const { client, sent } = (await browser())();
  const tokens = await client.signIn({ email, password });
  await client.signedIn(aged(tokens));
  const users = await Promise.all(Array.from({ length: 20 }, () => client.call('user/get')));
  assert(users.every((user) => user.email === email));
  const refresh = { name: 'session/refresh', body: { session: tokens.session } };
  assert.deepEqual(sent.slice(1), [refresh]);
  assert(!('refreshToken' in client.tokens!));
});

test('who signs out is signed out in all tabs', async () => {
  const open = await browser();
  const [one, next] = [open(), open()];
  const { session } = await one.client.signIn({ email, password });
  await until(() => next.client.tokens !== undefined);
  await one.client.signOut();
  await until(() => next.client.tokens === undefined);
  assert.deepEqual(one.sent.at(-1), { name: 'session/remove', body: { session } });
  for (const { changes } of [one, next]) assert.deepEqual(changes, ['sign-in', 'sign-out']);
  assert.equal(await open().client.refresh(), undefined);
});

test('a session that has ended is over in all tabs', async () => {
  const open = await browser();
  const [one, next] = [open(), open()];
  const { accessToken } = await one.client.signIn({ email, password });
  await until(() => next.client.tokens !== undefined);
  await new Guestlist({ url, token: accessToken }).call('session/remove', {});
  assert.equal((await refusal(one.client.call('user/get'))).code, 'unauthenticated');
  await until(() => next.client.tokens === undefined);
  for (const { changes } of [one, next]) assert.deepEqual(changes, ['sign-in', 'sign-out']);
});

test('tabs of one person go on by a new sign-in, those of another are signed out', async () => {
  const person = await other('lise');
  const open = await browser();
  const [one, next] = [open(), open()];
  await one.client.signIn(person);
  await until(() => next.client.tokens !== undefined);
  const { session } = await one.client.signIn(person);
  assert.equal((await next.client.call('user/get')).email, person.email);
  assert.equal(next.client.tokens?.session, session);
  assert.deepEqual(next.changes, ['sign-in', 'sign-in']);
  await one.client.signIn({ email, password });
  await until(() => next.client.tokens === undefined);
  assert.equal(next.changes.at(-1), 'sign-out');
  assert.equal((await refusal(next.client.call('user/get'))).code, 'unauthenticated');
});

test('a tab that has heard of nothing goes on as the same person only', async () => {
  const person = await other('emmy');
  const open = await browser();
  const signedIn = async (): Promise<Tab> => {
    const tab = open({ isDeaf: true });
    await tab.client.signIn(person);
    return tab;
  };
  const deaf = await signedIn();
  const { session } = await open().client.signIn(person);
  assert.equal((await deaf.client.call('user/update', { first: 'Emmy' })).first, 'Emmy');
  assert.equal(deaf.client.tokens?.session, session);

  const [left, leaving] = [await signedIn(), await signedIn()];
  const current = open();
  await current.client.signIn({ email, password });
  const error = await refusal(left.client.call('user/update', { first: 'Eve' }));
  assert.equal(error.code, 'unauthenticated');
  assert.equal(left.requests.get('user/update'), 1);
  assert.deepEqual([left.client.tokens, left.changes], [undefined, ['sign-in', 'sign-out']]);
  // Nor does it end the other's session.
  await leaving.client.signOut();
  assert.equal(leaving.client.tokens, undefined);
  assert.deepEqual(leaving.sent.map(({ name }) => name), ['session/create', 'session/remove']);
  assert.equal((await current.client.refresh())?.session, current.client.tokens?.session);
  assert.equal((await current.client.call('user/get')).email, email);
});

test('who is in no account signs out, too', async () => {
  const person = await member('hedy@example.com');
  const open = await browser();
  const { client, sent } = open();
  const { session } = await client.signIn(person);
  await client.leave();
  await client.signOut();
  assert.deepEqual(sent.slice(1).map(({ body }) => body), [{ session }]);
  assert.equal(await open().client.refresh(), undefined);
});

test('sign-in, refresh and sign-out wait for each other', async () => {
  const { client, sent } = (await browser())();
  await client.signIn({ email, password });
  await client.signedIn(aged(client.tokens!));
  const work = [client.refresh(), client.signIn({ email, password }), client.signOut(), client.refresh()];
  await Promise.all(work);
  const names = ['session/create', 'session/refresh', 'session/create', 'session/remove'];
  assert.deepEqual(sent.map(({ name }) => name), names);
  assert.equal(client.tokens, undefined);
});

test('a request that hangs keeps nobody waiting for ever', async (context) => {
  const limit = (ms: number) => {
    assert.equal(ms, 35_000);
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('too long')), 50);
    return stop.signal;
  };
  const stop = new AbortController();
  const hang = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      signal.onabort = () => reject(signal.reason);
      // The caller has given up by then; others wait for the refresh, too.
      setTimeout(() => stop.abort(new Error('enough')), 10);
    });
  const { client } = counting({
    fetch: (input, init) =>
      String(input).endsWith('refresh') ? hang(init!.signal!) : fetch(input, init),
  });
  const tokens = await client.signIn({ email, password });
  await client.signedIn(aged(tokens));
  context.mock.method(AbortSignal, 'timeout', limit);
  const call = client.call('user/get', {}, { signal: stop.signal });
  await assert.rejects(call, /enough/);
  context.mock.restoreAll();
  assert.equal((await client.signIn({ email, password })).refreshToken?.slice(0, 4), 'glr_');
});

test('tabs that share a store are told what others do there', async (context) => {
  const [local, tabs] = [storage(), new EventTarget()];
  const globals = { localStorage: local, sessionStorage: storage() };
  Object.assign(globalThis, globals, { addEventListener: tabs.addEventListener.bind(tabs) });
  context.after(() => {
    for (const name of [...Object.keys(globals), 'addEventListener']) Reflect.deleteProperty(globalThis, name);
  });
  // A browser tells the other tabs alone; who has changed it has been told already.
  const told = (key: string | null) =>
    tabs.dispatchEvent(Object.assign(new Event('storage'), { storageArea: local, key }));
  const tab = () => {
    const made = counting({ store: inBrowser('app') });
    const changes: Change[] = [];
    made.client.onChange((change) => changes.push(change));
    return { ...made, changes };
  };
  const [one, next] = [tab(), tab()];
  const tokens = await one.client.signIn({ email, password });
  told('other');
  assert.equal(next.changes.length, 0);
  told('app');
  await one.client.refresh();
  told('app');
  await one.client.signOut();
  told(null);
  await until(() => next.changes.length > 1);
  assert.deepEqual(next.changes, one.changes);
  assert.deepEqual(next.changes.map(({ kind }) => kind), ['sign-in', 'sign-out']);
  const [first] = next.changes as [Change];
  assert.deepEqual([first.tokens, first.account], [tokens, tokens.accountId]);
});

test('tabs tell each other by a storage where there is no channel', async (context) => {
  const { BroadcastChannel } = globalThis;
  const [local, tabs] = [storage(), new EventTarget()];
  const setItem = (key: string, newValue: string) =>
    tabs.dispatchEvent(Object.assign(new Event('storage'), { key, newValue }));
  const addEventListener = tabs.addEventListener.bind(tabs);
  Object.assign(globalThis, { addEventListener, localStorage: { ...local, setItem } });
  Object.assign(globalThis, { BroadcastChannel: undefined });
  context.after(() => {
    Object.assign(globalThis, { BroadcastChannel });
    for (const name of ['localStorage', 'addEventListener']) Reflect.deleteProperty(globalThis, name);
  });
  const open = await browser();
  const [one, next] = [open(), open()];
  await one.client.signIn({ email, password });
  await until(() => next.client.tokens !== undefined);
  await one.client.signOut();
  await until(() => next.client.tokens === undefined);
  assert.deepEqual(next.changes, ['sign-in', 'sign-out']);
});

test('entering another account is reported in the tab itself', async () => {
  const person = await member('klara@example.com');
  const mills = await expecting('Mills', person.email);
  const open = await browser();
  const [one, next] = [open(), open()];
  const accounts: (string | undefined)[] = [];
  const stop = one.client.onChange(({ account }) => accounts.push(account));
  await one.client.signIn(person);
  const home = (await one.client.call('user/login')).account.id;
  await one.client.switchAccount(mills);
  await one.client.switchAccount(mills);
  assert.deepEqual(one.changes, ['sign-in', 'switch']);
  assert.deepEqual(accounts, [home, mills]);
  await until(() => next.client.tokens !== undefined);
  assert.deepEqual(next.changes, ['sign-in']);
  stop();
  await one.client.switchAccount(home);
  assert.deepEqual(accounts, [home, mills]);
});

/** The token of somebody, which is none that the service would take. */
function token(person: string, number: number): string {
  const part = (claims: object) => Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ iss: 'https://example.com', sub: person, number })}.x`;
}

/** A service of which `user/remove` takes a fresh sign-in: a token of more than the number. */
function strict(person = 'ada') {
  const need = { maxAge: 300, confirmBy: ['currentPassword', 'emailCode'] };
  const state = { fresh: 2, made: 1, session: 's1' };
  const tokens = () => {
    const accessToken = token(person, state.made);
    return { accessToken, expires: '2030-01-01T00:00:00Z', session: state.session };
  };
  const send: typeof fetch = async (input, init) => {
    const name = new URL(String(input)).pathname.slice(1);
    const shown = new Headers(init?.headers).get('authorization') ?? '';
    if (name === 'session/create') return Response.json(tokens());
    if (name === 'session/code') return Response.json({ key: 'k', expires: '2030-01-01T00:00:00Z' });
    if (name === 'session/refresh' || name === 'session/confirm') {
      state.made = Math.max(state.made + 1, name === 'session/confirm' ? state.fresh : 0);
      return Response.json({ freshUntil: '2030-01-01T00:00:00Z', ...tokens() });
    }
    const claims = Buffer.from(shown.split('.')[1] ?? '', 'base64url').toString();
    const isFresh = (JSON.parse(claims) as { number: number }).number >= state.fresh;
    return isFresh ? Response.json({ id: 'u1' }) : refused(401, 'reauthentication_required', {}, need);
  };
  return { send, state };
}

test('a call that takes a fresh sign-in asks once, and is made again', async () => {
  const { send, state } = strict();
  state.fresh = 9;
  const asked: string[][] = [];
  const { client, requests } = counting({
    fetch: send,
    onReauthenticate: async ({ confirmBy }) => {
      asked.push(confirmBy);
      const { key } = await client.call('session/code');
      await client.confirm({ emailCode: '12345678', key });
      return true;
    },
  });
  await client.signIn({ email, password });
  await client.signedIn({ ...client.tokens!, refreshToken: 'glr_1' });
  const calls = ['a', 'b', 'c'].map((id) => client.call('user/remove', { id }));
  assert.equal((await Promise.all(calls)).length, 3);
  assert.deepEqual(asked, [['currentPassword', 'emailCode']]);
  assert.deepEqual(requests.get('user/remove'), 6);
  assert.equal(requests.get('session/refresh'), undefined);
  const { refreshToken, session } = client.tokens!;
  assert.deepEqual([refreshToken, session, client.tokens!.accessToken], ['glr_1', 's1', token('ada', 9)]);
});

test('who does not confirm is refused, and nobody is asked who can only sign in again', async () => {
  for (const answer of [false, true]) {
    const { send } = strict();
    let asked = 0;
    const onReauthenticate = async () => (asked += 1) > 0 && answer;
    const { client, requests } = counting({ fetch: send, onReauthenticate });
    await client.signIn({ email, password });
    const error = await refusal(client.call('user/remove', { id: 'a' }));
    assert.deepEqual([error.code, error.maxAge], ['reauthentication_required', 300]);
    assert.deepEqual([asked, requests.get('user/remove')], [1, answer ? 2 : 1]);
  }
  const settings = { fetch: strict().send, onReauthenticate: () => assert.fail('it was asked') };
  const { client, requests } = counting(settings, (name) =>
    name === 'user/remove' ? refused(401, 'reauthentication_required') : undefined,
  );
  await client.signIn({ email, password });
  const error = await refusal(client.call('user/remove', { id: 'a' }));
  assert.deepEqual([error.maxAge, error.confirmBy], [undefined, []]);
  assert.deepEqual([...requests.keys()], ['session/create', 'user/remove']);
});

test('nobody confirms for who was signed in before', async () => {
  const [ada, eve] = [strict(), strict('eve')];
  eve.state.session = 's2';
  const { client, requests } = counting({
    fetch: ada.send,
    onReauthenticate: async () => {
      const tokens = { accessToken: token('eve', 9), expires: '2030-01-01T00:00:00Z', session: 's2' };
      await client.signedIn(tokens);
      return true;
    },
  });
  await client.signIn({ email, password });
  const error = await refusal(client.call('user/remove', { id: 'a' }));
  assert.equal(error.code, 'reauthentication_required');
  assert.equal(requests.get('user/remove'), 1);
});

test('one who has confirmed in a tab is not asked in another', async () => {
  const { send } = strict();
  let asked = 0;
  const tab = () => {
    const settings = { url: 'http://confirming.test', cookie: true, fetch: send };
    const onReauthenticate = async () => {
      asked += 1;
      await made.client.confirm({ currentPassword: password });
      return true;
    };
    const made = counting({ ...settings, onReauthenticate });
    return made;
  };
  const [one, next] = [tab(), tab()];
  await one.client.signIn({ email, password });
  await until(() => next.client.tokens !== undefined);
  // It has signed in by a refresh: its token is as old as the session.
  await next.client.signedIn({ ...one.client.tokens! });
  await one.client.call('user/remove', { id: 'a' });
  await pause(50);
  await next.client.call('user/remove', { id: 'b' });
  assert.equal(asked, 1);
  assert.deepEqual([next.requests.get('user/remove'), next.requests.get('session/refresh')], [2, 2]);
  assert.equal(next.requests.get('session/confirm'), undefined);
});

test('what the README shows compiles', async () => {
  const found = await snippets();
  assert(found.length > 1);
  assert.equal(await compile(found), '');
});

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

test('one removes the own sign-in, and nobody is signed in then', async () => {
  const person = await member('gone@example.com');
  const open = await browser();
  const [tab, next] = [open(), open()];
  await tab.client.signIn(person);
  const wrong = await refusal(tab.client.removeIdentity({ email: 'somebody@example.com' }));
  assert.equal(wrong.fault('email')?.code, 'mismatch');
  await tab.client.removeIdentity({ email: person.email });
  assert.equal(tab.client.tokens, undefined);
  await until(() => next.changes.at(-1) === 'sign-out');
  assert.equal((await refusal(tab.client.signIn(person))).code, 'invalid_credentials');
  assert.equal(await tab.client.refresh(), undefined);
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
  // A token of an outside issuer is about the account that was entered, too; a key knows its own.
  const token = root.tokens!.accessToken;
  const others = new Guestlist({ url, token });
  const { account } = await others.call('user/login');
  assert.equal(await others.account(), account.id);
  assert.equal(await new Guestlist({ url, token: key }).account(), undefined);
  const body = { name: 'x', role: 'user' } as const;
  const error = await refusal(new Guestlist({ url, token: key }).call('key/create', body));
  assert.equal(error.code, 'forbidden');
});

test('a listener hears that the account lets the person in no more', async () => {
  let answer: Response | undefined;
  const { client } = counting({}, (name) => (name === 'user/find' ? answer : undefined));
  await client.signIn({ email, password });
  const account = await client.account();
  const heard: unknown[] = [];
  client.onChange((change) => heard.push(change.kind === 'shut-out' && [change.account, change.error.code]));
  const find = async (given: Response, options = {}) => {
    answer = given;
    await refusal(client.call('user/find', {}, options));
    return heard.splice(0);
  };
  assert.deepEqual(await find(refused(403, 'suspended')), [[account, 'suspended']]);
  assert.deepEqual(await find(refused(401, 'reauthentication_required')), [[account, 'reauthentication_required']]);
  // About this call, or another account, alone.
  assert.deepEqual(await find(refused(401, 'reauthentication_required', {}, { maxAge: 600, confirmBy: [] })), []);
  assert.deepEqual(await find(refused(403, 'forbidden')), []);
  const other = { account: '01890000-0000-7000-8000-000000000000' };
  answer = undefined;
  await refusal(client.call('user/get', {}, other));
  assert.deepEqual(heard, []);
  assert.deepEqual(await find(refused(403, 'not_registered')), [[account, 'not_registered']]);
});

test('a sign-up that is pending signs nobody in', async () => {
  const client = new Guestlist({ url });
  assert.equal(await client.signedIn({ state: 'pending' }), false);
  assert.equal(client.tokens, undefined);
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
