/**
 * What was typed into forms and is not saved: there again when one comes back to the page, loads it anew, or signs in
 * again. It is kept in this tab, for the person who has typed it, until it is saved, discarded, or the person signs out.
 */

import { BASE } from './client.js';
import { tokens } from './session.js';
import { personOf } from './vendor/guestlist-client.js';

/** Of each field that was changed, what it was and what it is. @typedef {Record<string, { from: unknown, to: unknown }>} Draft */
/** @typedef {{ person: string, drafts: Record<string, Draft> }} Kept */

const KEY = `guestlist:${BASE.pathname}:drafts`;
/** What is longer, the browser might not store. It is kept only until the page is loaded anew, which asks first. */
const MAX_LENGTH = 200_000;
/** Never kept, whatever form it is in. */
const SECRET = /password|totp|code|secret|token/i;

/** What is too long, and whose it is. @type {Kept} */
let long = { person: '', drafts: {} };

const personHere = () => personOf(tokens()?.accessToken) ?? '';

/** @returns {Kept} */
function kept() {
  const text = sessionStorage.getItem(KEY);
  const found = text ? /** @type {Kept} */ (JSON.parse(text)) : undefined;
  const person = personHere();
  if (long.person !== person) long = { person, drafts: {} };
  const drafts = found?.person === person ? found.drafts : {};
  return { person, drafts: { ...drafts, ...long.drafts } };
}

/** @param {Kept} all */
function keep({ person, drafts }) {
  const some = (/** @type {boolean} */ areLong) => {
    const isLong = (/** @type {Draft} */ draft) => JSON.stringify(draft).length > MAX_LENGTH;
    return Object.fromEntries(
      Object.entries(drafts).filter(([, draft]) => isLong(draft) === areLong),
    );
  };
  long = { person, drafts: some(true) };
  const short = some(false);
  if (Object.keys(short).length === 0) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, JSON.stringify({ person, drafts: short }));
}

/**
 * What is to be shown of a form: what was typed before, except where a value has become another one since.
 * @template {object} V
 * @param {string | undefined} name of the form, and what it is about
 * @param {V} start
 * @returns {V}
 */
export function withDraft(name, start) {
  const draft = name === undefined ? undefined : kept().drafts[name];
  if (!draft) return start;
  const now = new Map(Object.entries(start));
  const fitting = Object.entries(draft).filter(([field, { from }]) => now.get(field) === from);
  return { ...start, ...Object.fromEntries(fitting.map(([field, { to }]) => [field, to])) };
}

/**
 * Keeps what is typed, or nothing where nothing differs.
 * @param {string | undefined} name
 * @param {object} start
 * @param {object} values
 */
export function keepDraft(name, start, values) {
  if (name === undefined) return;
  const before = new Map(Object.entries(start));
  const changed = Object.entries(values).filter(
    ([field, value]) => value !== before.get(field) && !SECRET.test(field),
  );
  const draft = Object.fromEntries(
    changed.map(([field, to]) => [field, { from: before.get(field), to }]),
  );
  const { person, drafts } = kept();
  const { [name]: _, ...others } = drafts;
  const all = changed.length > 0 ? { ...others, [name]: draft } : others;
  keep({ person, drafts: all });
}

/** Whether something was typed that is lost when the page is loaded anew. */
const isAtRisk = () => Object.keys(long.drafts).length > 0;

/** For who has signed out, and is done. */
export function forgetDrafts() {
  long = { person: '', drafts: {} };
  sessionStorage.removeItem(KEY);
}

globalThis.addEventListener?.('beforeunload', (event) => {
  if (isAtRisk()) event.preventDefault();
});
