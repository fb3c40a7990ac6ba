/** What takes time: reading for a page, and waiting until somebody has finished typing. */

import { useCallback, useEffect, useRef, useState } from '../vendor/preact.js';
import { ApiError } from '../api.js';

/**
 * @template T
 * @typedef {object} Loaded
 * @property {T | undefined} data what was read last; stays while something else is read
 * @property {ApiError | undefined} error
 * @property {boolean} loading
 * @property {() => void} reload
 * @property {(data: T) => void} setData
 */

/**
 * Reads something, and again when `inputs` change. Only the latest reading counts: the ones before are
 * broken off, and what they still bring is not looked at.
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} read
 * @param {unknown[]} inputs
 * @returns {Loaded<T>}
 */
export function useLoad(read, inputs) {
  const [state, setState] = useState(/** @type {{ data?: T, error?: ApiError }} */ ({}));
  const [loading, setLoading] = useState(true);
  const [round, setRound] = useState(0);
  useEffect(() => {
    const broken = new AbortController();
    const settle = (/** @type {{ data?: T, error?: ApiError }} */ found) => {
      if (broken.signal.aborted) return;
      setState((before) => ({ data: before.data, ...found }));
      setLoading(false);
    };
    setLoading(true);
    read(broken.signal).then(
      (data) => settle({ data, error: undefined }),
      (error) => settle({ error: asApiError(error) }),
    );
    return () => broken.abort();
  }, [...inputs, round]);
  const reload = useCallback(() => setRound((round) => round + 1), []);
  const setData = useCallback((/** @type {T} */ data) => setState({ data }), []);
  return { data: state.data, error: state.error, loading, reload, setData };
}

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

/** Whether something is under way, what went wrong with it, and how to begin it. */
export function useAction() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {ApiError | undefined} */ (undefined));
  const isUnderWay = useRef(false);
  /** @param {() => Promise<unknown>} work */
  const run = async (work) => {
    if (isUnderWay.current) return;
    isUnderWay.current = true;
    setBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (failure) {
      setError(asApiError(failure));
    } finally {
      isUnderWay.current = false;
      setBusy(false);
    }
  };
  return { busy, error, run };
}
