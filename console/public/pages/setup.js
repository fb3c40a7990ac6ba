/** The first run: whoever has the set-up code becomes the operator. */

import { html } from '../vendor/preact.js';
import { enter } from '../entered.js';
import { Email, Form, Password, Submit, Text, useForm } from '../forms.js';
import { ownLanguage } from '../language.js';
import { faultAt } from '../object-field.js';
import { ProviderButtons } from '../provider-buttons.js';
import { goInstead } from '../router.js';
import { tokensOf } from '../session.js';
import { signIn } from '../sign-in-and-out.js';
import { codeIn } from '../switch-account.js';

const PASSWORD_HINT =
  'At least 8 characters; several words are easy to remember and hard to guess.';

/** @param {{ code?: string }} props */
export default function SetUp({ code = '' }) {
  const blank = { invite: code, first: '', last: '', email: '', password: '', 'account.name': '' };
  const form = useForm(blank, async ({ 'account.name': name, invite, ...person }) => {
    const { email, password, first, last } = person;
    const known = { email, password, ...(first && { first }), ...(last && { last }) };
    const account = name && { account: { name } };
    const [code, language] = [codeIn(invite), ownLanguage()];
    const reply = await signIn('identity/create', { ...known, ...account, language, invite: code });
    if ('account' in reply && reply.account) enter(reply.account.id, tokensOf(reply));
    goInstead('');
  });
  const typedCode = () => {
    const typed = codeIn(form.values.invite);
    if (!typed) throw faultAt('invite', 'Type the set-up code first.');
    return typed;
  };
  return html`
    <h1>Set up Guestlist</h1>
    <p>
      You become the operator, who may do everything, and can invite others then. The service
      prints the set-up code when it starts; it works once.
    </p>
    <${Form} form=${form} label="Set up Guestlist">
      <${Text} form=${form} name="invite" label="Set-up code" required />
      <div class="pair">
        <${Text} form=${form} name="first" label="First name" autocomplete="given-name" />
        <${Text} form=${form} name="last" label="Last name" autocomplete="family-name" />
      </div>
      <${Email} form=${form} />
      <${Password}
        form=${form}
        name="password"
        label="Password"
        autocomplete="new-password"
        required
        hint=${PASSWORD_HINT}
      />
      <${Text}
        form=${form}
        name="account.name"
        label="Account name"
        autocomplete="organization"
        hint="Such as the name of your company. It is shown to whom you invite."
      />
      <${Submit} form=${form}>Set up and sign in<//>
    <//>
    <${ProviderButtons} verb="Set up" invite=${typedCode} />
    <p class="links"><a href="#/sign-in">It is set up already: sign in</a></p>
  `;
}
