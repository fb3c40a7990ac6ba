/**
 * Work that goes on while the user looks at other pages, such as an import. Closing the window meanwhile asks first. The
 * outcome stays until it is dismissed, or the session ends.
 */

import { useEffect, useState } from './vendor/preact.js';
import { watch } from './session.js';

/**
 * @template [Outcome=unknown]
 * @typedef {object} Job
 * @property {string} id which work it is; there is one of each at a time
 * @property {string} account the account that it is done in
 * @property {string} href the page that shows it
 * @property {() => string} label what it does, in the language that is read
 * @property {number} done how much of it is
 * @property {number} total
 * @property {boolean} isRunning
 * @property {Outcome} outcome what has become of it so far
 * @property {(outcome: Outcome) => string} ended what is said of it once it has ended
 */
/**
 * @template Outcome
 * @typedef {(now: { done: number, outcome: Outcome }) => void} Report tells how far it has come
 */

/** @type {Map<string, { job: Job<any>, stop: AbortController }>} */
const jobs = new Map();
/** @type {Set<() => void>} */
const listeners = new Set();

/**
 * Begins a job, in place of one of the same kind that has ended; done when it has ended. The work looks at the
 * signal, and does not throw.
 * @template Outcome
 * @param {Omit<Job<Outcome>, 'done' | 'isRunning'>} begun
 * @param {(report: Report<Outcome>, signal: AbortSignal) => Promise<void>} work
 */
export async function startJob(begun, work) {
  if (jobs.get(begun.id)?.job.isRunning) return;
  const stop = new AbortController();
  const change = (/** @type {Partial<Job<Outcome>>} */ now) => {
    const known = jobs.get(begun.id);
    if (known?.stop !== stop) return;
    jobs.set(begun.id, { stop, job: { ...known.job, ...now } });
    tell();
  };
  jobs.set(begun.id, { stop, job: { ...begun, done: 0, isRunning: true } });
  tell();
  try {
    await work(change, stop.signal);
  } finally {
    change({ isRunning: false });
  }
}

/**
 * What was begun before the page was loaded anew, and has stopped with it.
 * @template Outcome
 * @param {Omit<Job<Outcome>, 'isRunning'>} job
 */
export function restoreJob(job) {
  jobs.set(job.id, { stop: new AbortController(), job: { ...job, isRunning: false } });
  tell();
}

/** @param {string} id */
export const stopJob = (id) => jobs.get(id)?.stop.abort();

/** Forgets what has become of a job. @param {string} id */
export function dismissJob(id) {
  if (jobs.get(id)?.job.isRunning) return;
  jobs.delete(id);
  tell();
}

/** @returns {Job<any>[]} */
export const allJobs = () => [...jobs.values()].map(({ job }) => job);

export const isWorking = () => allJobs().some(({ isRunning }) => isRunning);

/** All jobs, and again whenever one of them has come further. @returns {Job<any>[]} */
export function useJobs() {
  const [now, setNow] = useState(allJobs);
  useEffect(() => {
    const follow = () => setNow(allJobs());
    follow();
    listeners.add(follow);
    return () => void listeners.delete(follow);
  }, []);
  return now;
}

/** @param {string} id @returns {Job<any> | undefined} */
export const useJob = (id) => useJobs().find((job) => job.id === id);

function tell() {
  for (const listener of listeners) listener();
}

/** Nothing is done in the name of somebody who has gone, nor shown to somebody else. */
watch((session) => {
  if (session) return;
  for (const { stop } of jobs.values()) stop.abort();
  jobs.clear();
  tell();
});

globalThis.addEventListener?.('beforeunload', (event) => {
  if (isWorking()) event.preventDefault();
});
