/** An account's logo. What it says stands beside it in words, so it is none for a screen reader. */

import { html, useState } from './vendor/preact.js';
import { BASE } from './client.js';

/** @param {{ path?: string, large?: boolean }} props `path`: as the service tells it; without one there is no logo */
export function Logo({ path, large }) {
  const [gone, setGone] = useState('');
  if (!path || path === gone) return null;
  const src = new URL(path, BASE).href;
  return html`<img
    class=${large ? 'logo large' : 'logo'}
    src=${src}
    alt=""
    onError=${() => setGone(path)}
  />`;
}
