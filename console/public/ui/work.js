/** What takes time: reading for a page, and waiting until somebody has finished typing. */

import { useCallback, useEffect, useRef, useState } from '../vendor/preact.js';
import { ApiError } from '../api.js';

/**
 * @template T
 * @typedef {object} Loaded
 * @property {T | undefined} data what was read last; stays while something else is read, but not if that fails
 * @property {ApiError | undefined} error
 * @property {boolean} loading
 * @property {() => void} reload
 * @property {(data: T) => void} setData gives it as it is after a change; what is being read may be of before, so it
 *   is read anew
 */
/**
 * @template T
 * @typedef {object} Found
 * @property {T} [data]
 * @property {ApiError} [error]
 * @property {unknown[]} [inputs] what the data was read for
 */

/** What has all that is shown read anew. @type {Set<() => void>} */
const reloaders = new Set();

/** Has all that is shown read anew, since something was changed that any of it may be about. */
export function reloadShown() {
  for (const reload of reloaders) reload();
}

/**
 * Reads something, and again when `inputs` change. Only the latest reading counts: the ones before are
 * broken off, and what they still bring is not looked at.
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} read
 * @param {unknown[]} inputs
 * @returns {Loaded<T>}
 */
export function useLoad(read, inputs) {
  const [state, setState] = useState(/** @type {Found<T>} */ ({}));
  const [loading, setLoading] = useState(true);
  const [round, setRound] = useState(0);
  const latest = useRef(inputs);
  latest.current = inputs;
  const underWay = useRef(/** @type {AbortController | undefined} */ (undefined));
  useEffect(() => {
    const broken = new AbortController();
    underWay.current = broken;
    const settle = (/** @type {(before: Found<T>) => Found<T>} */ next) => {
      if (broken.signal.aborted) return;
      underWay.current = undefined;
      setState(next);
      setLoading(false);
    };
    setLoading(true);
    read(broken.signal).then(
      (data) => settle(() => ({ data, inputs })),
      (error) => settle((before) => failed(before, asApiError(error), inputs)),
    );
    return () => broken.abort();
  }, [...inputs, round]);
  const reload = useCallback(() => setRound((round) => round + 1), []);
  useEffect(() => {
    reloaders.add(reload);
    return () => void reloaders.delete(reload);
  }, []);
  const setData = (/** @type {T} */ data) => {
    // Something else is shown by now.
    if (!areSame(inputs, latest.current)) return;
    setState({ data, inputs });
    if (!underWay.current) return;
    underWay.current.abort();
    reload();
  };
  // Known at once, also before the reading has begun.
  const isOld = state.inputs !== undefined && !areSame(inputs, state.inputs);
  return { data: state.data, error: state.error, loading: loading || isOld, reload, setData };
}

/**
 * What is there still, once reading has failed: nothing that was read for something else.
 * @template T
 * @param {Found<T>} before
 * @param {ApiError} error
 * @param {unknown[]} inputs
 * @returns {Found<T>}
 */
const failed = (before, error, inputs) =>
  before.inputs && areSame(before.inputs, inputs) ? { ...before, error } : { error, inputs };

/** @param {unknown[]} some @param {unknown[]} others */
const areSame = (some, others) => some.every((one, at) => Object.is(one, others[at]));

/** @param {unknown} error */
export function asApiError(error) {
  return error instanceof ApiError ? error : new ApiError(0, { detail: String(error) });
}

/**
 * The value that has not changed for some time.
 * @template T
 * @param {T} value
 * @param {number} milliseconds
 */
export function useSettled(value, milliseconds) {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}

/**
 * Whether something is under way, what went wrong with it, and how to begin it: one thing at a time. `press` makes one
 * of several buttons: the one that was pressed shows that it works, and the others wait.
 */
export function useAction() {
  const [doing, setDoing] = useState(/** @type {string | undefined} */ (undefined));
  const [error, setError] = useState(/** @type {ApiError | undefined} */ (undefined));
  const isUnderWay = useRef(false);
  /** @param {() => Promise<unknown>} work @param {string} [name] which of several things it is */
  const run = async (work, name = '') => {
    if (isUnderWay.current) return;
    isUnderWay.current = true;
    setDoing(name);
    setError(undefined);
    try {
      await work();
    } catch (failure) {
      setError(asApiError(failure));
    } finally {
      isUnderWay.current = false;
      setDoing(undefined);
    }
  };
  const busy = doing !== undefined;
  const press = (/** @type {string} */ name, /** @type {() => Promise<unknown>} */ work) => ({
    busy: doing === name,
    disabled: busy && doing !== name,
    onClick: () => void run(work, name),
  });
  return { busy, error, run, press };
}
