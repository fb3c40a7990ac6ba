/** New users, made one after the other, so that it can be stopped, and the outcomes are seen on the way. */

import { call } from './api.js';
import { dismissJob, startJob, stopJob, useJob } from './jobs.js';
import { useOwn } from './own.js';
import { faultInWords, inWords } from './plain-words.js';
import { asApiError } from './ui.js';

/** @typedef {import('./import-text.js').NewUser} NewUser */
/**
 * @typedef {object} Line
 * @property {string} id
 * @property {string} shown
 * @property {number} [number] where it stands in the text, if that is told
 * @property {NewUser} [user] missing where the line cannot be read
 * @property {import('./contract').User} [made]
 * @property {string} [fault]
 * @property {boolean} [isOfAll] the fault is none of this line
 */

/** Unreachable, signed out, too many, out of order: it would be the same with all that follow. */
const isOfAll = (/** @type {number} */ status) => [0, 401, 429].includes(status) || status >= 500;
/** Lines go by faster than they could be read. */
const SHOWN_EACH_MS = 100;

/**
 * The lines under way, or done, also for a page that is come back to; what makes them; and what stops or forgets that.
 * @param {{ kind: string, href: string, label: () => string, of?: string }} about `of` is another account than the own
 */
export function useMakeUsers({ kind, href, label, of = '' }) {
  const { account } = useOwn();
  const id = `${kind} ${account.id} ${of}`;
  const job = useJob(id);
  /** @type {Line[]} */
  const lines = job?.outcome ?? [];
  /**
   * Done when all are, or it was stopped.
   * @param {Line[]} fresh
   * @param {Partial<NewUser>} fields what users have that do not say otherwise
   */
  const makeAll = (fresh, fields) => {
    const begun = { id, account: account.id, href, label, total: fresh.length, outcome: fresh };
    return startJob(begun, (report, signal) =>
      eachMade(fresh, { fields, account: account.id, report, signal }),
    );
  };
  return {
    lines,
    isRunning: job?.isRunning ?? false,
    makeAll,
    stop: () => stopJob(id),
    dismiss: () => dismissJob(id),
  };
}

/**
 * @param {Line[]} lines
 * @param {{ fields: Partial<NewUser>, account: string, report: import('./jobs.js').Report<Line[]>, signal: AbortSignal }} how
 */
async function eachMade(lines, { fields, account, report, signal }) {
  const outcome = [...lines];
  const tell = () => {
    const done = outcome.filter(({ made, fault }) => made || fault).length;
    report({ done, outcome: [...outcome] });
  };
  const telling = setInterval(tell, SHOWN_EACH_MS);
  for (const [index, line] of lines.entries()) {
    if (signal.aborted) break;
    if (!line.user) continue;
    outcome[index] = await made(line, { ...fields, ...line.user }, account);
    if (outcome[index].isOfAll) break;
  }
  clearInterval(telling);
  tell();
}

/** @param {Line} line @param {NewUser} user @param {string} account @returns {Promise<Line>} */
async function made(line, user, account) {
  try {
    return { ...line, made: await call('user/create', user, { account }) };
  } catch (failure) {
    const error = asApiError(failure);
    const fault = error.errors.map((fault) => faultInWords(fault)).join(' ') || inWords(error);
    return { ...line, fault, isOfAll: isOfAll(error.status) };
  }
}
