// Writes `src/kinds.ts`, or another file: what kinds of calls there are, by the service's document.

import { readFile, writeFile } from 'node:fs/promises';

const DOCUMENT = new URL('../../tests/it/golden/openapi.json', import.meta.url);
const KEY = '#/components/parameters/IdempotencyKey';
const ACCOUNT = '#/components/parameters/AccountId';

const { paths } = JSON.parse(await readFile(DOCUMENT, 'utf8'));
const calls = Object.entries(paths).flatMap(([path, { post }]) => (post ? [[path.slice(1), post]] : []));
const takes = (post, parameter) => post.parameters.some(({ $ref }) => $ref === parameter);

const KINDS = [
  ['READING', 'The calls that change nothing.', (post) => post['x-effect'] === 'reads'],
  ['KEYED', 'The calls that take an `Idempotency-Key`.', (post) => takes(post, KEY)],
  ['OPEN', 'The calls that need no token: the service ignores it.', (post) => post.security.length === 0],
  ['OUTSIDE_ACCOUNTS', 'The calls that are not about an account.', (post) => !takes(post, ACCOUNT)],
  ['COOKIE_GIVING', 'The calls that can put the refresh token in the cookie.', (post) => post['x-cookie'] === 'gives'],
  ['COOKIE_CALLS', 'The calls that work with the cookie.', (post) => post['x-cookie'] !== undefined],
];

const lists = KINDS.map(([name, says, fits]) => {
  const names = calls.filter(([, post]) => fits(post)).map(([call]) => `\n  '${call}',`);
  return `/** ${says} */\nexport const ${name} = [${names.join('')}\n] as const;\n`;
});
const head = '// Made by `npm run schema` from the service\'s document: what kinds of calls there are.\n\n';
const [, , file = new URL('src/kinds.ts', import.meta.url)] = process.argv;
await writeFile(file, head + lists.join('\n'));
