/**
 * Work that goes on in the page, such as an import, and what is needed to go on with it once the page was loaded anew:
 * what has become of each line so far, and what was sent and got no answer, which is sent again under the same key. It
 * is kept in this tab, for the person who has begun it, until all of it is done, or that is dismissed, or the person
 * signs out.
 */

import { BASE } from './client.js';
import { allJobs, restoreJob } from './jobs.js';
import { chipOf } from './outcome.js';
import { tokens, watch } from './session.js';
import { texts } from './texts.js';
import { personOf } from './vendor/guestlist-client.js';

/** @import { Line } from './make-users.js' */
/** @import { Sent } from './batches.js' */
/** @typedef {Partial<import('./contract').Body<'user/create'>>} Fields what users have that do not say otherwise */
/** @typedef {'invite' | 'import'} Kind */
/**
 * @typedef {object} Work
 * @property {Kind} kind
 * @property {string} account the account that it is done in
 * @property {string} href the page that shows it
 * @property {Fields} fields
 * @property {Line[]} lines
 * @property {Sent[]} open what was sent and has no answer yet
 */
/** @typedef {{ person: string, work: Record<string, Work> }} Kept */

const KEY = `guestlist:${BASE.pathname}:work`;
/** What is longer, the browser might not store. It is lost when the page is loaded anew, which asks first. */
const MAX_LENGTH = 1_000_000;

/** What the work of a kind is called. @type {Record<Kind, () => string>} */
const LABELS = {
  invite: () => texts.inviteUsers.inviting,
  import: () => texts.transfer.importing,
};

/** What a job says of itself, in the language that is read by then. @param {Kind} kind */
export const saysOf = (kind) => ({
  label: LABELS[kind],
  ended: (/** @type {Line[]} */ lines) => chipOf(kind, LABELS[kind](), lines),
});

/** What is known of work beside its outcome, by the name of its job. @type {Map<string, Pick<Work, 'fields' | 'open'>>} */
const known = new Map();
watch((session) => {
  if (!session) known.clear();
});

/** @param {string} id */
export const knownOf = (id) => known.get(id);

/** @param {string} id @param {Fields} fields */
export function beginWork(id, fields) {
  const work = { fields, open: known.get(id)?.open ?? [] };
  known.set(id, work);
  return work;
}

const personHere = () => personOf(tokens()?.accessToken) ?? '';

/** @returns {Record<string, Work>} */
function kept() {
  const text = sessionStorage.getItem(KEY);
  const found = text ? /** @type {Kept} */ (JSON.parse(text)) : undefined;
  return found && found.person === personHere() ? found.work : {};
}

/** @param {Record<string, Work>} work */
function keep(work) {
  const text = JSON.stringify({ person: personHere(), work });
  if (Object.keys(work).length === 0 || text.length > MAX_LENGTH) {
    sessionStorage.removeItem(KEY);
    return;
  }
  try {
    sessionStorage.setItem(KEY, text);
  } catch {
    // There is no room left for it; what is there is of before.
    sessionStorage.removeItem(KEY);
  }
}

/** Keeps work as it is now; nothing once all of it is done. @param {string} id @param {Work} work */
export function keepWork(id, work) {
  const { [id]: _, ...others } = kept();
  const isLeft = work.open.length > 0 || work.lines.some(({ made, fault }) => !made && !fault);
  keep(isLeft ? { ...others, [id]: { ...work, lines: work.lines.map(withoutCodes) } } : others);
}

/** Anybody could join with the code of an invite. @param {Line} line @returns {Line} */
function withoutCodes({ made, ...line }) {
  if (!made) return line;
  const { invite: _, ...user } = made;
  return { ...line, made: user };
}

/** For what is of no interest any more. @param {string} id */
export function dropWork(id) {
  known.delete(id);
  const { [id]: _, ...others } = kept();
  keep(others);
}

/** For who has signed out, and is done. */
export function forgetWork() {
  known.clear();
  sessionStorage.removeItem(KEY);
}

/** Brings back what was kept, as work that was stopped. */
export function restoreWork() {
  const there = new Set(allJobs().map(({ id }) => id));
  for (const [id, { kind, account, href, fields, lines, open }] of Object.entries(kept())) {
    if (there.has(id)) continue;
    known.set(id, { fields, open });
    const done = lines.filter(({ made, fault }) => made || fault).length;
    restoreJob({ id, account, href, ...saysOf(kind), done, total: lines.length, outcome: lines });
  }
}
