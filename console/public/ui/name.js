/** What people, accounts, keys and the like are called: by others, so it must not turn the words around it. */

import { html } from '../vendor/preact.js';
import { contained } from '../isolated.js';

/**
 * A name, which may be an email: on a narrow screen it breaks behind the @ rather than within a word. Where it has one
 * line, what is too long is cut off.
 * @param {{ name?: string, hasOneLine?: boolean }} props
 */
export function Name({ name = '', hasOneLine = false }) {
  const shown = contained(name);
  const at = hasOneLine ? 0 : shown.indexOf('@') + 1;
  return html`<bdi>${shown.slice(0, at)}${at > 0 && html`<wbr />`}${shown.slice(at)}</bdi>`;
}
