/** Times, numbers and lists, as they are written in the language that is read. */

import { locale } from './texts.js';

/**
 * What is made once for each locale.
 * @template T
 * @param {(locale: string) => T} make
 * @returns {() => T}
 */
function each(make) {
  /** @type {Map<string, T>} */
  const made = new Map();
  return () => {
    const known = made.get(locale) ?? make(locale);
    made.set(locale, known);
    return known;
  };
}

const UTC = /** @type {const} */ ({ timeZone: 'UTC' });

const numbers = each((locale) => new Intl.NumberFormat(locale));
const lists = each((locale) => new Intl.ListFormat(locale, { type: 'conjunction' }));
const times = each(
  (locale) => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }),
);
const moments = each(
  (locale) => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'long' }),
);
const dates = each((locale) => new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }));
const clocks = each((locale) => new Intl.DateTimeFormat(locale, { timeStyle: 'short' }));
const days = each(
  (locale) => new Intl.DateTimeFormat(locale, { ...UTC, day: 'numeric', month: 'short' }),
);
const nearDays = each(
  (locale) => new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' }),
);
const weekdays = each((locale) => new Intl.DateTimeFormat(locale, { ...UTC, dateStyle: 'full' }));
const relatives = each((locale) => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }));

/** @param {number} number */
export const number = (number) => numbers().format(number);
/** Such as `a, b and c`. @param {string[]} texts */
export const list = (texts) => lists().format(texts);
/** @param {Date} at */
export const time = (at) => times().format(at);
/** To the second, with the zone. @param {Date} at */
export const moment = (at) => moments().format(at);
/** @param {Date} at */
export const date = (at) => dates().format(at);
/** The time of day. @param {Date} at */
export const clock = (at) => clocks().format(at);
/** A day soon, or not long ago: its number and month. @param {Date} at */
export const nearDay = (at) => nearDays().format(at);
/** Of a day in UTC, its number and month. @param {Date} at */
export const day = (at) => days().format(at);
/** Of a day in UTC, all. @param {Date} at */
export const weekday = (at) => weekdays().format(at);
/** Such as `Portuguese (Brazil)`; in its own language where there is none. @param {string} tag @param {string} [inLanguage] */
export const languageName = (tag, inLanguage = locale) =>
  new Intl.DisplayNames([inLanguage], { type: 'language' }).of(tag) ?? tag;
/** @param {number} count negative in the past @param {Intl.RelativeTimeFormatUnit} unit */
export const relative = (count, unit) => relatives().format(count, unit);
