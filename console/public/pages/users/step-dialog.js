/** Asks before something is done to some users, does it, and tells what came of each. */

import { html, useState } from '../../vendor/preact.js';
import { useOwn } from '../../own.js';
import { Choice, DialogActions, Form, useForm } from '../../forms.js';
import { grantable } from '../../permissions.js';
import { roleChoices } from '../../role-choices.js';
import { reasonInWords } from '../../plain-words.js';
import { texts } from '../../texts.js';
import { Button, Dialog, fullName, Name, reloadShown, toast } from '../../ui.js';
import { doEach } from './each.js';
import { STEPS, fitting } from './steps.js';

/** @typedef {import('../../contract').User} User */
/** @typedef {import('../../contract').Role} Role */
/** @typedef {import('./each.js').Outcome} Outcome */
/** @typedef {{ name: import('./steps.js').StepName, users: User[] }} Asked */

/** Whom a dialog names one by one. */
const MAX_NAMED = 3;
/** Whom a message names that stays until it is dismissed. */
const MAX_TOLD = 20;

/**
 * @param {Asked & { accountId?: string, onDone: () => void, onClose: () => void }} props
 */
export function StepDialog({ name, users, accountId, onDone, onClose }) {
  const { me } = useOwn();
  const [count, setCount] = useState(0);
  const [failed, setFailed] = useState(/** @type {Outcome[]} */ ([]));
  const roles = grantable(me.role, Boolean(accountId));
  const first = roles.find((role) => fitting(name, users, me, role).length > 0) ?? roles[0];
  const form = useForm({ role: first }, async ({ role }) => {
    const those = fitting(name, users, me, role);
    const outcomes = await doEach(those, (user) => STEPS[name].run(user, role), setCount);
    const done = outcomes.filter(({ error }) => !error);
    if (done.length > 0) tell(name, done);
    onDone();
    const faults = outcomes.filter(({ error }) => error);
    if (faults.length > 0) setFailed(faults);
    else onClose();
  });
  const role = name === 'role' ? form.values.role : undefined;
  const those = fitting(name, users, me, role);
  const left = users.length - those.length;
  const what = texts.steps[name];
  if (failed.length > 0)
    return html`<${Failures} title=${texts.steps.title(name, users.length)} failed=${failed} onClose=${onClose} />`;
  return html`<${Dialog} title=${titleOf(name, users)} onClose=${onClose} busy=${form.busy} describedBy=${`${form.id}-text`}>
    <${Form} form=${form}>
      <div class="prose" id=${`${form.id}-text`}>
        ${users.length > 1 && html`<p>${namesOf(users)}</p>`}
        <p>${what.text}</p>
        ${left > 0 && html`<p class="faint">${texts.steps.left(left, users.length)}</p>`}
      </div>
      ${
        name === 'role' &&
        html`<${Choice}
          form=${form}
          name="role"
          label=${texts.common.role}
          required
          choices=${roleChoices(roles)}
        />`
      }
      ${
        form.busy &&
        those.length > 1 &&
        html`<progress max=${those.length} value=${count} aria-label=${what.action}></progress>`
      }
      <${DialogActions} form=${form} onClose=${onClose} danger=${STEPS[name].danger} disabled=${those.length === 0}>
        ${what.action}
      <//>
    <//>
  <//>`;
}

/** @param {import('./steps.js').StepName} name @param {User[]} users */
const titleOf = (name, users) =>
  users.length === 1
    ? texts.steps.titleOne(name, fullName(users[0]))
    : texts.steps.title(name, users.length);

/** @param {User[]} users */
function namesOf(users) {
  const named = users.slice(0, MAX_NAMED).map(fullName);
  return texts.steps.names(named, users.length - named.length);
}

/**
 * Says what was done, with one way back for all of it.
 * @param {import('./steps.js').StepName} name
 * @param {Outcome[]} done
 */
function tell(name, done) {
  const { undo, canUndo = () => true } = STEPS[name];
  const said =
    done.length === 1
      ? texts.steps.doneOne(name, fullName(done[0].of))
      : texts.steps.done(name, done.length);
  const undoable = done.filter(({ done }) => done && canUndo(done)).map(({ of }) => of);
  if (!undo || undoable.length === 0) return toast(said);
  const takeBack = async () => {
    const outcomes = await doEach(undoable, undo);
    const failed = outcomes.filter(({ error }) => error);
    toast(
      failed.length > 0 ? undoneSome(failed, undoable.length) : texts.steps.undone,
      undefined,
      failed.length > 0,
    );
    // Another page may be shown by now.
    reloadShown();
  };
  return toast(said, { label: texts.actions.undo, run: takeBack });
}

/** Names those who stay as they are, and says why. @param {Outcome[]} failed @param {number} all */
function undoneSome(failed, all) {
  const named = failed.slice(0, MAX_TOLD).map(({ of }) => fullName(of));
  const names = texts.steps.names(named, failed.length - named.length);
  const reasons = new Set(failed.map(({ error }) => error && reasonInWords(error)));
  return texts.steps.undoneSome(all - failed.length, all, names, [...reasons].join(' '));
}

/** @param {{ title: string, failed: Outcome[], onClose: () => void }} props */
const Failures = ({ title, failed, onClose }) =>
  html`<${Dialog} title=${title} onClose=${onClose}>
    <p role="alert">${texts.steps.failed(failed.length)}</p>
    <ul class="outcomes">
      ${failed.map(
        ({ of, error }) =>
          html`<li key=${of.id}>
            <strong class="breaks"><${Name} name=${fullName(of)} /></strong>
            <span class="fault">${error && reasonInWords(error)}</span>
          </li>`,
      )}
    </ul>
    <div class="actions end"><${Button} onClick=${onClose}>${texts.common.close}<//></div>
  <//>`;
