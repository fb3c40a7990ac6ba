/** An account: its name, its settings, its state. The operator sees all there are. */

import { html } from '../vendor/preact.js';
import { call } from '../api.js';
import { useOwn } from '../own.js';
import { Form, Submit, Text } from '../forms.js';
import { JsonField } from '../json-field.js';
import { mergePatch, written } from '../json.js';
import { objectIn } from '../object-field.js';
import { useRecordForm } from '../record-form.js';
import { texts } from '../texts.js';
import { useTitle } from '../titles.js';
import {
  Alert,
  Badge,
  Button,
  Copyable,
  Facts,
  Head,
  Name,
  Section,
  SkeletonPage,
  Time,
  useLoad,
} from '../ui.js';
import { Admin } from './account/admin.js';
import { EndSessions } from './account/end-sessions.js';
import { Inside } from './account/inside.js';
import { AccountLogo } from './account/logo.js';
import { Managed } from './account/managed.js';
import { State } from './account/state.js';

/** @typedef {import('../contract').Account} Account */
/** @typedef {{ accountId?: string }} Scope */
/** @typedef {{ account: Account, onAccount: (account: Account) => void }} Props */

const labels = () => ({ name: texts.common.name, settings: texts.common.settings });

/** @param {{ id?: string }} props without an id, the own one */
export default function AccountPage({ id }) {
  const { account: own, can, reload: reloadOwn } = useOwn();
  const read = (/** @type {AbortSignal} */ signal) => get(id ? { accountId: id } : {}, signal);
  const { data, error, reload, setData } = useLoad(read, [id]);
  useTitle('shown', data && data.id !== own.id ? data.name : undefined);
  if (error) {
    return html`
      <${Head} title=${texts.account.title} />
      <${Alert} error=${error} />
      <${Button} onClick=${reload}>${texts.common.tryAgain}<//>
    `;
  }
  if (!data || (id && data.id !== id)) return html`<${SkeletonPage} />`;
  const onAccount = (/** @type {Account} */ account) => {
    setData(account);
    if (account.id === own.id) reloadOwn();
  };
  const isOther = can('accounts') && data.id !== own.id;
  const props = { account: data, onAccount };
  return html`
    ${isOther && html`<${Inside} id=${data.id} here="" account=${data} />`}
    <${Head} title=${html`<${Name} name=${data.name} />`} />
    <div class="columns">
      <div class="stack">
        ${isOther && data.state === 'active' && html`<${Admin} account=${data} />`}
        ${can('account/change') && html`<${NameForm} ...${props} /><${OwnLogo} ...${props} />`}
        <${Record} account=${data} />
      </div>
      <div class="stack">
        ${can('account/change') && html`<${Settings} ...${props} />`}
        ${can('accounts') && html`<${Managed} ...${props} isHome=${!isOther} />`}
        ${isOther && html`<${State} ...${props} />`}
        ${
          can('account/change') &&
          html`<${EndSessions} scope=${isOther ? { accountId: data.id } : {}} isOwn=${!isOther} />`
        }
      </div>
    </div>
  `;
}

/** @param {Scope} scope @param {AbortSignal} [signal] */
const get = (scope, signal) => call('account/get', scope, { signal });

/** @param {Scope} scope @param {Account} now @param {import('../contract').Body<'account/update'>} fields */
const update = (scope, { version }, fields) =>
  call('account/update', { ...scope, version, ...fields });

/** How calls name the account: only root names any, all others have but one. @param {Account} account @returns {Scope} */
function useScope({ id }) {
  const { can } = useOwn();
  return can('accounts') ? { accountId: id } : {};
}

/** @param {Props} props */
function NameForm({ account, onAccount }) {
  const scope = useScope(account);
  const { form, dialog } = useRecordForm({
    record: account,
    labels: labels(),
    valuesOf: ({ name }) => ({ name }),
    again: () => get(scope),
    write: (mine, now) => update(scope, now, mine),
    onSaved: onAccount,
    draft: `account ${account.id}`,
  });
  return html`<${Section} title=${texts.common.name} text=${texts.account.nameHint}>
    <${Form} form=${form}>
      <${Text} form=${form} name="name" label=${texts.accounts.name} required isTitled />
      <${Submit} form=${form} onlyChanged>${texts.account.saveName}<//>
    <//>
    ${dialog}
  <//>`;
}

/** @param {Props} props */
function OwnLogo({ account, onAccount }) {
  const scope = useScope(account);
  // Whatever else has changed meanwhile, the picture is the one that was chosen last.
  const save = (/** @type {{ logo: string | null }} */ fields) =>
    call('account/update', { ...scope, ...fields });
  return html`<${AccountLogo} account=${account} onAccount=${onAccount} save=${save} />`;
}

/** @param {Props} props */
function Settings({ account, onAccount }) {
  const scope = useScope(account);
  const { form, dialog } = useRecordForm({
    record: account,
    labels: labels(),
    valuesOf: ({ settings }) => ({ settings: written(settings) }),
    read: ({ settings = '' }) => ({ settings: objectIn('settings', settings) }),
    again: () => get(scope),
    write: ({ settings }, now) =>
      update(scope, now, { settings: mergePatch(now.settings ?? {}, settings) }),
    onSaved: onAccount,
    draft: `account ${account.id} settings`,
  });
  return html`<${Section} title=${texts.common.settings} text=${texts.account.appSettings}>
    <${Form} form=${form}>
      <${JsonField} form=${form} name="settings" label=${texts.account.settingsAsJson} required isTitled />
      <${Submit} form=${form} onlyChanged>${texts.account.saveSettings}<//>
    <//>
    ${dialog}
  <//>`;
}

/** @param {{ account: Account }} props */
const Record = ({ account }) =>
  html`<${Section} title=${texts.common.record}>
    <${Facts}
      rows=${[
        [texts.common.state, html`<${Badge} kind=${account.state} />`],
        [texts.common.id, html`<${Copyable} text=${account.id} label=${texts.users.copyId} />`],
        [texts.common.created, html`<${Time} at=${account.created} />`],
        ...(account.managed === undefined ? [] : [managedOf(account)]),
      ]}
    />
  <//>`;

/** @param {Account} account @returns {[string, string]} */
const managedOf = ({ managed }) => [
  texts.account.signIns,
  managed ? texts.account.signInsManaged : texts.account.signInsOwn,
];
