/** Names and preferences of a user. */

import { html } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { useOwn } from '../../own.js';
import { Form, Submit, Text } from '../../forms.js';
import { JsonField } from '../../json-field.js';
import { mergePatch, written } from '../../json.js';
import { LanguageField } from '../../language-field.js';
import { objectIn } from '../../object-field.js';
import { useRecordForm } from '../../record-form.js';
import { texts } from '../../texts.js';
import { Ago, Copyable, Facts, Name, Section } from '../../ui.js';
import { HERE } from './access.js';

/** @typedef {import('../user.js').Props} Props */
/** @typedef {import('../../contract').User} User */

const labels = () => ({
  first: texts.common.firstName,
  last: texts.common.lastName,
  username: texts.common.username,
  externalId: texts.common.externalId,
  language: texts.common.language,
  preferences: texts.common.preferences,
});

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
    labels: labels(),
    valuesOf: namesOf,
    again: () => call('user/get', { id: user.id }),
    write: update,
    onSaved: onUser,
    draft: `user ${user.id}`,
  });
  return html`<${Section} title=${texts.user.profile}>
    <${Form} form=${form}>
      <div class="pair">
        <${Text} form=${form} name="first" label=${texts.common.firstName} />
        <${Text} form=${form} name="last" label=${texts.common.lastName} />
      </div>
      <${Text}
        form=${form}
        name="username"
        label=${texts.common.username}
        hint=${texts.profile.usernameHint}
      />
      <${LanguageField} form=${form} none=${texts.profile.languageNone} hint=${texts.profile.languageHint} />
      ${
        can('users/change') &&
        html`<${Text}
          form=${form}
          name="externalId"
          label=${texts.common.externalId}
          hint=${texts.profile.externalIdHint}
        />`
      }
      <${Submit} form=${form} onlyChanged>${texts.profile.saveProfile}<//>
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
    labels: labels(),
    valuesOf: ({ preferences }) => ({ preferences: written(preferences) }),
    read: ({ preferences = '' }) => ({ preferences: objectIn('preferences', preferences) }),
    again: () => call('user/get', { id: user.id }),
    write: patch,
    onSaved: onUser,
    draft: `user ${user.id} preferences`,
  });
  return html`<${Section} title=${texts.common.preferences} text=${texts.profile.preferencesHint}>
    <${Form} form=${form}>
      <${JsonField} form=${form} name="preferences" label=${texts.profile.preferencesAsJson} required isTitled rows=${8} />
      <${Submit} form=${form} onlyChanged>${texts.profile.savePreferences}<//>
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
    [texts.common.username, user.username && html`<${Name} name=${user.username} />`],
    [texts.common.language, user.language],
    [texts.common.externalId, user.externalId && html`<${Name} name=${user.externalId} />`],
  ];
  /** @type {[string, any][]} */
  const rows = [
    ...(showsNames ? names.filter(([, value]) => value) : []),
    [texts.common.id, html`<${Copyable} text=${user.id} label=${texts.users.copyId} />`],
    [texts.profile.number, user.number],
    [
      texts.profile.issuer,
      user.issuer
        ? html`<${Name} name=${user.issuer === HERE ? 'Guestlist' : user.issuer} />`
        : html`<span class="faint">–</span>`,
    ],
    [texts.profile.joined, html`<${Ago} at=${user.joined} none=${texts.common.notYet} />`],
    [texts.common.lastSeen, html`<${Ago} at=${user.activity} none=${texts.common.never} />`],
    [texts.common.added, html`<${Ago} at=${user.created} />`],
    [texts.common.changed, html`<${Ago} at=${user.updated} />`],
  ];
  return html`<${Section} title=${texts.common.record}><${Facts} rows=${rows} /><//>`;
}
