// The verifier against the service itself, whose keys change, and against what is none.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Service } from '../../../tests/browser/support/service.js';

const FOLDER = fileURLToPath(new URL('..', import.meta.url));
const ADA = { email: 'ada@example.com', password: 'rivers run uphill', first: 'Ada' };
const SHOP = 'https://shop.example.com';
const [OLD, NEW] = [1, 2].map((byte) => `--secret=${Buffer.alloc(32, byte).toString('base64url')}`);

// Built where Node finds the packages that it needs.
const built = await mkdtemp(join(FOLDER, 'node_modules', '.built-'));
await promisify(execFile)(join(FOLDER, 'node_modules/.bin/tsc'), ['--outDir', built], { cwd: FOLDER });
const { createVerifier, TokenError } = await import(pathToFileURL(join(built, 'index.js')));

let service;
let issuer;
let token;

before(async () => {
  service = await Service.start(OLD, `--audience=${SHOP}`);
  issuer = service.origin;
  await service.root(ADA);
  token = (await service.signIn(ADA)).accessToken;
});

after(async () => {
  await service.stop();
  await rm(built, { recursive: true });
});

/** A verifier with a clock that the test sets, which counts its requests. */
function verifier(settings = {}) {
  const clock = { ahead: 0, requests: 0 };
  const send = (...request) => {
    clock.requests += 1;
    return fetch(...request);
  };
  const now = () => Date.now() + clock.ahead * 1000;
  return { clock, verify: createVerifier({ issuer, now, fetch: send, ...settings }) };
}

const refused = (given, code, { verify } = verifier()) =>
  assert.rejects(verify(given), (error) => {
    assert.ok(error instanceof TokenError, error);
    assert.deepEqual([error.code, error.status], [code, code === 'keys_unavailable' ? 503 : 401], error.message);
    return true;
  });

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

test('a token is taken from whatever has it, and the keys are asked for once', async () => {
  const { clock, verify } = verifier();
  const header = { Authorization: `Bearer ${token}` };
  const server = createServer((request, response) =>
    verify(request).then(
      ({ email }) => response.end(email),
      ({ status, challenge }) => response.writeHead(status, { 'WWW-Authenticate': challenge }).end(),
    ),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  assert.equal(await (await fetch(url, { headers: header })).text(), ADA.email);
  const without = await fetch(url);
  assert.deepEqual([without.status, without.headers.get('www-authenticate')], [401, 'Bearer']);
  server.close();

  const given = [new Request(url, { headers: header }), token, `Bearer ${token}`, `bearer ${token}`];
  for (const found of await Promise.all(given.map(verify))) assert.deepEqual(found, claims(token));
  const { role, account_id, email_verified } = await verify(token);
  assert.deepEqual([role, typeof account_id, email_verified], ['root', 'string', true]);
  assert.equal(clock.requests, 2);
});

test('what is wrong is said', async () => {
  const [header, body, signature] = token.split('.');
  const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
  await refused('', 'missing');
  await refused({ headers: new Headers() }, 'missing');
  await refused({ headers: {} }, 'missing');
  await refused('Bearer', 'malformed');
  const { refreshToken } = await service.signIn(ADA);
  await refused(refreshToken, 'malformed');
  await refused('a.b.c', 'malformed');
  await refused(`${'a'.repeat(9000)}.b.c`, 'malformed');
  await refused([header, body, flipped].join('.'), 'wrong_signature');
  await refused([header, part({ ...claims(token), role: 'root' }), flipped].join('.'), 'wrong_signature');
  await refused([part({ alg: 'EdDSA', typ: 'JWT', kid: 'x' }), body, signature].join('.'), 'wrong_signature');
  const forged = [part({ alg: 'HS256', typ: 'at+jwt' }), body].join('.');
  const mac = createHmac('sha256', 'guessed').update(forged).digest('base64url');
  await refused(`${forged}.${mac}`, 'wrong_kind');
  await refused(`${part({ alg: 'none', typ: 'at+jwt' })}.${body}.`, 'wrong_kind');
});

test('a token is for one service, and for its time', async () => {
  const shop = verifier({ audience: SHOP });
  await refused(token, 'wrong_audience', shop);
  const { accessToken } = await service.call('session/token', token, { audience: SHOP });
  assert.equal((await shop.verify(accessToken)).aud, SHOP);
  await refused(accessToken, 'wrong_audience');
  const { clock, verify } = verifier();
  clock.ahead = 15 * 60 + 5;
  assert.equal((await verify(token)).email, ADA.email);
  clock.ahead = 15 * 60 + 20;
  await refused(token, 'expired', { verify });
});

test('keys are changed without a token being refused', async () => {
  const { clock, verify } = verifier();
  await verify(token);
  // The keys of the old secret stay published, and those of the new one are found when a token names one.
  await service.again(NEW, OLD.replace('--secret', '--previous-secret'));
  const { accessToken } = await service.signIn(ADA);
  clock.ahead = 11;
  for (const one of [token, accessToken]) assert.equal((await verify(one)).email, ADA.email);
  // Of a key that nobody has, the service is not asked again and again.
  const [, body, signature] = token.split('.');
  const unknown = [part({ alg: 'EdDSA', typ: 'at+jwt', kid: 'unknown' }), body, signature].join('.');
  const before = clock.requests;
  for (let tries = 0; tries < 5; tries += 1) await refused(unknown, 'wrong_signature', { verify });
  assert.equal(clock.requests, before);
});

test('where the service does not answer, known keys are good for a while', async () => {
  const at = await stand(async (_, response) => response.writeHead(503).end());
  const { port } = new URL(issuer);
  // Requests lead to the service, or past it.
  let isAway = false;
  let requests = 0;
  const send = (url, init) => {
    requests += 1;
    return fetch(isAway ? url.replace(port, at.port) : url, init);
  };
  const { clock, verify } = verifier({ fetch: send });
  const { accessToken } = await service.signIn(ADA);
  await verify(accessToken);
  isAway = true;
  clock.ahead = 6 * 60;
  for (let tries = 0; tries < 5; tries += 1) await verify(accessToken);
  assert.equal(requests, 3);
  clock.ahead = 61 * 60;
  await refused(accessToken, 'keys_unavailable', { verify });
  await refused(accessToken, 'keys_unavailable', verifier({ fetch: send }));
  isAway = false;
  clock.ahead = 0;
  const fresh = verifier({ fetch: send });
  assert.equal((await fresh.verify(accessToken)).email, ADA.email);
  at.close();
});

test('what answers in place of the service is not believed', async () => {
  const answers = [
    [/no jwks_uri/, (own) => ({ issuer: own, jwks_uri: 'http://keys.example.com/' })],
    [/of the issuer https:\/\/other.example/, () => ({ issuer: 'https://other.example' })],
    [/longer than 65536 bytes/, (own) => ({ issuer: own, more: 'x'.repeat(100_000) })],
    [/no JSON object/, () => 7],
  ];
  for (const [message, answer] of answers) {
    const server = await stand((_, response) => response.end(JSON.stringify(answer(server.origin))));
    await assert.rejects(createVerifier({ issuer: server.origin })(token), { code: 'keys_unavailable', message });
    server.close();
  }
  assert.throws(() => createVerifier({ issuer: 'http://auth.example.com' }), /must be a URL that begins with https/);
});

/** A server of this machine. */
async function stand(answer) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { port, origin: `http://localhost:${port}`, close };
}
