/** New users, many in a request, so that it can be stopped, and the outcomes are seen on the way. */

import { useEffect, useRef } from './vendor/preact.js';
import { callAll } from './call-all.js';
import { dismissJob, startJob, stopJob, useJob } from './jobs.js';
import { useOwn } from './own.js';
import { faultInWords, inWords } from './plain-words.js';
import { watch } from './session.js';
import { texts } from './texts.js';

/** @typedef {import('./import-text.js').NewUser} NewUser */
/** @typedef {import('./contract').Body<'user/create'>} Body */
/** @typedef {import('./api.js').ApiError} ApiError */
/** @typedef {import('./contract').User} User */
/** @typedef {NonNullable<ApiError['existing']>} Existing */
/**
 * @typedef {object} Line
 * @property {string} id
 * @property {string} shown
 * @property {number} [number] where it stands in the text, if that is told
 * @property {NewUser} [user] missing where the line cannot be read
 * @property {User} [made]
 * @property {string} [fault]
 * @property {Existing} [existing] who is there already, and has stayed as they are
 */

/** Lines go by faster than they could be read. */
const SHOWN_EACH_MS = 100;

/**
 * What was sent and got no answer, by job: it may have been done. Its page may ask once more.
 * @type {Map<string, import('./batches.js').Sent[]>}
 */
const open = new Map();
watch((session) => {
  if (!session) open.clear();
});

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
   * @param {Partial<Body>} fields what users have that do not say otherwise
   */
  const makeAll = (fresh, fields) => {
    const begun = { id, account: account.id, href, label, total: fresh.length, outcome: fresh };
    return startJob(begun, (report, signal) =>
      eachMade(fresh, { id, fields, account: account.id, report, signal }),
    );
  };
  const dismiss = () => {
    open.delete(id);
    dismissJob(id);
  };
  return { lines, isRunning: job?.isRunning ?? false, makeAll, stop: () => stopJob(id), dismiss };
}

/** Calls once what is under way has ended. @param {boolean} isRunning @param {() => void} onEnd */
export function useEnd(isRunning, onEnd) {
  const wasRunning = useRef(isRunning);
  useEffect(() => {
    if (wasRunning.current && !isRunning) onEnd();
    wasRunning.current = isRunning;
  }, [isRunning]);
}

/**
 * @param {Line[]} lines
 * @param {{ id: string, fields: Partial<Body>, account: string, report: import('./jobs.js').Report<Line[]>, signal: AbortSignal }} how
 */
async function eachMade(lines, { id, fields, account, report, signal }) {
  const outcome = [...lines];
  // What has come of the others stays as it is.
  const readable = [...lines.keys()].filter((at) => isOpen(lines[at]));
  const parts = readable.map((at) => partOf({ ...fields, ...lines[at].user }));
  const tell = () => {
    const done = outcome.filter(({ made, fault }) => made || fault).length;
    report({ done, outcome: [...outcome] });
  };
  const telling = setInterval(tell, SHOWN_EACH_MS);
  open.set(id, open.get(id) ?? []);
  await callAll(parts, {
    account,
    signal,
    open: open.get(id),
    onOutcome: (at, result) => {
      outcome[readable[at]] = { ...lines[readable[at]], ...told(result) };
    },
  });
  clearInterval(telling);
  tell();
}

/** @param {Line} line */
const isOpen = ({ user, made, fault }) => user && !made && !fault;

/** @param {object} body @returns {import('./batches.js').Part} */
const partOf = (body) => ({ call: 'user/create', body: { ...body } });

/** What a line says of it. @param {{ user?: User, error?: ApiError }} result @returns {Partial<Line>} */
function told({ user, error }) {
  if (!error) return { made: user };
  const { errors, existing, status } = error;
  const why = errors.map((fault) => faultInWords(fault)).join(' ') || inWords(error);
  const isUnknown = status === 0 || status >= 500;
  return { fault: isUnknown ? `${why} ${texts.lines.unknown}` : why, existing };
}
