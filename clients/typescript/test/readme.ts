// The snippets of the README and of docs/recipes.md, which must compile as they stand.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** What the snippets suppose to be there. */
const AROUND = `
declare const client: import('guestlist-client').Guestlist;
declare const password: string;
declare const code: string;
declare const invite: string | undefined;
declare function ask(label: string): Promise<string>;
declare function offerToBeginAgain(provider: string, invite: string | undefined): void;
type Provider = { name: string; label: string };
declare function showButtons(providers: Provider[], onClick: (provider: Provider) => void): void;
declare function show(text: string): void;
declare function askForPassword(): Promise<string | undefined>;
`;

export async function snippets(): Promise<string[]> {
  const pages = ['README.md', '../../docs/recipes.md'].map((page) => readFile(page, 'utf8'));
  const all = (await Promise.all(pages)).join('\n');
  return [...all.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text]) => text!);
}

/** What the compiler says of them: each is a module of its own. */
export async function compile(texts: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'guestlist-readme-'));
  try {
    const config = {
      extends: resolve('tsconfig.json'),
      compilerOptions: {
        noEmit: true,
        rootDir: '/',
        types: [],
        moduleDetection: 'force',
        noUnusedLocals: false,
        paths: { 'guestlist-client': [resolve('src/index.ts')] },
      },
      include: [join(folder, '*.ts')],
    };
    await writeFile(join(folder, 'package.json'), '{"type": "module"}');
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    await writeFile(join(folder, 'around.d.ts'), AROUND);
    await Promise.all(texts.map((text, number) => writeFile(join(folder, `snippet-${number}.ts`), text)));
    const compiler = spawn(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-p', folder]);
    let said = '';
    compiler.stdout.on('data', (data) => (said += String(data)));
    await once(compiler, 'close');
    return said;
  } finally {
    await rm(folder, { recursive: true });
  }
}
