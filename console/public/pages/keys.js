/** API keys: what programs call the service with. Each is shown once, when it is made. */

import { html, useState } from '../vendor/preact.js';
import { Actor } from '../actor.js';
import { call } from '../api.js';
import { useOwn } from '../own.js';
import { Choice, DialogActions, Form, Text, useForm } from '../forms.js';
import { useRisk } from '../leaving.js';
import { grantable, isWithinReach } from '../permissions.js';
import { roleChoices } from '../role-choices.js';
import { texts } from '../texts.js';
import {
  Ago,
  Alert,
  Badge,
  Button,
  Confirm,
  Copyable,
  CopyField,
  Dialog,
  Empty,
  Head,
  Name,
  Pager,
  Skeleton,
  Table,
  toast,
  useLoad,
} from '../ui.js';
import { Inside, scopeOf } from './account/inside.js';

/** @typedef {import('../contract').Key} Key */
/** @typedef {import('../contract').NewKey} NewKey */
/** @typedef {import('../contract').Cursors} Cursors */

/** @param {{ id?: string }} props the id of another account than the own one */
export default function Keys({ id }) {
  const [cursor, setCursor] = useState({});
  const [isMaking, setMaking] = useState(false);
  const [made, setMade] = useState(/** @type {NewKey | undefined} */ (undefined));
  const [removed, setRemoved] = useState(/** @type {Key | undefined} */ (undefined));
  const read = (/** @type {AbortSignal} */ signal) =>
    call('key/find', scopeOf(id), { query: cursor, signal });
  const { data, error, loading, reload } = useLoad(read, [id, cursor]);
  const onMade = (/** @type {NewKey} */ key) => {
    setMade(key);
    setMaking(false);
    reload();
  };
  const list = { page: data, isOld: loading, onGo: setCursor, onRemove: setRemoved };
  return html`
    <${Inside} id=${id} here="keys" />
    <${Head} title=${texts.keys.title}>
      <${Button} primary onClick=${() => setMaking(true)}>${texts.keys.create}<//>
    <//>
    ${made && html`<${Made} made=${made} onKept=${() => setMade(undefined)} />`}
    <${Alert} error=${error} />
    ${error && html`<${Button} onClick=${reload}>${texts.common.tryAgain}<//>`} ${!data && !error && html`<${Skeleton} plain />`}
    ${data && html`<${List} ...${list} />`}
    ${isMaking && html`<${Make} id=${id} onMade=${onMade} onClose=${() => setMaking(false)} />`}
    ${
      removed &&
      html`<${Remove} removed=${removed} onDone=${reload} onClose=${() => setRemoved(undefined)} />`
    }
  `;
}

/** Stays until one says so, since it cannot be had again. @param {{ made: NewKey, onKept: () => void }} props */
function Made({ made, onKept }) {
  useRisk(true);
  return html`<section class="note good stack" aria-label=${texts.keys.newKey}>
    <p>
      ${texts.keys.made(html`<strong class="breaks"><${Name} name=${made.name} /></strong>`)}
    </p>
    <${CopyField} label=${texts.keys.key} text=${made.key} />
    <div class="actions"><${Button} onClick=${onKept}>${texts.keys.saved}<//></div>
  </section>`;
}

/**
 * @param {{ page: import('../contract').Page<Key>, isOld: boolean, onGo: (cursor: Cursors) => void,
 *   onRemove: (key: Key) => void }} props
 */
function List({ page, isOld, onGo, onRemove }) {
  const { me } = useOwn();
  if (page.data.length === 0 && !page.prev) {
    return html`<${Empty} title=${texts.keys.none}>
      ${texts.keys.noneHint}
    <//>`;
  }
  const removing = {
    label: texts.common.actions,
    kind: 'end',
    cell: (/** @type {Key} */ key) =>
      isWithinReach(me.role, key) &&
      html`<${Button} small danger onClick=${() => onRemove(key)}>
        ${texts.common.remove}<span class="unseen"> <${Name} name=${key.name} /></span>
      <//>`,
  };
  return html`
    <${Table} label=${texts.keys.title} columns=${[...common(), removing]} rows=${page.data} isOld=${isOld} />
    <${Pager} page=${page} onGo=${onGo} />
  `;
}

/** @param {{ id?: string, onMade: (key: NewKey) => void, onClose: () => void }} props */
function Make({ id, onMade, onClose }) {
  const { me } = useOwn();
  const blank = {
    name: '',
    role: /** @type {Key['role']} */ ('user'),
    access: /** @type {Key['access']} */ ('write'),
    expires: '',
  };
  const form = useForm(
    blank,
    async ({ expires, ...fields }) => {
      const ends = expires && { expires: endOf(expires) };
      const key = await call('key/create', { ...scopeOf(id), ...fields, ...ends });
      form.reset(blank);
      onMade(key);
    },
    { draft: `key ${id ?? ''}` },
  );
  const roles = roleChoices(grantable(me.role, Boolean(id)));
  const access = Object.entries(texts.keys.accesses).map(([value, label]) => ({ value, label }));
  return html`<${Dialog} title=${texts.keys.createTitle} onClose=${onClose} busy=${form.busy}>
    <${Form} form=${form} label=${texts.keys.createTitle}>
      <${Text}
        form=${form}
        name="name"
        label=${texts.common.name}
        required
        autofocus
        hint=${texts.keys.nameHint}
      />
      <${Choice} form=${form} name="role" label=${texts.common.role} required choices=${roles} />
      <div class="pair">
        <${Choice} form=${form} name="access" label=${texts.keys.access} required choices=${access} />
        <${Text}
          form=${form}
          name="expires"
          label=${texts.keys.lastDay}
          type="date"
          hint=${texts.keys.lastDayHint}
        />
      </div>
      <${DialogActions} form=${form} onClose=${onClose}>${texts.keys.create}<//>
    <//>
  <//>`;
}

/** The end of a day of the reader's. @param {string} day */
const endOf = (day) => new Date(`${day}T23:59:59`).toISOString();

/** @param {{ removed: Key, onDone: () => void, onClose: () => void }} props */
function Remove({ removed, onDone, onClose }) {
  const remove = async () => {
    await call('key/remove', { id: removed.id });
    toast(texts.keys.removed);
    onDone();
  };
  return html`<${Confirm}
    title=${texts.keys.removeTitle(removed.name)}
    action=${texts.keys.removeKey}
    danger
    onConfirm=${remove}
    onClose=${onClose}
  >
    <p>${texts.keys.removeText}</p>
    <p>${texts.keys.lastUsed(html`<${Ago} at=${removed.lastUsed} none=${texts.common.never} />`)}</p>
  <//>`;
}

/** @returns {import('../ui/table.js').Column<Key>[]} */
const common = () => [
  {
    label: texts.common.name,
    kind: 'main',
    cell: ({ good, name, start }) =>
      html`<strong class="breaks"><${Name} name=${name} /></strong> <${Copyable} text=${start} label=${texts.keys.copyStart}>${start}…<//>${
        !good && html` <${Badge} kind="ended" />`
      }`,
  },
  { label: texts.common.role, kind: 'tag', cell: ({ role }) => html`<${Badge} kind=${role} />` },
  {
    label: texts.keys.access,
    kind: 'tag short',
    cell: ({ access }) => texts.keys.accesses[access],
  },
  {
    label: texts.common.lastUsed,
    cell: ({ lastUsed }) => html`<${Ago} at=${lastUsed} none=${texts.common.never} />`,
  },
  {
    label: texts.keys.ends,
    cell: ({ expires }) => html`<${Ago} at=${expires} none=${texts.common.never} />`,
  },
  {
    label: texts.common.created,
    kind: 'wide',
    cell: ({ created }) => html`<${Ago} at=${created} />`,
  },
  {
    label: texts.keys.owner,
    kind: 'wide named',
    cell: ({ maker, makerName }) =>
      maker ? html`<${Actor} actor=${maker} name=${makerName} />` : '–',
  },
];
