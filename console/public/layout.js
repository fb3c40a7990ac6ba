/** What stands around pages: where the window is wide a sidebar, else a bar with a menu. */

import { html, useEffect, useRef, useState } from './vendor/preact.js';
import { AccountMenu } from './account-menu.js';
import { Icon } from './icons.js';
import { LanguageChoice } from './language-choice.js';
import { ENTRIES, GROUPS, isHere } from './navigation.js';
import { JobChips } from './job-chips.js';
import { OwnMenu, useLeaving } from './own-menu.js';
import { Shortcuts } from './palette.js';
import { href } from './router.js';
import { isComingBack } from './scroll.js';
import { texts } from './texts.js';
import { Dialog, SkeletonPage } from './ui.js';
import { useVisited } from './visit.js';

/** @import { ComponentChildren as Children } from './vendor/preact.js' */
/** @typedef {import('./own.js').Own} Own */
/** @typedef {import('./routes.js').Place} Place */

/** As the page names it: by its content. */
const ICON = /** @type {HTMLLinkElement | null} */ (document.querySelector('link[rel=icon]'))?.href;

/** There is room for a sidebar; `frame.css` says the same. */
const WIDE = matchMedia('(min-width: 900px)');

function useIsWide() {
  const [isWide, setWide] = useState(WIDE.matches);
  useEffect(() => {
    const follow = () => setWide(WIDE.matches);
    WIDE.addEventListener('change', follow);
    return () => WIDE.removeEventListener('change', follow);
  }, []);
  return isWide;
}

/** Around pages of somebody who is signed in. @param {{ own: Own, place: Place, children: Children }} props */
export function Frame({ own, place, children }) {
  const main = useRef(/** @type {HTMLElement | null} */ (null));
  const shown = useRef(place);
  const isWide = useIsWide();
  // The keyboard and a screen reader go on in the new page.
  useEffect(() => {
    if (shown.current === place) return;
    shown.current = place;
    main.current?.focus({ preventScroll: true });
    if (!isComingBack()) scrollTo({ top: 0 });
  }, [place.route?.load, place.params.id]);
  const focusMain = (/** @type {Event} */ event) => {
    event.preventDefault();
    main.current?.focus();
  };
  return html`
    <a class="skip" href="#main" onClick=${focusMain}>${texts.frame.skip}</a>
    <${isWide ? Sidebar : Bar} own=${own} path=${place.path} />
    <main id="main" tabindex="-1" ref=${main}>${children}</main>
  `;
}

/** The same, while it is not known yet who that is. */
export function EmptyFrame() {
  return html`
    <header class=${useIsWide() ? 'side' : 'bar'}><div class="top"><${Home} /></div></header>
    <main><${SkeletonPage} /></main>
  `;
}

/** @param {{ own: Own, path: string }} props */
function Sidebar({ own, path }) {
  const { leave, dialog } = useLeaving();
  return html`<header class="side">
    <div class="top"><${Home} /><${AccountMenu} account=${own.account} /></div>
    <${Shortcuts} own=${own} />
    <${Navigation} own=${own} path=${path} />
    <${JobChips} account=${own.account} />
    <${OwnMenu} me=${own.me} onLeave=${leave} />
    ${dialog}
  </header>`;
}

/** @param {{ own: Own, path: string }} props */
function Bar({ own, path }) {
  // Elsewhere it is closed, before the focus goes to the new page.
  const [openAt, setOpenAt] = useState(/** @type {string | undefined} */ (undefined));
  const { leave, dialog } = useLeaving();
  const isOpen = openAt === path;
  const close = () => setOpenAt(undefined);
  useEffect(close, [path]);
  const closeAndLeave = () => {
    close();
    leave();
  };
  return html`<header class="bar">
    <${JobChips} account=${own.account} />
    <${Home} />
    <${AccountMenu} account=${own.account} />
    <${Shortcuts} own=${own} isCompact />
    <button type="button" class="button quiet menu" aria-haspopup="dialog" onClick=${() => setOpenAt(path)}>
      <${Icon} of="menu" /> ${texts.frame.menu}
    </button>
    ${
      isOpen &&
      html`<${Dialog} title=${texts.frame.menu} kind="drawer" onClose=${close}>
        <${Navigation} own=${own} path=${path} onGo=${close} />
        <div class="foot">
          <${OwnMenu} me=${own.me} onLeave=${closeAndLeave} onChoose=${close} />
          <button type="button" class="button" onClick=${close}>${texts.common.close}</button>
        </div>
      <//>`
    }
    ${dialog}
  </header>`;
}

/**
 * The path that the navigation goes by. Of users, the operator sees those of all accounts; nothing is marked as long as it
 * is not known which one this is of.
 * @param {Own} own @param {string} path @param {import('./visit.js').Visited} visited
 */
function whereabouts(own, path, visited) {
  if (visited) return `account/${visited}`;
  const isUnknown = visited === undefined && path.startsWith('users/') && own.can('accounts');
  return isUnknown ? '' : path;
}

/** @param {{ own: Own, path: string, onGo?: () => void }} props */
function Navigation({ own, path, onGo }) {
  const here = whereabouts(own, path, useVisited());
  const offered = ENTRIES.filter(({ needs }) => own.can(needs));
  const groups = GROUPS.map((group) => ({
    group,
    entries: offered.filter((entry) => entry.group === group),
  })).filter(({ entries }) => entries.length > 0);
  return html`<nav class="entries" aria-label=${texts.frame.main}>
    ${groups.map(
      ({ group, entries }) => html`<div key=${group} class="group">
        ${group !== 'home' && html`<p id=${`group-${group}`}>${texts.frame.groups[group]}</p>`}
        <ul aria-labelledby=${group === 'home' ? null : `group-${group}`}>
          ${entries.map(
            (entry) => html`<li key=${entry.path}>
              <a
                href=${href(entry.path)}
                aria-current=${isHere(entry, here) ? 'page' : null}
                autofocus=${Boolean(onGo) && isHere(entry, here)}
                onClick=${onGo}
              >
                <${Icon} of=${entry.path} /><span>${entry.label()}</span>
              </a>
            </li>`,
          )}
        </ul>
      </div>`,
    )}
  </nav>`;
}

const Home = () =>
  html`<a class="brand" href="#/" title=${texts.frame.home}><${Mark} /><span class="unseen">${texts.frame.home}</span></a>`;

/** Around pages of somebody who is not. @param {{ children: Children }} props */
export function Outside({ children }) {
  return html`<main class="outside" tabindex="-1">
    <div class="card">
      <p class="brand"><${Mark} /> Guestlist</p>
      ${children}
      <${LanguageChoice} />
    </div>
  </main>`;
}

function Mark() {
  return html`<img class="mark" src=${ICON} alt="" width="24" height="24" />`;
}
