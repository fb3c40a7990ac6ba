/** Forms for some fields of a record, which others may change in the meantime. */

import { useLayoutEffect, useState } from './vendor/preact.js';
import { useConflict } from './conflict.js';
import { useForm } from './forms.js';
import { texts } from './texts.js';
import { toast } from './ui.js';

/**
 * @template {object} T the record
 * @template {object} V what the form shows of it
 * @template {object} [M=Partial<V>] the record's fields of what was typed
 * @typedef {object} Described
 * @property {T} record
 * @property {Record<string, string>} labels what to call its fields, where two have changed one
 * @property {(record: T) => V} valuesOf
 * @property {(changed: Partial<V>) => M} [read] may throw
 * @property {() => Promise<T>} again gets the record as it is now
 * @property {(fields: M, now: T) => Promise<T>} write changes these fields of it, or some of them, with its version
 * @property {(now: T) => void} onSaved
 * @property {string} [said] what is told then
 * @property {string} draft what is typed is kept under that name
 */

/**
 * Sends only what was changed. The form follows the record, unless something was typed into it, and what it
 * shows was changed elsewhere, too.
 * @template {object} T
 * @template {object} V
 * @template {object} [M=Partial<V>]
 * @param {Described<T, V, M>} described
 */
export function useRecordForm({
  record,
  labels,
  valuesOf,
  read,
  again,
  write,
  onSaved,
  said,
  draft,
}) {
  const [base, setBase] = useState(record);
  const { save, dialog } = useConflict(labels);
  const follow = (/** @type {T} */ now) => {
    setBase(now);
    form.reset(valuesOf(now));
  };
  const submit = async (/** @type {V} */ values) => {
    const typed = changedOf(valuesOf(base), values);
    const mine = read ? read(typed) : /** @type {M} */ (/** @type {unknown} */ (typed));
    const saved = await save({ base, mine, read: again, write });
    if (!saved) return;
    follow(saved.record);
    onSaved(saved.record);
    const { saved: all, savedNone: none, savedSome: some } = texts.conflict;
    toast({ some, none, all: said ?? all }[saved.mine]);
  };
  const form = useForm(valuesOf(record), submit, { draft });
  // At once, so that nothing is typed between the look and the change.
  useLayoutEffect(() => {
    if (!form.isChanged) follow(record);
    else if (isEmpty(changedOf(valuesOf(base), valuesOf(record)))) setBase(record);
  }, [record]);
  return { form, dialog };
}

/** @param {object} object */
const isEmpty = (object) => Object.keys(object).length === 0;

/** @template {object} V @param {V} before @param {V} values @returns {Partial<V>} */
function changedOf(before, values) {
  const had = new Map(Object.entries(before));
  const changed = Object.entries(values).filter(([name, value]) => value !== had.get(name));
  return /** @type {Partial<V>} */ (Object.fromEntries(changed));
}
