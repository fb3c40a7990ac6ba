/** What the keyboard does everywhere: a palette of what there is to go to or to do, and a list of the shortcuts. */

import { html, useEffect, useRef, useState } from './vendor/preact.js';
import { call } from './api.js';
import { Icon } from './icons.js';
import { ENTRIES } from './navigation.js';
import { go } from './router.js';
import { isSingleKey, secondKeys, setUsesSingleKeys, usesSingleKeys } from './single-keys.js';
import { texts } from './texts.js';
import { THEMES, chooseTheme, theme } from './theme.js';
import { Dialog, fullName, Name, useLoad, useSettled } from './ui.js';

/** @typedef {import('./own.js').Own} Own */
/** @typedef {{ id: string, label: string, hint?: string, run: () => unknown }} Command */
/** @import { Typed } from './ui/fields.js' */

const SETTLES_IN_MS = 150;
const MAX_PEOPLE = 6;
/** What is typed after `g` to go somewhere. @type {Record<string, string>} */
const GOES = {
  o: 'overview',
  u: 'users',
  t: 'trash',
  a: 'account',
  k: 'keys',
  l: 'audit',
  m: 'mail',
  p: 'me',
};

/** @type {(() => void) | undefined} */
let showKeys;

/** Shows the list of shortcuts. */
export const showShortcuts = () => showKeys?.();

/** The keys that work everywhere; opens what they open. @param {{ own: Own, isCompact?: boolean }} props */
export function Shortcuts({ own, isCompact }) {
  const [open, setOpen] = useState(/** @type {'' | 'palette' | 'keys'} */ (''));
  useEffect(() => {
    showKeys = () => setOpen('keys');
    return () => {
      showKeys = undefined;
    };
  }, []);
  const isOpen = useRef(false);
  isOpen.current = open !== '';
  useEffect(() => {
    const isAfterG = secondKeys();
    const press = (/** @type {KeyboardEvent} */ event) => {
      const { key, ctrlKey, metaKey } = event;
      const isModal = isOpen.current || document.querySelector('dialog[open]') !== null;
      if ((ctrlKey || metaKey) && key.toLowerCase() === 'k') {
        event.preventDefault();
        if (!isModal) setOpen('palette');
        return;
      }
      if (isOpen.current || !isSingleKey(event)) return;
      const isSecond = isAfterG(event);
      if (key === '?') setOpen('keys');
      else if (key === '/') toSearch(event);
      else if (isSecond && reachable(own, GOES[key])) go(GOES[key]);
      else if (key === 'i' && own.can('users/change')) go('invite-users');
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [own]);
  const close = () => setOpen('');
  return html`
    <button type="button" class="button quiet find" title=${texts.palette.title} aria-keyshortcuts="Control+K" onClick=${() => setOpen('palette')}>
      <${Icon} of="search" />
      <span class=${isCompact ? 'unseen' : ''}>${texts.palette.title}</span>
      ${!isCompact && html`<kbd aria-hidden="true">${modifier()} K</kbd>`}
    </button>
    ${open === 'palette' && html`<${Palette} own=${own} onClose=${close} onKeys=${() => setOpen('keys')} />`}
    ${open === 'keys' && html`<${Keys} own=${own} onClose=${close} />`}
  `;
}

const IS_APPLE = /Mac|iPhone|iPad/.test(navigator.platform);

/** What keyboards of the language call it. */
const modifier = () => (IS_APPLE ? '⌘' : texts.palette.control);

/** @param {KeyboardEvent} event */
function toSearch(event) {
  const input = document.querySelector('main input[type=search]');
  if (!(input instanceof HTMLElement)) return;
  event.preventDefault();
  input.focus();
}

/** @param {Own} own @param {string | undefined} path */
const reachable = (own, path) =>
  ENTRIES.some((entry) => entry.path === path && own.can(entry.needs));

/** @param {{ own: Own, onClose: () => void, onKeys: () => void }} props */
function Palette({ own, onClose, onKeys }) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const people = usePeople(own, useSettled(text.trim(), SETTLES_IN_MS));
  const commands = commandsOf(own, onKeys).filter(({ label }) => fits(label, text));
  const all = [...commands, ...people];
  const here = Math.min(at, all.length - 1);
  useEffect(() => setAt(0), [text]);
  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [here]);
  const choose = (/** @type {Command | undefined} */ command) => {
    if (!command) return;
    onClose();
    command.run();
  };
  const press = (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === 'Enter') choose(all[here]);
    else if (step && all.length > 0) setAt((here + step + all.length) % all.length);
    else return;
    event.preventDefault();
  };
  return html`<${Dialog} title=${texts.palette.title} onClose=${onClose}>
    <input
      type="text"
      role="combobox"
      aria-expanded="true"
      aria-controls="palette"
      aria-activedescendant=${all[here] ? `palette-${all[here].id}` : null}
      aria-label=${texts.palette.title}
      placeholder=${texts.palette.placeholder}
      autocomplete="off"
      spellcheck=${false}
      value=${text}
      onInput=${(/** @type {Typed} */ event) => setText(event.target.value)}
      onKeyDown=${press}
    />
    <ul id="palette" class="palette" role="listbox" aria-label=${texts.palette.title} ref=${list}>
      ${all.map(
        (command, index) =>
          html`<li
            key=${command.id}
            id=${`palette-${command.id}`}
            role="option"
            aria-selected=${index === here}
            onMouseMove=${() => setAt(index)}
            onClick=${() => choose(command)}
          >
            <span class="cut"><${Name} name=${command.label} hasOneLine /></span>
            ${command.hint && html`<span class="faint cut"><${Name} name=${command.hint} hasOneLine /></span>`}
          </li>`,
      )}
    </ul>
    ${all.length === 0 && html`<p class="hint" role="status">${texts.palette.none}</p>`}
  <//>`;
}

/** Every word of what is typed begins a word of the label. @param {string} label @param {string} text */
function fits(label, text) {
  const words = label.toLocaleLowerCase().split(/[\s:]+/);
  const typed = text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return typed.every((part) => words.some((word) => word.startsWith(part)));
}

/** @param {Own} own @param {() => void} onKeys @returns {Command[]} */
function commandsOf(own, onKeys) {
  const { goTo } = texts.palette;
  const pages = ENTRIES.filter(({ needs }) => own.can(needs)).map((entry) => ({
    id: entry.path,
    label: goTo(entry.label()),
    run: () => go(entry.path),
  }));
  const others = THEMES.filter((one) => one !== theme());
  return [
    ...pages,
    ...(own.can('users/change')
      ? [{ id: 'invite', label: texts.common.invitePeople, run: () => go('invite-users') }]
      : []),
    ...others.map((one) => ({
      id: one,
      label: texts.palette.themes[one],
      run: () => chooseTheme(one),
    })),
    { id: 'keys-list', label: texts.palette.shortcuts, hint: '?', run: onKeys },
  ];
}

/** Who is found by the beginning of a name or an email. @param {Own} own @param {string} search @returns {Command[]} */
function usePeople(own, search) {
  const mayFind = own.can('users/search') && search.length > 1;
  const find = async (/** @type {AbortSignal} */ signal) =>
    mayFind ? call('user/find', { search }, { query: { limit: MAX_PEOPLE }, signal }) : undefined;
  const { data } = useLoad(find, [mayFind && search]);
  if (!mayFind) return [];
  return (data?.data ?? []).map((user) => ({
    id: user.id,
    label: fullName(user),
    hint: user.email,
    run: () => go(`users/${user.id}`),
  }));
}

/** @param {{ own: Own, onClose: () => void }} props */
function Keys({ own, onClose }) {
  const [isOn, setOn] = useState(usesSingleKeys);
  const turn = (/** @type {Typed} */ event) => {
    const { checked } = event.target;
    setUsesSingleKeys(checked);
    setOn(checked);
  };
  const entries = Object.entries(GOES).filter(([, path]) => reachable(own, path));
  /** @type {[string[], string][]} */
  const rows = [
    [[modifier(), 'K'], texts.palette.title],
    [['/'], texts.palette.toSearch],
    ...(own.can('users/change')
      ? [/** @type {[string[], string]} */ ([['I'], texts.common.invitePeople])]
      : []),
    ...entries.map(
      ([key, path]) =>
        /** @type {[string[], string]} */ ([
          ['G', key.toUpperCase()],
          texts.palette.goTo(nameOf(path)),
        ]),
    ),
    [['J', 'K'], texts.palette.rows],
    [['X'], texts.palette.select],
    [['?'], texts.palette.shortcuts],
  ];
  return html`<${Dialog} title=${texts.palette.shortcuts} onClose=${onClose}>
    <dl class="shortcuts">
      ${rows.map(
        ([keys, does]) => html`<div key=${keys.join(' ')}>
          <dt>${keys.map((key) => html`<kbd key=${key}>${key}</kbd> `)}</dt>
          <dd>${does}</dd>
        </div>`,
      )}
    </dl>
    <div class="field check">
      <input id="single-keys" type="checkbox" checked=${isOn} onChange=${turn} />
      <label for="single-keys">${texts.palette.singleKeys}</label>
    </div>
    <div class="actions end">
      <button type="button" class="button" onClick=${onClose}>${texts.palette.close}</button>
    </div>
  <//>`;
}

/** @param {string} path */
const nameOf = (path) => ENTRIES.find((entry) => entry.path === path)?.label() ?? path;
