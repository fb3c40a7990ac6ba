/** What stands around pages. */

import { html, useEffect, useRef, useState } from './vendor/preact.js';
import { AccountMenu } from './account-menu.js';
import { LanguageChoice } from './language-choice.js';
import { ENTRIES } from './navigation.js';
import { JobChips } from './job-chips.js';
import { isWorking } from './jobs.js';
import { Shortcuts } from './palette.js';
import { href } from './router.js';
import { isComingBack } from './scroll.js';
import { signOut } from './sign-in-and-out.js';
import { texts } from './texts.js';
import { Avatar, Button, Confirm, fullName } from './ui.js';

/** @import { ComponentChildren as Children } from './vendor/preact.js' */
/** @typedef {import('./own.js').Own} Own */
/** @typedef {import('./routes.js').Place} Place */

/** As the page names it: by its content. */
const ICON = /** @type {HTMLLinkElement | null} */ (document.querySelector('link[rel=icon]'))?.href;

/** Around pages of somebody who is signed in. @param {{ own: Own, place: Place, children: Children }} props */
export function Frame({ own, place, children }) {
  const main = useRef(/** @type {HTMLElement | null} */ (null));
  const [isOpen, setOpen] = useState(false);
  const shown = useRef(place);
  useEffect(() => setOpen(false), [place.path]);
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
    <header class="bar">
      <a class="brand" href="#/" title=${texts.frame.home}><${Mark} /><span class="unseen">${texts.frame.home}</span></a>
      <${AccountMenu} account=${own.account} />
      <${JobChips} account=${own.account} />
      <${Shortcuts} own=${own} />
      <button
        class="button quiet menu"
        aria-expanded=${isOpen}
        aria-controls="navigation"
        onClick=${() => setOpen(!isOpen)}
      >
        ${texts.frame.menu}
      </button>
      <nav id="navigation" class=${isOpen ? 'open' : ''} aria-label=${texts.frame.main}>
        <${Entries} own=${own} path=${place.path} />
        <${Me} own=${own} path=${place.path} />
      </nav>
    </header>
    <main id="main" tabindex="-1" ref=${main}>${children}</main>
  `;
}

/** @param {{ own: Own, path: string }} props */
function Entries({ own, path }) {
  const offered = ENTRIES.filter(({ needs }) => own.can(needs));
  return html`<ul class="entries">
    ${offered.map(
      (entry) => html`<li key=${entry.path}>
        <a href=${href(entry.path)} aria-current=${isWithin(path, entry) ? 'page' : null}>
          ${entry.label()}
        </a>
      </li>`,
    )}
  </ul>`;
}

/** @param {string} path @param {import('./navigation.js').Entry} entry */
const isWithin = (path, { path: own, others = [] }) =>
  [own, ...others].some((one) => isAt(path, one));

/** Where one is, or a page below it. @param {string} path @param {string} entry */
const isAt = (path, entry) => path === entry || path.startsWith(`${entry}/`);

/** @param {{ own: Own, path: string }} props */
function Me({ own, path }) {
  const { me } = own;
  const [busy, setBusy] = useState(false);
  const [isAsked, setAsked] = useState(false);
  const leave = async () => {
    setBusy(true);
    await signOut();
    return false;
  };
  const wish = () => (isWorking() ? setAsked(true) : leave());
  return html`<div class="me">
    <a href="#/me" class="who" aria-current=${isAt(path, 'me') ? 'page' : null}>
      <${Avatar} user=${me} /><span class="cut" title=${fullName(me)}><bdi>${fullName(me)}</bdi></span>
    </a>
    <${Button} quiet busy=${busy} onClick=${wish}>${texts.common.signOut}<//>
    ${
      isAsked &&
      html`<${Confirm} title=${texts.frame.leaveJobs} action=${texts.common.signOut} danger onConfirm=${leave} onClose=${() => setAsked(false)}>
        <p>${texts.frame.leaveJobsHint}</p>
      <//>`
    }
  </div>`;
}

/** Around pages of somebody who is not. @param {{ children: Children }} props */
export function Outside({ children }) {
  return html`<main class="outside">
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
