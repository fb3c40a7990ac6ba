/** The first run: the holder of the setup code becomes the operator. */

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
import { texts } from '../texts.js';

/** @param {{ code?: string }} props */
export default function SetUp({ code = '' }) {
  const blank = { invite: code, first: '', last: '', email: '', password: '', 'account.name': '' };
  const form = useForm(
    blank,
    async ({ 'account.name': name, invite, ...person }) => {
      const { email, password, first, last } = person;
      const known = { email, password, ...(first && { first }), ...(last && { last }) };
      const account = name && { account: { name } };
      const [code, language] = [codeIn(invite), ownLanguage()];
      const reply = await signIn('identity/create', {
        ...known,
        ...account,
        language,
        invite: code,
      });
      if ('account' in reply && reply.account) enter(reply.account.id, tokensOf(reply));
      goInstead('');
    },
    { asks: true },
  );
  const wish = () => {
    const invite = codeIn(form.values.invite);
    if (!invite) throw faultAt('invite', texts.setUp.codeMissing);
    return { invite, accountName: form.values['account.name'].trim() };
  };
  return html`
    <h1>${texts.setUp.title}</h1>
    <p>${texts.setUp.text}</p>
    <${Form} form=${form} label=${texts.setUp.title}>
      <${Text}
        form=${form}
        name="invite"
        label=${texts.setUp.code}
        required
        hint=${code ? undefined : texts.setUp.codeHint}
      />
      <div class="pair">
        <${Text} form=${form} name="first" label=${texts.common.firstName} autocomplete="given-name" />
        <${Text} form=${form} name="last" label=${texts.common.lastName} autocomplete="family-name" />
      </div>
      <${Email} form=${form} />
      <${Password}
        form=${form}
        name="password"
        label=${texts.common.password}
        autocomplete="new-password"
        required
        hint=${texts.common.passwordHint}
      />
      <${Text}
        form=${form}
        name="account.name"
        label=${texts.setUp.account}
        autocomplete="organization"
        hint=${texts.setUp.accountHint}
      />
      <${Submit} form=${form}>${texts.setUp.submit}<//>
    <//>
    <${ProviderButtons} label=${texts.setUp.with} wish=${wish} />
    <p class="links"><a href="#/sign-in">${texts.setUp.already}</a></p>
  `;
}
