/** What languages have in common: sentences around elements, and counted things. */

/** @import { ComponentChildren as Children } from '../vendor/preact.js' */

/**
 * A sentence that has elements in it, such as links.
 * @param {TemplateStringsArray} words
 * @param {Children[]} elements
 * @returns {Children[]}
 */
export const around = (words, ...elements) =>
  words.flatMap((text, index) => (index < elements.length ? [text, elements[index]] : [text]));

/**
 * What counts things in a language: `1 user`, `1,234 users`. The forms are named as in CLDR.
 * @param {string} language
 * @returns {(count: number, forms: Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }) => string}
 */
export function countingIn(language) {
  const rules = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language);
  return (count, forms) => `${numbers.format(count)} ${forms[rules.select(count)] ?? forms.other}`;
}

/** What writes numbers in a language: `1,234`. @param {string} language */
export function numbersIn(language) {
  const numbers = new Intl.NumberFormat(language);
  return (/** @type {number} */ number) => numbers.format(number);
}

/** What writes lists in a language: `a, b and c`. @param {string} language */
export function listsIn(language) {
  const lists = new Intl.ListFormat(language, { type: 'conjunction' });
  return (/** @type {string[]} */ texts) => lists.format(texts);
}
