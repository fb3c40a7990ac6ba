/**
 * Makes the files of `public/vendor` from the packages that `package-lock.json` names. Run by itself, it writes them;
 * the check makes them anew and compares.
 */

import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const CONSOLE = new URL('../', import.meta.url);
const PUBLIC = new URL('public/vendor/', CONSOLE);

/** What is put together of several modules, by the one that begins. @type {Record<string, string>} */
const BUNDLED = {
  'guestlist-client.js': '../clients/typescript/src/index.ts',
  'preact.js': 'build/preact.js',
};
/** What is there as it was published. @type {Record<string, string>} */
const COPIED = {
  'LICENSE-htm': 'node_modules/htm/LICENSE',
  'LICENSE-lean-qr': 'node_modules/lean-qr/LICENSE',
  'LICENSE-preact': 'node_modules/preact/LICENSE',
  'lean-qr.js': 'node_modules/lean-qr/index.mjs',
};

/** The files, by their names. @returns {Promise<Map<string, string>>} */
export async function vendored() {
  const bundled = Object.entries(BUNDLED).map(async ([name, from]) => [name, await bundle(from)]);
  const copied = Object.entries(COPIED).map(async ([name, from]) => [
    name,
    await readFile(new URL(from, CONSOLE), 'utf8'),
  ]);
  return new Map(/** @type {[string, string][]} */ (await Promise.all([...bundled, ...copied])));
}

/** @param {string} from */
async function bundle(from) {
  const { outputFiles } = await build({
    absWorkingDir: fileURLToPath(CONSOLE),
    entryPoints: [from],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    write: false,
  });
  return outputFiles[0].text;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, text] of await vendored()) await writeFile(new URL(name, PUBLIC), text);
}
