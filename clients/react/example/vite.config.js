// Takes the packages from their sources beside it. An app that has installed them needs none of this.

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const source = (path) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: {
      'guestlist-react/style.css': source('../style.css'),
      'guestlist-react': source('../src/index.ts'),
      'guestlist-client': source('../../typescript/src/index.ts'),
    },
  },
  esbuild: { jsx: 'automatic' },
  server: { port: 8081, strictPort: true },
});
