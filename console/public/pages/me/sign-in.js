/** How one signs in oneself: email, password, second factor. */

import { html } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { useOwn } from '../../own.js';
import { Form, Password, Submit, useForm } from '../../forms.js';
import { texts } from '../../texts.js';
import { Alert, Button, Empty, Section, SkeletonParts, toast, useLoad } from '../../ui.js';
import { Email, HERE } from '../user/access.js';
import { GoForGood } from './go-for-good.js';
import { NoPassword, SignInMethods } from './providers.js';
import { SecondFactor } from './second-factor.js';

/** @typedef {import('../user.js').Props} Props */

/** @param {Props} props */
export function OwnSignIn(props) {
  const { can, me } = useOwn();
  const isHere = me.issuer === HERE;
  return html`<div class="columns">
    ${!isHere && can('me/email') && html`<${Email} ...${props} isSelf />`}
    ${
      isHere
        ? html`<${Methods} ...${props} />`
        : html`<${Empty} title=${texts.ownSignIn.elsewhere}>
            ${texts.ownSignIn.elsewhereHint(me.issuer)}
          <//>`
    }
    <${GoForGood} isHere=${isHere} />
  </div>`;
}

/** Without a password there is none to change, nor one to confirm anything with. @param {Props} props */
function Methods(props) {
  const read = (/** @type {AbortSignal} */ signal) => call('provider/find', {}, { signal });
  const { data: ways, error, reload, setData } = useLoad(read, []);
  if (error)
    return html`<${Alert} error=${error} /><${Button} onClick=${reload}>${texts.common.tryAgain}<//>`;
  if (!ways) return html`<${SkeletonParts} parts=${4} low />`;
  return html`
    <${Email} ...${props} isSelf hasPassword=${ways.hasPassword} />
    ${ways.hasPassword ? html`<${OwnPassword} />` : html`<${NoPassword} />`}
    <${SignInMethods} ways=${ways} onWays=${setData} />
    <${SecondFactor} hasPassword=${ways.hasPassword} />
  `;
}

function OwnPassword() {
  const { reload } = useOwn();
  const blank = { currentPassword: '', newPassword: '' };
  const form = useForm(
    blank,
    async (values) => {
      await call('user/changePassword', values);
      form.reset(blank);
      reload();
      toast(texts.ownSignIn.passwordChanged);
    },
    { asks: true },
  );
  return html`<${Section}
    title=${texts.common.password}
    text=${texts.ownSignIn.passwordText}
  >
    <${Form} form=${form}>
      <${Password}
        form=${form}
        name="currentPassword"
        label=${texts.common.currentPassword}
        autocomplete="current-password"
        required
      />
      <${Password}
        form=${form}
        name="newPassword"
        label=${texts.common.newPassword}
        autocomplete="new-password"
        required
        hint=${texts.common.passwordHint}
      />
      <${Submit} form=${form} onlyChanged>${texts.ownSignIn.changePassword}<//>
    <//>
  <//>`;
}
