/** The audit trail as a file: for programs that show tables, or line by line for others. */

import { call } from '../../api.js';
import { csv, ndjsonLine, saveFile } from '../../save-file.js';
import { namesOf, named } from './sentence.js';

/** @typedef {import('../../contract').AuditEntry} AuditEntry */
/** @typedef {import('../../contract').Body<'audit/find'>} Filter */

/** More than these a page of a browser need not hold; dates narrow it down. */
const MAX_ENTRIES = 10_000;
const ROWS = 100;
const FILES = { csv: 'audit.csv', ndjson: 'audit.ndjson' };

/**
 * Saves the newest entries that pass the filter.
 * @param {Filter} filter
 * @param {'csv' | 'ndjson'} format
 * @returns {Promise<{ count: number, isAll: boolean }>}
 */
export async function exportTrail(filter, format) {
  const rows = [];
  /** @type {string | undefined} */
  let next;
  do {
    /** @type {import('../../contract').Reply<'audit/find'>} */
    const page = await call('audit/find', filter, { query: { limit: ROWS, names: true, next } });
    const names = namesOf(page);
    rows.push(...page.data.map((entry) => withNames(entry, names)));
    next = page.next;
  } while (next && rows.length < MAX_ENTRIES);
  const text = format === 'csv' ? csv(rows.map(flat)) : rows.map(ndjsonLine).join('');
  saveFile(FILES[format], [text]);
  return { count: rows.length, isAll: !next };
}

/** @param {AuditEntry} entry @param {import('./sentence.js').Names} names */
const withNames = (entry, names) => ({
  ...entry,
  actorName: named(entry.actor, names),
  userEmail: names.get(entry.userId ?? '')?.email,
});

/** One cell for each thing. @param {ReturnType<typeof withNames>} entry */
const flat = ({ id, at, actor, actorName, action, target, userId, userEmail, ...more }) => ({
  id,
  at,
  actor,
  actorName,
  action,
  target,
  userId,
  userEmail,
  changed: more.changed.join(' '),
  roleBefore: more.before?.role,
  roleAfter: more.after?.role,
  stateBefore: more.before?.state,
  stateAfter: more.after?.state,
  address: more.address,
});
