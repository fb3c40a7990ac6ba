/** Names and preferences of a user. */

import { html } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { useOwn } from '../../own.js';
import { Area, Form, Submit, Text } from '../../forms.js';
import { mergePatch, written } from '../../json.js';
import { objectIn } from '../../object-field.js';
import { useRecordForm } from '../../record-form.js';
import { Facts, Section, Time } from '../../ui.js';

/** @typedef {import('../user.js').Props} Props */
/** @typedef {import('../../contract').User} User */

const LABELS = {
  first: 'First name',
  last: 'Last name',
  username: 'User name',
  externalId: 'External id',
  language: 'Language',
  preferences: 'Preferences',
};

/** @param {Props} props */
export function Profile(props) {
  const { user, mayChange } = props;
  return html`<div class="columns">
    ${mayChange && html`<${Names} ...${props} />`}
    <div class="stack">
      <${Record} user=${user} showsNames=${!mayChange} />
      ${mayChange && html`<${Preferences} ...${props} />`}
    </div>
  </div>`;
}

/** @param {Props} props */
function Names({ user, onUser }) {
  const { can } = useOwn();
  const { form, dialog } = useRecordForm({
    record: user,
    labels: LABELS,
    valuesOf: namesOf,
    again: () => call('user/get', { id: user.id }),
    write: update,
    onSaved: onUser,
  });
  return html`<${Section} title="Profile">
    <${Form} form=${form}>
      <div class="pair">
        <${Text} form=${form} name="first" label=${LABELS.first} />
        <${Text} form=${form} name="last" label=${LABELS.last} />
      </div>
      <${Text}
        form=${form}
        name="username"
        label=${LABELS.username}
        hint="3 to 191 of a–z, 0–9, _ . and -; unique in this account."
      />
      <${Text}
        form=${form}
        name="language"
        label=${LABELS.language}
        hint="Such as en or pt-BR; we write emails in it."
      />
      ${
        can('users/change') &&
        html`<${Text}
          form=${form}
          name="externalId"
          label=${LABELS.externalId}
          hint="What another system calls this user."
        />`
      }
      <${Submit} form=${form} onlyChanged>Save profile<//>
    <//>
    ${dialog}
  <//>`;
}

/** @param {User} user */
const namesOf = ({ first = '', last = '', username = '', language = '', externalId = '' }) => ({
  first,
  last,
  username,
  language,
  externalId,
});

/** @param {Partial<ReturnType<typeof namesOf>>} mine @param {User} now */
const update = (mine, { id, version }) => call('user/update', { id, version, ...mine });

/** @param {Props} props */
function Preferences({ user, onUser }) {
  const { form, dialog } = useRecordForm({
    record: user,
    labels: LABELS,
    valuesOf: ({ preferences }) => ({ preferences: written(preferences) }),
    read: ({ preferences = '' }) => ({ preferences: objectIn('preferences', preferences) }),
    again: () => call('user/get', { id: user.id }),
    write: patch,
    onSaved: onUser,
  });
  return html`<${Section} title="Preferences" text="What apps keep about this user, as JSON.">
    <${Form} form=${form}>
      <${Area}
        form=${form}
        name="preferences"
        label="Preferences as JSON"
        required
        isCode
        rows=${8}
      />
      <${Submit} form=${form} onlyChanged>Save preferences<//>
    <//>
    ${dialog}
  <//>`;
}

/** @param {{ preferences: import('../../json.js').JsonObject }} mine @param {User} now */
function patch(mine, now) {
  const preferences = mergePatch(now.preferences ?? {}, mine.preferences);
  return call('user/update', { id: now.id, version: now.version, preferences });
}

/** @param {{ user: User, showsNames: boolean }} props */
function Record({ user, showsNames }) {
  /** @type {[string, any][]} */
  const names = [
    ['User name', user.username],
    ['Language', user.language],
    ['External id', user.externalId],
  ];
  /** @type {[string, any][]} */
  const rows = [
    ...(showsNames ? names.filter(([, value]) => value) : []),
    ['Id', html`<code>${user.id}</code>`],
    ['Number', user.number],
    ['Signs in by', user.issuer ?? 'has not joined yet'],
    ['Joined', html`<${Time} at=${user.joined} none="not yet" />`],
    ['Last seen', html`<${Time} at=${user.activity} none="never" />`],
    ['Added', html`<${Time} at=${user.created} />`],
    ['Changed', html`<${Time} at=${user.updated} />`],
  ];
  return html`<${Section} title="Record"><${Facts} rows=${rows} /><//>`;
}
