/** QR codes (ISO/IEC 18004), drawn here: what is in them goes to nobody else. */

import { html } from './vendor/preact.js';
import { generate } from './vendor/lean-qr.js';

/** Modules around the code that stay light, as the standard wants. */
const MARGIN = 4;

/** @param {{ text: string, label: string }} props */
export function Qr({ text, label }) {
  const code = generate(text);
  const side = code.size + 2 * MARGIN;
  return html`<svg
    class="qr"
    role="img"
    aria-label=${label}
    viewBox=${`${-MARGIN} ${-MARGIN} ${side} ${side}`}
    shape-rendering="crispEdges"
  >
    <path d=${dark(code)} />
  </svg>`;
}

/** Its dark modules, each a square. @param {import('./vendor/lean-qr.js').Code} code */
function dark(code) {
  const line = [...Array(code.size).keys()];
  const squares = line.flatMap((y) =>
    line.filter((x) => code.get(x, y)).map((x) => `M${x} ${y}h1v1h-1z`),
  );
  return squares.join('');
}
