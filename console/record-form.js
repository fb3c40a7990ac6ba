/** Forms for some fields of a record, which others may change in the meantime. */

import { useLayoutEffect, useState } from './vendor/preact.js';
import { useConflict } from './conflict.js';
import { useForm } from './forms.js';
import { toast } from './ui.js';

/** @typedef {import('./forms.js').Values} Values */
/**
 * @template {object} T
 * @typedef {object} Described
 * @property {T} record
 * @property {Record<string, string>} labels what to call its fields, where two have changed one
 * @property {(record: T) => Values} valuesOf what the form shows of it
 * @property {(changed: Values) => Values} [read] the record's fields of what was typed; may throw
 * @property {() => Promise<T>} again gets the record as it is now
 * @property {(fields: Values, now: T) => Promise<T>} write changes these fields of it, with its version
 * @property {(now: T) => void} onSaved
 * @property {string} [said] what is told then
 */

/**
 * Sends only what was changed. As long as nothing was, the form follows the record.
 * @template {object} T
 * @param {Described<T>} described
 * @returns {{ form: import('./forms.js').FormState, dialog: any }}
 */
export function useRecordForm({
  record,
  labels,
  valuesOf,
  read,
  again,
  write,
  onSaved,
  said = 'Saved.',
}) {
  const [base, setBase] = useState(record);
  const { save, dialog } = useConflict(labels);
  const follow = (/** @type {T} */ now) => {
    setBase(now);
    form.reset(valuesOf(now));
  };
  const form = useForm(valuesOf(record), async (values) => {
    const before = valuesOf(base);
    const changed = Object.entries(values).filter(([name, value]) => value !== before[name]);
    const typed = Object.fromEntries(changed);
    const mine = read ? read(typed) : typed;
    const { record: now, isMine } = await save({ base, mine, read: again, write });
    follow(now);
    onSaved(now);
    toast(isMine ? said : 'Kept as somebody else has saved it.');
  });
  // At once, so that nothing is typed between the look and the change.
  useLayoutEffect(() => {
    if (!form.isChanged) follow(record);
  }, [record]);
  return { form, dialog };
}
