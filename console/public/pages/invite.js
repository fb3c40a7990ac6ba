/** Behind the link of an invitation: who invites into what, and the ways to come in. */

import { html, useState } from '../vendor/preact.js';
import { call } from '../api.js';
import { CheckEmail } from '../check-email.js';
import { ofLink } from '../emailed-link.js';
import { claimsOf, enter } from '../entered.js';
import { Form, Password, Submit, Text, useForm } from '../forms.js';
import { ownLanguage } from '../language.js';
import { Logo } from '../logo.js';
import { ProviderButtons } from '../provider-buttons.js';
import { goInstead } from '../router.js';
import { tokens, tokensOf } from '../session.js';
import { signIn, signInWithToken } from '../sign-in-and-out.js';
import { SignInForm, TokenForm } from '../sign-in-form.js';
import { moveTo } from '../switch-account.js';
import { texts } from '../texts.js';
import { Alert, Busy, Button, Name, Time, useAction, useLoad } from '../ui.js';

/** @typedef {import('../contract').Invite} Invite */
/** @typedef {'here' | 'new' | 'password' | 'token'} Way */

/** @param {{ code: string }} props */
export default function AcceptInvite({ code }) {
  const [way, setWay] = useState(/** @type {Way} */ (tokens() ? 'here' : 'new'));
  const [sentTo, setSentTo] = useState('');
  const check = () => call('invite/check', { invite: code });
  const { data: invite, error, reload } = useLoad(check, [code]);
  if (error) return html`<${Useless} error=${error} onRetry=${reload} />`;
  if (!invite) return html`<${Busy} />`;
  if (sentTo) return html`<${CheckEmail} sentTo=${sentTo} />`;
  const ways = { here: SignedIn, new: NewPassword, password: KnownPassword, token: OutsideToken };
  return html`
    <${Invitation} invite=${invite} />
    <${ways[way]}
      code=${code}
      email=${invite.email ?? ''}
      account=${invite.accountName ?? ''}
      names=${{ first: invite.first ?? '', last: invite.last ?? '' }}
      onLetter=${setSentTo}
    />
    ${way !== 'here' && html`<${ProviderButtons} label=${texts.invite.acceptWith} wish=${() => ({ invite: code })} />`}
    <${OtherWays} way=${way} onChoose=${setWay} />
  `;
}

/** @param {{ error: import('../api.js').ApiError, onRetry: () => void }} props */
function Useless({ error, onRetry }) {
  if (error.code === 'invite_used') {
    return html`
      <h1>${texts.invite.useless}</h1>
      <p>${texts.invite.used}</p>
      <p><a class="button primary" href="#/sign-in">${texts.common.signIn}</a></p>
    `;
  }
  if (error.status === 422) {
    return html`
      <h1>${texts.invite.incomplete}</h1>
      <p>${texts.invite.incompleteHint}</p>
      <p class="links"><a href="#/sign-in">${texts.common.signIn}</a></p>
    `;
  }
  return html`
    <h1>${texts.invite.useless}</h1>
    <${Alert} error=${ofLink(error)} />
    ${
      error.status === 404
        ? html`<p>${texts.invite.askAgain}</p>`
        : html`<${Button} onClick=${onRetry}>${texts.common.tryAgain}<//>`
    }
    <p class="links"><a href="#/sign-in">${texts.common.signIn}</a></p>
  `;
}

/** @param {{ invite: Invite }} props */
function Invitation({ invite }) {
  const { accountLogo, accountName, email, expires, inviter, role } = invite;
  const by = inviter
    ? texts.invite.from(html`<strong><${Name} name=${inviter} /></strong>`, role)
    : texts.invite.fromNobody(role);
  const until = html`<${Time} at=${expires} />`;
  const open = email
    ? texts.invite.openFor(html`<strong><${Name} name=${email} /></strong>`, until)
    : texts.invite.openUntil(until);
  return html`
    <${Logo} path=${accountLogo} large />
    <h1>${texts.invite.join(html`<${Name} name=${accountName} />`)}</h1>
    <p class="breaks">${by} ${open}</p>
  `;
}

/** @param {{ way: Way, onChoose: (way: Way) => void }} props */
function OtherWays({ way, onChoose }) {
  /** @type {[Way, string][]} */
  const all = [
    ['here', texts.invite.here],
    ['new', texts.invite.newHere],
    ['password', texts.invite.knownPassword],
    ['token', texts.invite.otherService],
  ];
  const others = all.filter(([other]) => other !== way && (other !== 'here' || tokens()));
  return html`<div class="links">
    ${others.map(
      ([other, label]) =>
        html`<button key=${other} type="button" class="link" onClick=${() => onChoose(other)}>
          ${label}
        </button>`,
    )}
  </div>`;
}

/** Somebody who is signed in has nothing more to prove. @param {{ code: string, account: string }} props */
function SignedIn({ code, account }) {
  const { busy, error, run } = useAction();
  const email = claimsOf(tokens())?.email;
  const accept = async () => {
    const reply = await call('user/login', { invite: code });
    moveTo(reply.account, texts.invite.joined(reply.account.name));
  };
  return html`
    <p class="breaks">${email ? texts.invite.signedInAs(html`<strong><${Name} name=${email} /></strong>`) : texts.invite.signedIn}</p>
    <${Alert} error=${error} />
    <${Button} primary busy=${busy} onClick=${() => run(accept)}>${texts.invite.join(account)}<//>
  `;
}

/** The code from the invitation's email proves the address. One that was copied does not: a letter goes there first. */
const provesAddress = (/** @type {string} */ code) => code.includes('.');

/**
 * @param {{ code: string, email: string, names: { first: string, last: string }, onLetter: (to: string) => void }} props
 */
function NewPassword({ code, email, names: known, onLetter }) {
  const form = useForm(
    { ...known, password: '' },
    async ({ first, last, password }) => {
      const names = { ...(first && { first }), ...(last && { last }) };
      const language = ownLanguage();
      const body = { invite: code, password, language, ...names };
      if (!provesAddress(code)) {
        await call('identity/create', body);
        onLetter(email);
        return;
      }
      const reply = await signIn('identity/create', body);
      comeIn(tokensOf(reply), 'account' in reply ? reply.account : undefined);
    },
    { asks: true },
  );
  return html`<${Form} form=${form} label=${texts.invite.acceptForm}>
    <input type="email" name="email" value=${email} autocomplete="username" hidden readonly />
    <div class="pair">
      <${Text} form=${form} name="first" label=${texts.common.firstName} autocomplete="given-name" />
      <${Text} form=${form} name="last" label=${texts.common.lastName} autocomplete="family-name" />
    </div>
    <${Password}
      form=${form}
      name="password"
      label=${texts.common.password}
      autocomplete="new-password"
      required
      hint=${texts.invite.passwordHint}
    />
    <${Submit} form=${form}>${provesAddress(code) ? texts.invite.acceptAndSignIn : texts.invite.accept}<//>
  <//>`;
}

/** @param {{ code: string, email: string }} props */
function KnownPassword({ code, email }) {
  return html`<${SignInForm}
    action=${texts.invite.signInAndAccept}
    email=${email}
    onSignedIn=${(/** @type {Tokens} */ tokens) => join(code, tokens)}
  />`;
}

/** @param {{ code: string }} props */
function OutsideToken({ code }) {
  return html`<${TokenForm}
    action=${texts.invite.acceptWithToken}
    onToken=${(/** @type {Tokens} */ tokens) => join(code, tokens, signInWithToken)}
  />`;
}

/** @typedef {import('../session.js').Tokens} Tokens */

/**
 * @param {string} code
 * @param {Tokens} tokens
 * @param {(tokens: Tokens) => unknown} [keep] where they are not kept yet
 */
async function join(code, tokens, keep) {
  const { account } = await call('user/login', { invite: code }, { token: tokens.accessToken });
  await keep?.(tokens);
  comeIn(tokens, account);
}

/** @param {Tokens} tokens @param {{ id: string }} [account] */
function comeIn(tokens, account) {
  if (account) enter(account.id, tokens);
  goInstead('');
}
