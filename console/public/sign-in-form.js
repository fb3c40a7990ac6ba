/** Forms that one signs in with: who one is, proved by a password or by another service's token. */

import { html, useState } from './vendor/preact.js';
import { ApiError } from './api.js';
import { Area, Email, Form, Password, SecondFactorCode, Submit, useForm } from './forms.js';
import { faultAt } from './object-field.js';
import { signIn } from './sign-in-and-out.js';
import { texts } from './texts.js';

/** @typedef {import('./session.js').Tokens} Tokens */

/**
 * Email and password, and a code once the service asks for one.
 * @param {{ onSignedIn?: (tokens: Tokens) => unknown, action: string, email?: string }} props
 */
export function SignInForm({ onSignedIn, action, email = '' }) {
  /** What was right, but for the code. */
  const [right, setRight] = useState(
    /** @type {{ email: string, password: string } | undefined} */ (undefined),
  );
  const asksCode = right !== undefined;
  const form = useForm({ email, password: '', totp: '' }, async ({ totp, ...known }) => {
    try {
      const tokens = await signIn('session/create', { ...known, ...(asksCode && { totp }) });
      await onSignedIn?.(tokens);
    } catch (error) {
      const isRight = right?.email === known.email && right.password === known.password;
      if (isRight && isRefused(error)) throw faultAt('totp', texts.common.wrongCode);
      if (asksCode || !isAskingForCode(error)) throw error;
      setRight(known);
    }
  });
  return html`<${Form} form=${form} label=${action}>
    <${Email} form=${form} />
    <${Password}
      form=${form}
      name="password"
      label=${texts.common.password}
      autocomplete="current-password"
      required
    />
    ${asksCode && html`<${SecondFactorCode} form=${form} />`}
    <${Submit} form=${form}>${action}<//>
  <//>`;
}

/** The password was right; that is said to nobody else. @param {unknown} error */
const isAskingForCode = (error) => error instanceof ApiError && error.code === 'totp_required';

/** @param {unknown} error */
const isRefused = (error) => error instanceof ApiError && error.code === 'invalid_credentials';

/** A token of another service. @param {{ onToken: (token: Pick<Tokens, 'accessToken'>) => unknown, action: string }} props */
export function TokenForm({ onToken, action }) {
  const form = useForm({ token: '' }, async ({ token }) => {
    const accessToken = token.trim().replace(/^bearer\s+/i, '');
    if (!accessToken) throw faultAt('token', texts.token.missing);
    if (/\s/.test(accessToken)) throw faultAt('token', texts.token.spaces);
    await onToken({ accessToken });
  });
  return html`<${Form} form=${form} label=${action}>
    <${Area}
      form=${form}
      name="token"
      label=${texts.token.label}
      rows=${5}
      isCode
      required
      hint=${texts.token.hint}
    />
    <${Submit} form=${form}>${action}<//>
  <//>`;
}
