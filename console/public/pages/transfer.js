/** Many users at once: brought in from a file, or saved into one. */

import { html } from '../vendor/preact.js';
import { texts } from '../texts.js';
import { Head } from '../ui.js';
import { Export } from './transfer/export.js';
import { Import } from './transfer/import.js';

export default function Transfer() {
  return html`
    <${Head} title=${texts.transfer.title} />
    <${Import} />
    <${Export} />
  `;
}
