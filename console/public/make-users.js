/** New users, many in a request, so that it can be stopped, and the outcomes are seen on the way. */

import { useEffect, useRef, useState } from './vendor/preact.js';
import { callAll } from './call-all.js';
import { dismissJob, startJob, stopJob, useJob } from './jobs.js';
import { beginWork, dropWork, keepWork, knownOf, restoreWork, saysOf } from './kept-work.js';
import { isLeft } from './outcome.js';
import { useOwn } from './own.js';
import { reasonInWords } from './plain-words.js';
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
 * @property {boolean} [isUnknown] it may have been done all the same
 * @property {Existing} [existing] who is there already, and has stayed as they are
 */

/** Lines go by faster than they could be read. */
const SHOWN_EACH_MS = 100;

/**
 * The lines under way, or done, also for a page that is come back to, or was loaded anew; what makes them, or goes on
 * with those that are left; and what stops or forgets that.
 * @param {{ kind: import('./kept-work.js').Kind, href: string, of?: string }} about `of` is another account than the own
 */
export function useMakeUsers({ kind, href, of = '' }) {
  const { account } = useOwn();
  const id = `${kind} ${account.id} ${of}`;
  useState(restoreWork);
  const job = useJob(id);
  /** @type {Line[]} */
  const lines = job?.outcome ?? [];
  /**
   * Done when all are, or it was stopped.
   * @param {Line[]} fresh
   * @param {Partial<Body>} fields what users have that do not say otherwise
   */
  const makeAll = (fresh, fields) => {
    const { length: total } = fresh;
    const begun = { id, account: account.id, href, ...saysOf(kind), total, outcome: fresh };
    return startJob(begun, (report, signal) => {
      const { open } = beginWork(id, fields);
      const onChange = (/** @type {Line[]} */ lines) =>
        keepWork(id, { kind, account: account.id, href, fields, lines, open });
      return eachMade(fresh, { fields, account: account.id, report, signal, open, onChange });
    });
  };
  const fields = knownOf(id)?.fields;
  const isAnyLeft = lines.some(isLeft);
  const goOn = fields && isAnyLeft ? () => makeAll(lines.map(untold), fields) : undefined;
  const dismiss = () => {
    dropWork(id);
    dismissJob(id);
  };
  const isRunning = job?.isRunning ?? false;
  return { lines, fields, isRunning, makeAll, goOn, stop: () => stopJob(id), dismiss };
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
 * @param {{ fields: Partial<Body>, account: string, report: import('./jobs.js').Report<Line[]>, signal: AbortSignal,
 *   open: import('./batches.js').Sent[], onChange: (lines: Line[]) => void }} how
 */
async function eachMade(lines, { fields, account, report, signal, open, onChange }) {
  const outcome = [...lines];
  // What has come of the others stays as it is.
  const readable = [...lines.keys()].filter((at) => isOpen(lines[at]));
  const parts = readable.map((at) => partOf({ ...fields, ...lines[at].user }));
  const tell = () => {
    const done = outcome.filter(({ made, fault }) => made || fault).length;
    report({ done, outcome: [...outcome] });
  };
  const telling = setInterval(tell, SHOWN_EACH_MS);
  await callAll(parts, {
    account,
    signal,
    open,
    onSend: () => onChange(outcome),
    onOutcome: (at, result) => {
      outcome[readable[at]] = { ...lines[readable[at]], ...told(result) };
    },
  });
  clearInterval(telling);
  onChange(outcome);
  tell();
}

/** A line as it was before, where it is not known what has become of it. @param {Line} line @returns {Line} */
const untold = ({ isUnknown, fault, ...line }) => (isUnknown || !fault ? line : { ...line, fault });

/** @param {Line} line */
const isOpen = ({ user, made, fault }) => user && !made && !fault;

/** @param {object} body @returns {import('./batches.js').Part} */
const partOf = (body) => ({ call: 'user/create', body: { ...body } });

/** What a line says of it. @param {{ user?: User, error?: ApiError }} result @returns {Partial<Line>} */
function told({ user, error }) {
  if (!error) return { made: user };
  const { existing, status } = error;
  const why = reasonInWords(error);
  const isUnknown = status === 0 || status >= 500;
  return { fault: isUnknown ? `${why} ${texts.lines.unknown}` : why, existing, isUnknown };
}
