// Rendering on a server, with both versions of React; and the snippets of the README, which must compile.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'vite';
import config from '../example/vite.config.js';

const FOLDER = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);
// Where Node and the compiler find the packages that they need.
const built = await mkdtemp(join(FOLDER, 'node_modules', '.built-'));
after(() => rm(built, { recursive: true }));

for (const [react, dom] of [
  ['react', 'react-dom'],
  ['react-18', 'react-dom-18'],
]) {
  test(`a server with ${react} renders that it does not know yet who is signed in`, async () => {
    const own = [
      { find: /^react-dom(?=$|\/)/, replacement: join(FOLDER, 'node_modules', dom) },
      { find: /^react(?=$|\/)/, replacement: join(FOLDER, 'node_modules', react) },
    ];
    const others = Object.entries(config.resolve.alias).map(([find, replacement]) => ({ find, replacement }));
    await build({
      ...config,
      configFile: false,
      logLevel: 'error',
      resolve: { alias: [...own, ...others] },
      ssr: { noExternal: true, target: 'node' },
      build: { ssr: join(FOLDER, 'test/app.tsx'), outDir: join(built, react), rollupOptions: { output: { format: 'es' } } },
    });
    const { render, renderAlone } = await import(pathToFileURL(join(built, react, 'app.js')));
    const { html, calls } = render();
    assert.match(html, /\[&quot;loading&quot;,null,null,null\]/);
    assert.match(html, /Wait/);
    assert.doesNotMatch(html, /In<|Out<|<form/);
    assert.equal(calls, 0);
    // `<SignIn>` and `<AcceptInvite>` say so, too, in the language of the app, or in its own words.
    const said = (given) => [...render(given).html.matchAll(/role="status"[^>]* lang="([^"]*)">([^<]*)/g)];
    const says = (given, ...words) => assert.deepEqual(said(given).map(([, ...words]) => words), [words, words]);
    says({}, 'en', 'Loading…');
    says({ language: 'de' }, 'de', 'Wird geladen\u00a0…');
    says({ language: 'de-AT' }, 'de-AT', 'Wird geladen\u00a0…');
    says({ language: 'en_US' }, 'en-US', 'Loading…');
    says({ language: 'de', texts: { loading: 'Moment' } }, 'de', 'Moment');
    says({ language: 'de', texts: { loading: undefined } }, 'de', 'Wird geladen\u00a0…');
    // Of a language that there is nothing in, the app brings the texts; or it is English.
    says({ language: 'fr', texts: { loading: 'Un moment…' } }, 'fr', 'Un moment…');
    for (const language of ['fr', '', '?']) says({ language }, 'en', 'Loading…');
    assert.throws(renderAlone, /there is no <GuestlistProvider> around this component/);
  });
}

test('the snippets of the README compile', async () => {
  const text = await readFile(join(FOLDER, 'README.md'), 'utf8');
  const snippets = [...text.matchAll(/^```tsx\n(.*?)^```$/gms)].map(([, snippet]) => snippet);
  assert.ok(snippets.length > 2);
  const source = (path) => join(FOLDER, path);
  await writeFile(
    join(built, 'tsconfig.json'),
    JSON.stringify({
      extends: source('tsconfig.json'),
      compilerOptions: {
        moduleDetection: 'force',
        noUnusedLocals: false,
        paths: { 'guestlist-client': [source('../typescript/src/index.ts')], 'guestlist-react': [source('src/index.ts')] },
      },
      include: [join(built, '*.tsx'), join(built, 'around.d.ts')],
    }),
  );
  await writeFile(join(built, 'around.d.ts'), await readFile(source('test/around.d.ts'), 'utf8'));
  await Promise.all(snippets.map((snippet, number) => writeFile(join(built, `snippet-${number}.tsx`), snippet)));
  const compiled = await run(process.execPath, [source('node_modules/typescript/bin/tsc'), '-p', built]).catch(
    (failure) => failure,
  );
  assert.equal(compiled.stdout, '');
});
