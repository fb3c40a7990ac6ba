/** An entry of the audit log as a sentence, such as "Ada suspended Bob". */

import { html } from '../../vendor/preact.js';
import { ending, unnamedActors } from '../../actor.js';
import { href } from '../../router.js';
import { texts } from '../../texts.js';
import { Name } from '../../ui.js';

/** @typedef {import('../../contract').AuditEntry} AuditEntry */
/** What ids stand for. @typedef {Map<string, { name: string, email?: string }>} Names */

/** @param {import('../../contract').Reply<'audit/find'>} page @returns {Names} */
export const namesOf = ({ names = [] }) => new Map(names.map((named) => [named.id, named]));

/** @param {{ entry: AuditEntry, names: Names }} props */
export function Sentence({ entry, names }) {
  const by = html`<${Mention} what=${entry.actor} names=${names} />`;
  const on = html`<${Mention} what=${targetOf(entry)} names=${names} />`;
  const kind = kindOf(entry);
  const said = texts.audit.did[kind];
  if (said) return said(by, on, asRole(entry));
  return texts.audit.other(by, on, texts.audit.actions[entry.action] ?? entry.action);
}

/** What was changed, from what to what. @param {{ entry: AuditEntry }} props */
export function Detail({ entry }) {
  const text = detailOf(entry);
  return text && html`<span class="faint">${text}</span>`;
}

/** @param {AuditEntry} entry */
function detailOf({ changed = [], before, after }) {
  const standings = /** @type {const} */ (['role', 'state']);
  const moved = standings.flatMap((field) =>
    before?.[field] && after?.[field] ? [`${badge(before[field])} → ${badge(after[field])}`] : [],
  );
  const others = changed
    .filter((field) => !standings.some((one) => one === field))
    .map((field) => texts.audit.fields[field] ?? field);
  const parts = others.length > 0 ? [...moved, texts.audit.changed(others)] : moved;
  return parts.join(' · ');
}

/** @param {string} kind */
const badge = (kind) => texts.badges[kind] ?? kind;

/** The user whom it concerns; else what was acted on. @param {AuditEntry} entry */
const targetOf = ({ userId, target }) => (userId ? `user:${userId}` : (target ?? ''));

/** @param {AuditEntry} entry */
const asRole = ({ after }) => texts.audit.roles[after?.role ?? ''] ?? '';

/** Calls that do several things are told apart by what has changed. @param {AuditEntry} entry */
function kindOf({ action, actor, userId, before, after }) {
  if (action === 'user/changePassword' && actor === `user:${userId}`) return 'ownPassword';
  if (!action.startsWith('user/update')) return action;
  if (after?.state === 'suspended') return 'suspend';
  if (before?.state === 'suspended') return 'activate';
  if (after?.role) return 'role';
  return action;
}

/** Somebody or something, by name. @param {{ what: string, names: Names }} props */
function Mention({ what, names }) {
  const [kind, id = ''] = what.split(':');
  const name = named(what, names);
  // Texts isolate what is named in them.
  // Who is not of this account, such as an operator, has no page in it.
  const hasPage = kind === 'user' && names.has(id);
  if (!hasPage) return html`<strong class="breaks" title=${id || kind}>${name}</strong>`;
  return html`<a class="breaks" href=${href(`users/${id}`)} title=${names.get(id)?.email ?? id}><${Name} name=${name} /></a>`;
}

/** @param {string} what `kind:ID`, or who has no id @param {Names} names */
export function named(what, names) {
  const [kind, id = ''] = what.split(':');
  const name = names.get(id)?.name;
  if (kind === 'user') return name || names.get(id)?.email || texts.actors.user(ending(id));
  if (kind === 'key') return name ? texts.actors.keyNamed(name) : texts.actors.key(ending(id));
  return unnamedActors().get(kind) ?? (id ? texts.audit.target(kind, ending(id)) : '');
}
