/** The audit log: who has changed what, found by whom it concerns, who has done it, and how. */

import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from '../vendor/preact.js';
import { unnamedActors } from '../actor.js';
import { ApiError, call } from '../api.js';
import { useOwn } from '../own.js';
import { Choice, Form, Submit, Text, useForm } from '../forms.js';
import { dayBefore, startOf } from '../local-days.js';
import { faultAt } from '../object-field.js';
import { faultInWords, inWords } from '../plain-words.js';
import { go, goInstead, href } from '../router.js';
import { texts } from '../texts.js';
import {
  Alert,
  Button,
  Empty,
  Head,
  Menu,
  Pager,
  Skeleton,
  toast,
  useAction,
  useLoad,
} from '../ui.js';
import { Inside, pathIn, scopeOf } from './account/inside.js';
import { exportTrail } from './audit/export.js';
import { Trail } from './audit/trail.js';

/** @typedef {Partial<Record<string, string>>} Query */

const ROWS = 50;
const FILTERS = 'audit-filters';

/** @param {{ query: Query, id?: string }} props the id of another account than the own one */
export default function Audit({ query, id }) {
  const { me } = useOwn();
  const { userId, actor, action, from, to, next, prev } = query;
  const filter = { userId, actor, action, from, to };
  const asked = async () =>
    given({
      ...scopeOf(id),
      userId: await idOf('userId', userId, me.id, id),
      actor: await idOf('actor', actor, me.id, id),
      action: /** @type {import('../contract').Body<'audit/find'>['action']} */ (action),
      from: from && startOf(from),
      to: to && startOf(to, 1),
    });
  const read = async (/** @type {AbortSignal} */ signal) =>
    call('audit/find', await asked(), { query: { limit: ROWS, names: true, next, prev }, signal });
  const inputs = [id, ...Object.values(filter), next, prev];
  const { data, error, loading, reload } = useLoad(read, inputs);
  const [isOpen, setOpen] = useState(false);
  const unfold = useRef(/** @type {HTMLButtonElement | null} */ (null));
  const isFault = Boolean(error && isOfField(error));
  // What is wrong with a filter is told beside it.
  const isShown = isOpen || isFault;
  // Once that is mended, the filters are folded away, and what has the focus goes with them.
  useLayoutEffect(() => {
    const filters = document.getElementById(FILTERS);
    if (!isShown && filters?.contains(document.activeElement)) unfold.current?.focus();
  }, [isShown]);
  const fold = () => {
    unfold.current?.focus();
    setOpen(false);
  };
  const turn = (/** @type {Query} */ cursor) => go(pathIn(id, 'audit'), { ...filter, ...cursor });
  return html`
    <${Inside} id=${id} here="audit" />
    <${Head} title=${texts.titles.audit}>
      <button type="button" class="button unfold" ref=${unfold} aria-expanded=${isShown} aria-controls=${FILTERS} onClick=${() => setOpen(!isShown)}>
        ${texts.audit.filterCount(countOf(filter))}
      </button>
      <${Export} asked=${asked} />
    <//>
    <${Filters} id=${id} filter=${filter} error=${error} isOpen=${isShown} onDone=${fold} />
    ${error && !isFault && html`<${Alert} error=${error} /><${Button} onClick=${reload}>${texts.common.tryAgain}<//>`}
    ${!data && !error && html`<${Skeleton} rows=${8} />`}
    ${data && !error && html`<${List} page=${data} id=${id} filter=${filter} isOld=${loading} onGo=${turn} />`}
  `;
}

/** How many things narrow the log down; the first and the last day are one. @param {Query} filter */
const countOf = ({ userId, actor, action, from, to }) =>
  [userId, actor, action, from || to].filter(Boolean).length;

/** @param {{ asked: () => Promise<import('../contract').Body<'audit/find'>> }} props */
function Export({ asked }) {
  const { busy, error, run } = useAction();
  const save = (/** @type {'csv' | 'ndjson'} */ format) => () =>
    run(async () => {
      const { count, isAll } = await exportTrail(await asked(), format);
      toast(isAll ? texts.audit.exported(count) : texts.audit.exportedSome(count));
    });
  useEffect(() => {
    if (error) toast(inWords(error));
  }, [error]);
  return html`<${Menu}
    label=${texts.audit.export}
    small=${false}
    busy=${busy}
    items=${[
      { label: texts.audit.asCsv, onChoose: save('csv'), disabled: busy },
      { label: texts.audit.asNdjson, onChoose: save('ndjson'), disabled: busy },
    ]}
  >
    ${texts.audit.export} <span aria-hidden="true">▾</span>
  <//>`;
}

/** @template {object} T @param {T} filter @returns {T} */
const given = (filter) =>
  /** @type {T} */ (Object.fromEntries(Object.entries(filter).filter(([, value]) => value)));

/** @param {ApiError} error */
const isOfField = (error) => error.errors.length > 0;

/** An actor as people read it. @param {string} actor */
const saidOf = (actor) => unnamedActors().get(actor) ?? actor;

/** An actor as the service names it. @param {string} text */
const actorOf = (text) =>
  [...unnamedActors()].find(([, said]) => said.toLowerCase() === text.toLowerCase())?.[0] ?? text;

/**
 * People are named by what one knows of them.
 * @param {{ id?: string, filter: Query, error?: ApiError, isOpen: boolean, onDone: () => void }} props
 */
function Filters({ id, filter, error, isOpen, onDone }) {
  const { userId = '', actor = '', action = '', from = '', to = '' } = filter;
  const start = { userId, actor: saidOf(actor), action, from, to };
  const form = useForm(start, async (typed) => {
    goInstead(pathIn(id, 'audit'), trimmed(typed));
    onDone();
  });
  // Going back changes what is looked for, too. The focus stays where it is.
  useLayoutEffect(() => form.reset(start), Object.values(start));
  const choose = (/** @type {Span} */ span) =>
    go(pathIn(id, 'audit'), { ...trimmed(form.values), ...daysOf(span) });
  const known = Object.entries(texts.audit.actions).map(([value, label]) => ({ value, label }));
  const isKnown = !action || action in texts.audit.actions;
  const actions = [
    { value: '', label: texts.audit.allActions },
    ...(isKnown ? [] : [{ value: action, label: action }]),
    ...known.toSorted((one, other) => one.label.localeCompare(other.label)),
  ];
  // The same as long as nothing else was found: each finding takes the focus to itself.
  const faults = useMemo(() => (error ? found(error, form) : form.faults), [error, form.faults]);
  const shown = { ...form, faults };
  const isFiltered = Object.values(filter).some(Boolean);
  return html`<div id=${FILTERS} class=${isOpen ? 'folds open' : 'folds'}><${Form} form=${shown} label=${texts.audit.filter}>
    <div class="trail-filters">
      <${Text} form=${shown} name="userId" isFilter label=${texts.audit.concerns} placeholder=${texts.audit.userPlaceholder} />
      <${Text} form=${shown} name="actor" isFilter label=${texts.audit.doneBy} placeholder=${texts.audit.userPlaceholder} suggestions=${[...unnamedActors().values()]} />
      <${Choice} form=${shown} name="action" isFilter label=${texts.history.action} choices=${actions} />
      <${Text} form=${shown} name="from" type="date" isFilter label=${texts.audit.from} />
      <${Text} form=${shown} name="to" type="date" isFilter label=${texts.audit.to} />
    </div>
    <div class="trail-actions">
      <${Spans} shown=${filter} onChoose=${choose} />
      <div class="actions">
        ${isFiltered && html`<a class="button" href=${href(pathIn(id, 'audit'))} onClick=${onDone}>${texts.common.showAll}</a>`}
        <${Submit} form=${shown}>${texts.audit.show}<//>
      </div>
    </div>
  <//></div>`;
}

/** As it is asked for. @param {Record<string, string>} typed */
function trimmed(typed) {
  const entries = Object.entries(typed).map(([name, text]) => [name, text.trim()]);
  const { actor = '', ...others } = Object.fromEntries(entries);
  return { ...others, actor: actorOf(actor) };
}

/** From how many days ago to how many, the last one included. */
const SPANS = /** @type {const} */ ({ today: [0, 0], yesterday: [1, 1], lastWeek: [6, 0] });
/** @typedef {keyof typeof SPANS} Span */

/** The first day and the last one, as of now. @param {Span} span */
function daysOf(span) {
  const now = new Date();
  const [from, to] = SPANS[span].map((count) => dayBefore(count, now));
  return { from, to };
}

/** Days that are looked for again and again. @param {{ shown: Query, onChoose: (span: Span) => void }} props */
function Spans({ shown, onChoose }) {
  const isShown = (/** @type {Span} */ span) => {
    const { from, to } = daysOf(span);
    return shown.from === from && shown.to === to;
  };
  return html`<div class="spans" role="group" aria-label=${texts.audit.spans}>
    ${
      /** @type {Span[]} */ (Object.keys(SPANS)).map(
        (span) => html`<button
        key=${span}
        type="button"
        class="button small"
        aria-pressed=${isShown(span)}
        onClick=${() => onChoose(span)}
      >
        ${texts.audit[span]}
      </button>`,
      )
    }
  </div>`;
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
 * @param {{ page: import('../contract').Reply<'audit/find'>, id?: string, filter: Partial<Query>, isOld: boolean,
 *   onGo: (cursor: Query) => void }} props
 */
function List({ page, id, filter, isOld, onGo }) {
  if (page.data.length === 0) {
    return Object.values(filter).some(Boolean)
      ? html`<${Empty} title=${texts.audit.noneMatch}><a class="button" href=${href(pathIn(id, 'audit'))}>${texts.common.showAll}</a><//>`
      : html`<${Empty} title=${texts.common.noEntries}>${texts.history.noneHint}<//>`;
  }
  return html`
    <${Trail} page=${page} isOld=${isOld} label=${texts.titles.audit} />
    <${Pager} page=${page} isOld=${isOld} onGo=${onGo} />
  `;
}
