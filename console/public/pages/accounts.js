/**
 * A person's accounts: those that it is in, those that expect it, and a new one. Shown in place of all else to
 * a person in none.
 */

import { html, useState } from '../vendor/preact.js';
import { useAbout } from '../about.js';
import { call } from '../api.js';
import { claimsOf, entered, forgetEntered, startOver } from '../entered.js';
import { Form, Submit, Text, useForm } from '../forms.js';
import { Logo } from '../logo.js';
import { useOwn } from '../own.js';
import { tokens } from '../session.js';
import { signOut } from '../sign-in-and-out.js';
import { codeIn, moveTo, switchAccount } from '../switch-account.js';
import { texts } from '../texts.js';
import {
  Ago,
  Alert,
  Badge,
  Button,
  Confirm,
  Head,
  Name,
  Pager,
  Section,
  Skeleton,
  Time,
  toast,
  useAction,
  useLoad,
} from '../ui.js';
import { NewAccount } from './account/new-account.js';

/** @typedef {import('../contract').Membership} Membership */
/** @typedef {import('../contract').Expectation} Expectation */
/** @typedef {import('../contract').Reply<'account/mine'>} Mine */
/** @typedef {import('../contract').Cursors} Cursors */

/** @param {{ isOutside?: boolean }} props whether one is in no account */
export default function Accounts({ isOutside }) {
  const [cursor, setCursor] = useState(/** @type {Cursors} */ ({}));
  const read = (/** @type {AbortSignal} */ signal) =>
    call('account/mine', {}, { query: cursor, signal });
  const { data, error, loading, reload } = useLoad(read, [cursor]);
  const leaving = useAction();
  const lists = data && {
    accounts: html`<${Own} accounts=${data.accounts} reload=${reload} />`,
    expected: html`<${Expected} page=${data} reload=${reload} onGo=${setCursor} />`,
  };
  const wait = html`
    <${Alert} error=${error} />
    ${error && html`<${Button} onClick=${reload}>${texts.common.tryAgain}<//>`} ${!data && !error && html`<${Skeleton} plain rows=${3} />`}
  `;
  if (!isOutside) {
    return html`
      <${Head} title=${texts.titles.accounts} />
      ${wait}
      <div class="columns">
        <div class="stack">${lists?.accounts}</div>
        <div class="stack">${lists?.expected} <${ByLink} /> <${Make} /></div>
      </div>
    `;
  }
  const isNowhere = data?.accounts.length === 0;
  return html`
    <h1>${texts.accounts.choose}</h1>
    <div class="stack">
      ${isNowhere && html`<${Nowhere} isExpected=${data.expected.length > 0} busy=${loading} onCheck=${reload} />`} ${wait}
    </div>
    <div class="stack">
      ${data && !isNowhere && lists?.accounts} ${lists?.expected} <${ByLink} /> <${Make} isOutside />
    </div>
    <div class="links">
      ${!isNowhere && html`<button type="button" class="link" aria-busy=${loading} onClick=${() => !loading && reload()}>${texts.accounts.lookAgain}</button>`}
      <button type="button" class="link" aria-busy=${leaving.busy} onClick=${() => leaving.run(signOut)}>${texts.common.signOut}</button>
    </div>
  `;
}

/**
 * What to do where one is in no account: whom to ask, and for what, unless an invitation is there already.
 * @param {{ isExpected: boolean, busy: boolean, onCheck: () => void }} props
 */
function Nowhere({ isExpected, busy, onCheck }) {
  const email = claimsOf(tokens())?.email;
  return html`
    <p>${texts.accounts.none} ${!isExpected && texts.accounts.noneHint(email && html`<strong class="breaks"><${Name} name=${email} /></strong>`)}</p>
    <div class="actions"><${Button} busy=${busy} onClick=${onCheck}>${texts.accounts.lookAgain}<//></div>
  `;
}

/** @param {{ accounts: Membership[], reload: () => void }} props */
function Own({ accounts, reload }) {
  const [left, setLeft] = useState(/** @type {Membership | undefined} */ (undefined));
  const { error, press } = useAction();
  return html`<${Section} title=${texts.accounts.own}>
    <${Alert} error=${error} />
    <ul class="choices">
      ${accounts.map(
        (one) =>
          html`<li key=${one.account.id}>
            <${OwnAccount}
              membership=${one}
              switching=${press(one.account.id, () => switchAccount(one.account.id))}
              onLeave=${() => setLeft(one)}
            />
          </li>`,
      )}
    </ul>
    ${left && html`<${Leave} membership=${left} reload=${reload} onClose=${() => setLeft(undefined)} />`}
  <//>`;
}

/** @typedef {ReturnType<ReturnType<typeof useAction>['press']>} Pressed what presses a button */

/** @param {{ membership: Membership, switching: Pressed, onLeave: () => void }} props */
function OwnAccount({ membership: { account, user }, switching, onLeave }) {
  const isHere = account.id === entered();
  const state = account.state === 'active' ? (user?.state ?? 'signed-out') : account.state;
  const isOpen = state === 'active' || state === 'signed-out';
  const about = html`<span class="unseen"> <${Name} name=${account.name} /></span>`;
  return html`
    <div>
      <strong class="breaks"><${Logo} path=${account.logo} /><${Name} name=${account.name} /></strong>
      <p class="row wraps">
        ${user && html`<${Badge} kind=${user.role} />`}
        ${state !== 'active' && html`<${Badge} kind=${state} />`}
        ${isHere && html`<${Badge} kind="here" />`}
        ${user && html`<span class="faint">${texts.accounts.lastUsed(html`<${Ago} at=${user.activity} none=${texts.common.never} />`)}</span>`}
      </p>
    </div>
    <div class="actions">
      ${
        !isHere &&
        isOpen &&
        html`<${Button} small ...${switching}>${texts.accounts.switch}${about}<//>`
      }
      ${state === 'active' && html`<${Button} small danger onClick=${onLeave}>${texts.accounts.leave}${about}<//>`}
    </div>
  `;
}

/** @param {{ membership: Membership, reload: () => void, onClose: () => void }} props */
function Leave({ membership: { account }, reload, onClose }) {
  const leave = async () => {
    await call('user/leave', {}, { account: account.id });
    toast(texts.accounts.left(account.name));
    const wasHere = account.id === entered();
    forgetEntered(account.id);
    if (!wasHere) return reload();
    startOver();
    // The dialog goes with all else that is shown.
    return false;
  };
  return html`<${Confirm}
    title=${texts.accounts.leaveTitle(account.name)}
    action=${texts.accounts.leaveAccount}
    danger
    onConfirm=${leave}
    onClose=${onClose}
  >
    <p>${texts.accounts.leaveText(html`<${Name} name=${account.name} />`)}</p>
    <p>${texts.accounts.leaveKeeps}</p>
  <//>`;
}

/** @param {{ page: Mine, reload: () => void, onGo: (cursor: Cursors) => void }} props */
function Expected({ page, reload, onGo }) {
  const [declined, setDeclined] = useState(/** @type {Expectation | undefined} */ (undefined));
  const { error, press } = useAction();
  const join = (/** @type {Expectation} */ { accountId }) =>
    press(accountId, () => switchAccount(accountId, texts.invite.joined));
  const isNone = page.expected.length === 0 && !page.next && !page.prev;
  return html`<${Section} title=${texts.accounts.invitations}>
    <${Alert} error=${error} />
    ${isNone && html`<p class="hint">${texts.accounts.noInvitations}</p>`}
    <ul class="choices">
      ${page.expected.map(
        (one) =>
          html`<li key=${one.accountId}>
            <${Invitation}
              expectation=${one}
              joining=${join(one)}
              onDecline=${() => setDeclined(one)}
            />
          </li>`,
      )}
    </ul>
    <${Pager} page=${page} onGo=${onGo} />
    ${
      declined &&
      html`<${Decline}
        expectation=${declined}
        reload=${reload}
        onClose=${() => setDeclined(undefined)}
      />`
    }
  <//>`;
}

/** @param {{ expectation: Expectation, joining: Pressed, onDecline: () => void }} props */
function Invitation({ expectation, joining, onDecline }) {
  const { accountLogo, accountName, role, inviter, expires } = expectation;
  const about = html`<span class="unseen"> <${Name} name=${accountName} /></span>`;
  return html`
    <div>
      <strong class="breaks"><${Logo} path=${accountLogo} /><${Name} name=${accountName} /></strong>
      <p class="breaks">
        ${
          inviter
            ? texts.accounts.invitedBy(html`<strong><${Name} name=${inviter} /></strong>`, role)
            : texts.accounts.invitedByNobody(role)
        }
        ${expires && html`${' '}<span class="faint">${texts.accounts.openUntil(html`<${Time} at=${expires} />`)}</span>`}
      </p>
    </div>
    <div class="actions">
      <${Button} small primary ...${joining}>${texts.accounts.join}${about}<//>
      <${Button} small onClick=${onDecline}>${texts.accounts.decline}${about}<//>
    </div>
  `;
}

/** @param {{ expectation: Expectation, reload: () => void, onClose: () => void }} props */
function Decline({ expectation: { accountId, accountName }, reload, onClose }) {
  const decline = async () => {
    await call('account/decline', { accountId });
    toast(texts.accounts.declined(accountName));
    reload();
  };
  return html`<${Confirm}
    title=${texts.accounts.declineTitle(accountName)}
    action=${texts.accounts.declineInvitation}
    danger
    onConfirm=${decline}
    onClose=${onClose}
  >
    <p>${texts.accounts.declineText}</p>
  <//>`;
}

/** Its page says who invites into what, before one joins. */
function ByLink() {
  const blank = { invite: '' };
  const form = useForm(
    blank,
    async ({ invite }) => {
      form.reset(blank);
      location.hash = `#invite=${encodeURIComponent(codeIn(invite))}`;
    },
    { asks: true },
  );
  return html`<${Section} title=${texts.accounts.useLink}>
    <${Form} form=${form} label=${texts.accounts.useLink}>
      <${Text}
        form=${form}
        name="invite"
        label=${texts.accounts.linkOrCode}
        required
        hint=${texts.accounts.linkHint}
      />
      <${Submit} form=${form} onlyChanged>${texts.accounts.openInvitation}<//>
    <//>
  <//>`;
}

/** Where people come by invitation only, accounts are made by operators. @param {{ isOutside?: boolean }} props */
function Make({ isOutside }) {
  const about = useAbout();
  if (!about) return null;
  if (about.registration === 'open') return html`<${Register} />`;
  return isOutside ? html`<${NoneToMake} />` : html`<${MakeAsOperator} />`;
}

const NoneToMake = () =>
  html`<${Section} title=${texts.accounts.create} text=${texts.accounts.closed} />`;

function MakeAsOperator() {
  const { can } = useOwn();
  const [isMaking, setMaking] = useState(false);
  if (!can('accounts')) return html`<${NoneToMake} />`;
  return html`<${Section} title=${texts.accounts.create} text=${texts.accounts.createAsOperator}>
    <${Button} onClick=${() => setMaking(true)}>${texts.common.createAccount}<//>
    ${isMaking && html`<${NewAccount} onClose=${() => setMaking(false)} />`}
  <//>`;
}

function Register() {
  const blank = { name: '' };
  const submit = async (/** @type {typeof blank} */ { name }) => {
    const { account } = await call('account/register', name ? { name } : {});
    form.reset(blank);
    moveTo(account, texts.accounts.created(account.name));
  };
  const form = useForm(blank, submit, { draft: 'register' });
  return html`<${Section} title=${texts.accounts.create} text=${texts.accounts.createHint}>
    <${Form} form=${form} label=${texts.accounts.create}>
      <${Text} form=${form} name="name" label=${texts.accounts.name} required />
      <${Submit} form=${form} onlyChanged>${texts.common.createAccount}<//>
    <//>
  <//>`;
}
