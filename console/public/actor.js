/** Who has done something, as the audit trail names it, by name. */

import { html, useEffect, useState } from './vendor/preact.js';
import { call } from './api.js';
import { useOwn } from './own.js';
import { href } from './router.js';
import { texts } from './texts.js';
import { fullName, Name } from './ui.js';

/** Actors that are no user and no key, by what the audit log calls them. */
export const unnamedActors = () =>
  new Map([
    ['sweeper', texts.actors.service],
    ['operator', texts.actors.operator],
  ]);

/** Names that were looked up, for as long as the page is open. @type {Map<string, Promise<string>>} */
const names = new Map();

/**
 * @param {{ actor: string, name?: string }} props `user:ID`, `key:ID`, `operator` or `sweeper`; with the name where it
 * is known, so that it is not asked for
 */
export function Actor({ actor, name: known }) {
  const { me } = useOwn();
  const [kind, id] = actor.split(':');
  const isOther = kind === 'user' && id !== me.id;
  const [asked, setAsked] = useState(isOther ? texts.actors.user(ending(id)) : actor);
  const name = known ?? asked;
  useEffect(() => {
    if (isOther && !known) void nameOf(id).then(setAsked);
  }, [id]);
  if (kind === 'user' && !isOther)
    return html`<a href=${href(`users/${id}`)}>${texts.actors.you}</a>`;
  if (isOther)
    return html`<a class="breaks" href=${href(`users/${id}`)} title=${id}><${Name} name=${name} /></a>`;
  if (kind === 'key') return html`<span title=${id}>${texts.actors.key(ending(id))}</span>`;
  return html`<span title=${kind}>${unnamedActors().get(kind) ?? kind}</span>`;
}

/** The end of an id, where ids differ: they begin with a time. @param {string} id */
export const ending = (id) => `…${id.slice(-8)}`;

/** The name of somebody, or the id's end of who cannot be seen any more. @param {string} id */
function nameOf(id) {
  const known = names.get(id);
  if (known) return known;
  const name = call('user/get', { id }).then(fullName, () => texts.actors.user(ending(id)));
  names.set(id, name);
  return name;
}
