/** The audit log: who has changed what, found by whom it concerns, who has done it, and how. */

import { html, useMemo } from '../vendor/preact.js';
import { Actor, ending } from '../actor.js';
import { ApiError, call } from '../api.js';
import { useOwn } from '../own.js';
import { Form, Submit, Text, useForm } from '../forms.js';
import { faultAt } from '../object-field.js';
import { faultInWords } from '../plain-words.js';
import { go, goInstead, href } from '../router.js';
import { texts } from '../texts.js';
import { Alert, Busy, Button, Empty, Head, Pager, Table, Time, useLoad } from '../ui.js';
import { Inside, pathIn, scopeOf } from './account/inside.js';

/** @typedef {import('../contract').AuditEntry} AuditEntry */
/** @typedef {Record<string, string>} Query */

const ROWS = 50;

/** @param {{ query: Query, id?: string }} props the id of another account than the own one */
export default function Audit({ query, id }) {
  const { me } = useOwn();
  const { userId, actor, action, next, prev } = query;
  const filter = { userId, actor, action };
  const read = async (/** @type {AbortSignal} */ signal) => {
    const ids = {
      userId: await idOf('userId', userId, me.id, id),
      actor: await idOf('actor', actor, me.id, id),
    };
    return call('audit/find', given({ ...scopeOf(id), ...ids, action }), {
      query: { limit: ROWS, next, prev },
      signal,
    });
  };
  const { data, error, loading, reload } = useLoad(read, [id, userId, actor, action, next, prev]);
  const turn = (/** @type {Query} */ cursor) => {
    go(pathIn(id, 'audit'), { ...filter, ...cursor });
    scrollTo({ top: 0 });
  };
  return html`
    <${Inside} id=${id} here="audit" />
    <${Head} title=${texts.titles.audit} />
    <${Filters} key=${Object.values(filter).join('\n')} id=${id} filter=${filter} error=${error} />
    ${error && !isOfField(error) && html`<${Alert} error=${error} /><${Button} onClick=${reload}>${texts.common.tryAgain}<//>`}
    ${!data && !error && html`<${Busy} />`}
    ${data && !error && html`<${List} page=${data} id=${id} query=${query} isOld=${loading} onGo=${turn} />`}
  `;
}

/** @param {Record<string, string | undefined>} filter */
const given = (filter) => Object.fromEntries(Object.entries(filter).filter(([, value]) => value));

/** @param {ApiError} error */
const isOfField = (error) => error.errors.length > 0;

/**
 * People are named by what one knows of them.
 * @param {{ id?: string, filter: Query, error?: ApiError }} props
 */
function Filters({ id, filter, error }) {
  const { userId = '', actor = '', action = '' } = filter;
  const form = useForm({ userId, actor, action }, async (typed) => {
    const trimmed = Object.entries(typed).map(([name, text]) => [name, text.trim()]);
    goInstead(pathIn(id, 'audit'), Object.fromEntries(trimmed));
  });
  // The same as long as nothing else was found: each finding takes the focus to itself.
  const faults = useMemo(() => (error ? found(error, form) : form.faults), [error, form.faults]);
  const shown = { ...form, faults };
  const isFiltered = Boolean(userId || actor || action);
  return html`<${Form} form=${shown} label=${texts.audit.filter}>
    <div class="filters thirds">
      <${Text} form=${shown} name="userId" isFilter label=${texts.audit.concerns} placeholder=${texts.audit.userPlaceholder} />
      <${Text} form=${shown} name="actor" isFilter label=${texts.audit.doneBy} placeholder=${texts.audit.actorPlaceholder} />
      <${Text} form=${shown} name="action" isFilter label=${texts.history.action} placeholder=${texts.audit.actionPlaceholder} />
    </div>
    <div class="actions">
      <${Submit} form=${shown}>${texts.audit.show}<//>
      ${isFiltered && html`<a class="button" href=${href(pathIn(id, 'audit'))}>${texts.common.showAll}</a>`}
    </div>
  <//>`;
}

/**
 * What the service finds wrong with what is looked for stands where it was typed.
 * @param {ApiError} error
 * @param {Pick<import('../forms.js').FormState, 'faults' | 'shown'>} form
 */
function found({ errors }, { faults, shown }) {
  const told = errors.map((fault) => [fault.field, faultInWords(fault, shown.get(fault.field))]);
  return { ...Object.fromEntries(told), ...faults };
}

/**
 * The service knows people by their ids alone.
 * @param {'userId' | 'actor'} field
 * @param {string | undefined} text
 * @param {string} me
 * @param {string} [account]
 */
async function idOf(field, text = '', me, account) {
  if (['me', 'you', texts.actors.you.toLowerCase()].includes(text.toLowerCase())) return me;
  if (!text.includes('@')) return text;
  try {
    return (await call('user/get', { ...scopeOf(account), email: text })).id;
  } catch (error) {
    if (!(error instanceof ApiError) || ![404, 422].includes(error.status)) throw error;
    throw faultAt(field, texts.audit.noUser(text));
  }
}

/**
 * @param {{ page: import('../contract').Page<AuditEntry>, id?: string, query: Query, isOld: boolean,
 *   onGo: (cursor: Query) => void }} props
 */
function List({ page, id, query, isOld, onGo }) {
  const { userId, actor, action } = query;
  if (page.data.length === 0) {
    return userId || actor || action
      ? html`<${Empty} title=${texts.audit.noneMatch}><a class="button" href=${href(pathIn(id, 'audit'))}>${texts.common.showAll}</a><//>`
      : html`<${Empty} title=${texts.common.noEntries}>${texts.history.noneHint}<//>`;
  }
  const doing = {
    label: texts.history.action,
    kind: 'main',
    cell: (/** @type {AuditEntry} */ entry) => html`<a
      href=${href(pathIn(id, 'audit'), { userId, actor, action: entry.action })}
      title=${texts.audit.onlyThis}
    >
      ${entry.action}
    </a>`,
  };
  return html`
    <${Table} label=${texts.titles.audit} columns=${[doing, ...common()]} rows=${page.data} isOld=${isOld} />
    <${Pager} page=${page} onGo=${onGo} />
  `;
}

/** What was acted on, as `kind:ID`. @param {{ target?: string }} props */
function Target({ target }) {
  if (!target) return html`<span class="faint">–</span>`;
  const [kind, id] = target.split(':');
  if (kind === 'user') return html`<${Actor} actor=${target} />`;
  return html`<span title=${id}>${texts.audit.target(kind, ending(id))}</span>`;
}

/** @returns {import('../ui/table.js').Column<AuditEntry>[]} */
const common = () => [
  { label: texts.history.when, kind: 'tag', cell: ({ at }) => html`<${Time} at=${at} />` },
  {
    label: texts.history.by,
    kind: 'named',
    cell: ({ actor }) => html`<${Actor} actor=${actor} />`,
  },
  {
    label: texts.audit.on,
    kind: 'named',
    cell: ({ target }) => html`<${Target} target=${target} />`,
  },
  { label: texts.common.changed, kind: 'named', cell: ({ changed }) => changed?.join(', ') },
  { label: texts.common.address, kind: 'wide named', cell: ({ address }) => address ?? '–' },
];
