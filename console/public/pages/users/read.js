/** Reads what the list of users shows: a page of it from either end, or what a search through all of them has found. */

import { call } from '../../api.js';
import { INVITE_STATES } from '../../standing.js';
import { scopeOf } from '../account/inside.js';

/** @typedef {import('../../contract').User} User */
/** @typedef {import('../../contract').Cursors} Cursors */
/** @typedef {import('../../ui/table.js').Sort} Sort */
/**
 * What of the list is shown; the place's query. Without an `order`, the newest come first. What is read from the
 * list's `end` is read in the other order and turned round. `from` says how many come before the page.
 * @typedef {Cursors & { search?: string, role?: User['role'], state?: string,
 *   index?: import('../../contract').Index, order?: 'asc' | 'desc', end?: string, from?: string, anywhere?: string }} Query
 */
/**
 * @typedef {object} Shown
 * @property {User[]} data
 * @property {Query} query what it was read for
 * @property {Query} [before] what leads to the page before
 * @property {Query} [after]
 * @property {number} [from] how many users come before these
 * @property {number} [total] how many there are on all pages
 * @property {number} [scanned] how many were looked at one by one
 * @property {string} [next] where looking through goes on
 */

export const ROWS = 25;
/** A page of a filter that hardly anybody passes may be empty, and still have one after it. */
const MAX_EMPTY_PAGES = 20;

/** What narrows the list down. @param {Query} query */
export const isFiltered = ({ search, role, state }) => Boolean(search || role || state);

/** By email it is the alphabet's; by age, the newest come first. @param {Query} query @returns {'asc' | 'desc'} */
export const orderOf = ({ index, order }) => order ?? (index === 'gs1' ? 'asc' : 'desc');

/** @param {Query} query @returns {Sort} */
export const sortOf = (query) => ({
  by: query.index || 'primary',
  descending: orderOf(query) === 'desc',
});

/** What of a query makes this order. @param {Sort} sort */
export const sortedBy = ({ by, descending }) =>
  by === 'gs1'
    ? { index: by, order: descending ? 'desc' : '' }
    : { index: '', order: descending ? '' : 'asc' };

/**
 * @param {Query} query
 * @param {AbortSignal} signal
 * @param {{ id?: string, isAdmin: boolean }} whose
 * @returns {Promise<Shown>}
 */
export async function readUsers(query, signal, { id, isAdmin }) {
  if (query.anywhere) return lookThrough(query, signal, id);
  const { next, prev, end } = query;
  // Only admins see emails, and so their order.
  const index = isAdmin ? query.index : undefined;
  const body = { ...scopeOf(id), ...filterOf(query) };
  const order = query.search ? undefined : turned(orderOf(query), Boolean(end));
  const from = Number(query.from ?? 0);
  const isBack = !next && Boolean(prev);
  const limit = end && !next && !prev ? Number(end) : ROWS;
  let cursor = { next, prev };
  for (let pages = 1; ; pages += 1) {
    const at = { index: query.search ? undefined : index, limit, ...cursor };
    const asked = isAdmin ? { ...at, order, total: true } : { ...at, order };
    const page = await call('user/find', body, { query: asked, signal });
    const further = isBack ? page.prev : page.next;
    const isLast = page.data.length > 0 || !further || pages === MAX_EMPTY_PAGES;
    if (isLast) return { ...shownOf(page, { end, from }), query };
    cursor = isBack ? { next: '', prev: further } : { next: further, prev: '' };
  }
}

/**
 * A state is a user's own, or says how the invite stands of somebody who has not joined.
 * @param {Query} query
 */
const filterOf = ({ search, role, state = '' }) => ({
  ...(search && { search }),
  ...(role && { role }),
  ...stateOf(state),
});

/** @param {string} state */
function stateOf(state) {
  const inviteState = INVITE_STATES[state];
  if (inviteState) return { inviteState };
  return state ? { state: /** @type {import('../../contract').UsualState} */ (state) } : {};
}

/** @param {'asc' | 'desc'} order @param {boolean} isTurned @returns {'asc' | 'desc'} */
const turned = (order, isTurned) => ((order === 'asc') === isTurned ? 'desc' : 'asc');

/**
 * @param {import('../../contract').Reply<'user/find'>} page
 * @param {{ end?: string, from: number }} where
 * @returns {Omit<Shown, 'query'>}
 */
function shownOf({ data, next, prev, total }, { end, from }) {
  const forward = next ? { next, prev: '' } : undefined;
  const backward = prev ? { prev, next: '' } : undefined;
  const count = data.length;
  if (!end) {
    const before = backward && { ...backward, end: '', from: String(Math.max(from - ROWS, 0)) };
    const after = forward && { ...forward, end: '', from: String(from + count) };
    return { data, before, after, from, total };
  }
  // Counted from the end, as it is read.
  const start = (total ?? 0) - from - count;
  const before = forward && { ...forward, end, from: String(from + count) };
  const after = backward && { ...backward, end, from: String(Math.max(from - ROWS, 0)) };
  return { data: data.toReversed(), before, after, from: Math.max(start, 0), total };
}

/**
 * What no index finds: users are looked at one by one.
 * @param {Query} query
 * @param {AbortSignal} signal
 * @param {string} [id]
 * @param {string} [next] where it goes on
 * @returns {Promise<Shown>}
 */
export async function lookThrough(query, signal, id, next) {
  const { search = '', role, state } = query;
  const body = { ...scopeOf(id), ...filterOf({ role, state }), search, anywhere: true };
  const at = { order: orderOf(query), limit: 100, ...(next && { next }) };
  const page = await call('user/find', body, { query: at, signal });
  return { data: page.data, query, scanned: page.scanned, next: page.next };
}
