/** Who one is, at the foot of the navigation: how the console looks, its shortcuts, and signing out. */

import { html, useEffect, useState } from './vendor/preact.js';
import { isWorking } from './jobs.js';
import { showShortcuts } from './palette.js';
import { signOut } from './sign-in-and-out.js';
import { texts } from './texts.js';
import { THEMES, chooseTheme, theme, watchTheme } from './theme.js';
import { Avatar, Confirm, fullName, Menu, Name, useAction } from './ui.js';

/** @typedef {import('./contract').User} User */

/**
 * @param {{ me: User, onLeave: () => void, onChoose?: () => void }} props `onChoose` comes before what was chosen is
 *   done, so that a dialog that this stands in can go
 */
export function OwnMenu({ me, onLeave, onChoose }) {
  const name = fullName(me);
  const [chosen, setChosen] = useState(theme);
  useEffect(() => watchTheme(() => setChosen(theme())), []);
  const others = THEMES.filter((one) => one !== chosen);
  const items = [
    ...others.map((one) => ({
      label: texts.palette.themes[one],
      onChoose: () => chooseTheme(one),
    })),
    {
      label: texts.palette.shortcuts,
      onChoose: () => {
        onChoose?.();
        showShortcuts();
      },
    },
    { label: texts.common.signOut, onChoose: onLeave },
  ];
  return html`<${Menu} label=${texts.frame.yourMenu} kind="own" small=${false} items=${items}>
    <${Avatar} user=${me} />
    <span class="unseen">${texts.frame.signedInAs}</span>
    <span class="name">
      <span class="cut" title=${name}><${Name} name=${name} hasOneLine /></span>
      ${me.email !== name && html`<span class="faint cut" title=${me.email}><${Name} name=${me.email} hasOneLine /></span>`}
    </span>
    <span aria-hidden="true">⋯</span>
  <//>`;
}

/** Signing out; while something is being done, that is asked before. */
export function useLeaving() {
  const { run } = useAction();
  const [isAsked, setAsked] = useState(false);
  const leave = async () => {
    await signOut();
    return false;
  };
  const dialog =
    isAsked &&
    html`<${Confirm} title=${texts.frame.leaveJobs} action=${texts.common.signOut} danger onConfirm=${leave} onClose=${() => setAsked(false)}>
      <p>${texts.frame.leaveJobsHint}</p>
    <//>`;
  return { leave: () => (isWorking() ? setAsked(true) : run(leave)), dialog };
}
