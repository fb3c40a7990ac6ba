/** Choosing the language that is read, where nobody is signed in whose own setting says it. */

import { html } from './vendor/preact.js';
import { LANGUAGES } from './language.js';
import { chooseLanguage, language, texts } from './texts.js';
import { useFieldId } from './ui.js';

/** @import { Typed } from './ui/fields.js' */

/** Each language is named in its own words, so that its readers find it. */
export function LanguageChoice() {
  const id = useFieldId('language');
  const choose = (/** @type {Typed} */ event) => void chooseLanguage(event.target.value);
  return html`<div class="languages">
    <label for=${id} class="unseen">${texts.common.language}</label>
    <select id=${id} value=${language} onChange=${choose}>
      ${Object.entries(LANGUAGES).map(
        ([tag, name]) => html`<option key=${tag} value=${tag} lang=${tag}>${name}</option>`,
      )}
    </select>
  </div>`;
}
