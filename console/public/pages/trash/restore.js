/** Bringing a removed user back who had something that somebody else in the account has by now. */

import { html } from '../../vendor/preact.js';
import { ApiError, call } from '../../api.js';
import { list } from '../../formats.js';
import { DialogActions, Form, Text, useForm } from '../../forms.js';
import { texts } from '../../texts.js';
import { Dialog, fullName } from '../../ui.js';

/** @typedef {import('../../contract').User} User */
/** @typedef {'newEmail' | 'username' | 'externalId'} Field */

/** @type {Field[]} */
const FIELDS = ['newEmail', 'username', 'externalId'];
const CODES = ['email_taken', 'username_taken', 'external_id_taken'];

/**
 * The fields of a user whose values others have, if that is why it does not come back.
 * @param {unknown} error
 * @returns {Field[]}
 */
export function takenIn(error) {
  if (!(error instanceof ApiError) || !CODES.includes(error.code)) return [];
  return FIELDS.filter((name) => error.errors.some(({ field }) => field === name));
}

/**
 * Asks for other values in place of those that are taken.
 * @param {{ user: User, taken: Field[], onDone: (user: User) => void, onClose: () => void }} props
 */
export function RestoreWith({ user, taken, onDone, onClose }) {
  const blank = { newEmail: '', username: '', externalId: '' };
  const submit = async (/** @type {typeof blank} */ values) => {
    const given = taken.map((field) => [field, values[field].trim() || null]);
    const restored = await call('trash/restore', { id: user.id, ...Object.fromEntries(given) });
    form.reset(blank);
    onDone(restored);
  };
  const form = useForm(blank, submit, { draft: `restore ${user.id}` });
  const name = fullName(user);
  const labels = {
    newEmail: texts.common.email,
    username: texts.common.username,
    externalId: texts.common.externalId,
  };
  return html`<${Dialog} title=${texts.trash.restoreOther(name)} onClose=${onClose} busy=${form.busy}>
    <${Form} form=${form} label=${texts.trash.restoreOther(name)}>
      <p>
        ${texts.trash.restoreOtherText(list(taken.map((field) => had(user, field))), name)}
      </p>
      ${taken.map(
        (field, at) =>
          html`<${Text}
            key=${field}
            form=${form}
            name=${field}
            label=${labels[field]}
            type=${field === 'newEmail' ? 'email' : 'text'}
            required=${field === 'newEmail'}
            autofocus=${at === 0}
            hint=${field === 'newEmail' ? '' : texts.trash.restoreOtherHint}
          />`,
      )}
      <${DialogActions} form=${form} onClose=${onClose}>${texts.trash.restoreUser}<//>
    <//>
  <//>`;
}

/** @param {User} user @param {Field} field */
function had(user, field) {
  const value = field === 'newEmail' ? user.email : user[field];
  return texts.trash.taken[field](value ?? '');
}
