/** Bringing a removed user back who had something that somebody else in the account has by now. */

import { html } from '../../vendor/preact.js';
import { ApiError, call } from '../../api.js';
import { Form, Submit, Text, useForm } from '../../forms.js';
import { Button, Dialog, fullName } from '../../ui.js';

/** @typedef {import('../../contract').User} User */
/** @typedef {'newEmail' | 'username' | 'externalId'} Field */

const LABELS = { newEmail: 'E-mail', username: 'User name', externalId: 'External id' };
const CODES = ['email_taken', 'username_taken', 'external_id_taken'];

/**
 * The fields of a user whose values others have, if that is why it does not come back.
 * @param {unknown} error
 * @returns {Field[]}
 */
export function takenIn(error) {
  if (!(error instanceof ApiError) || !CODES.includes(error.code)) return [];
  const fields = /** @type {Field[]} */ (Object.keys(LABELS));
  return fields.filter((name) => error.errors.some(({ field }) => field === name));
}

/**
 * Asks for other values in place of those that are taken.
 * @param {{ user: User, taken: Field[], onDone: (user: User) => void, onClose: () => void }} props
 */
export function RestoreWith({ user, taken, onDone, onClose }) {
  const blank = { newEmail: '', username: '', externalId: '' };
  const form = useForm(blank, async (values) => {
    const given = taken.map((field) => [field, values[field].trim() || null]);
    onDone(await call('trash/restore', { id: user.id, ...Object.fromEntries(given) }));
  });
  const name = fullName(user);
  return html`<${Dialog} title=${`Restore ${name} with other values`} onClose=${onClose} busy=${form.busy}>
    <${Form} form=${form} label=${`Restore ${name}`}>
      <p>
        Somebody else in the account has ${listed(taken.map((field) => had(user, field)))} by now.
        Enter something else, and ${name} comes back with that.
      </p>
      ${taken.map(
        (field, at) =>
          html`<${Text}
            key=${field}
            form=${form}
            name=${field}
            label=${LABELS[field]}
            type=${field === 'newEmail' ? 'email' : 'text'}
            required=${field === 'newEmail'}
            autofocus=${at === 0}
            hint=${field === 'newEmail' ? '' : 'Leave it empty to restore the user without one.'}
          />`,
      )}
      <div class="actions end">
        <${Button} disabled=${form.busy} onClick=${onClose}>Cancel<//>
        <${Submit} form=${form}>Restore user<//>
      </div>
    <//>
  <//>`;
}

/** @param {User} user @param {Field} field */
function had(user, field) {
  const value = field === 'newEmail' ? user.email : user[field];
  return `the ${LABELS[field].toLowerCase()} ${value ?? ''}`.trim();
}

/** @param {string[]} texts */
const listed = (texts) => new Intl.ListFormat('en', { type: 'conjunction' }).format(texts);
