/** A field for somebody's language: those that the console and emails speak first, then others that apps may. */

import { html } from './vendor/preact.js';
import { languageName } from './formats.js';
import { Choice } from './forms.js';
import { LANGUAGES } from './language.js';
import { texts } from './texts.js';

const OTHERS =
  'ar bg cs da de-AT de-CH el en-GB en-US es et fi fr he hi hr hu id it ja ko lt lv nb nl pl pt pt-BR ro ru sk sl sr sv th tr uk vi zh-Hans zh-Hant';

/**
 * Whatever it is now stays to be chosen.
 * @param {{ form: import('./forms.js').FormState, none: string, hint: string }} props `none` stands for no language
 */
export function LanguageField({ form, none, hint }) {
  const now = form.values.language;
  const first = Object.keys(LANGUAGES);
  const others = OTHERS.split(' ').map(choiceOf).toSorted(byLabel);
  const known = [...first.map(choiceOf), ...others];
  const isKnown = !now || known.some(({ value }) => value === now);
  const choices = [{ value: '', label: none }, ...(isKnown ? [] : [choiceOf(now)]), ...known];
  return html`<${Choice} form=${form} name="language" label=${texts.common.language} choices=${choices} hint=${hint} />`;
}

/** @typedef {{ value: string, label: string }} Choosable */

/** By its name, and by what it calls itself. @param {string} tag @returns {Choosable} */
function choiceOf(tag) {
  const [name, own] = [languageName(tag), languageName(tag, tag)];
  return { value: tag, label: name === own ? name : `${name} – ${own}` };
}

/** @param {Choosable} one @param {Choosable} other */
const byLabel = (one, other) => one.label.localeCompare(other.label);
