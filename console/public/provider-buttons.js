/** The providers that people can sign in with, each on a button. */

import { html } from './vendor/preact.js';
import { useAbout } from './about.js';
import { signInWith } from './provider-sign-in.js';
import { texts } from './texts.js';
import { Alert, Button, useAction } from './ui.js';

/** @import { ComponentChildren as Children } from './vendor/preact.js' */

/**
 * @param {{ label?: (provider: Children) => Children, invite?: string | (() => string) }} props
 *   `invite` may throw what is missing
 */
export function ProviderButtons({ label = texts.provider.continueWith, invite }) {
  const providers = useAbout()?.providers ?? [];
  const { busy, error, run } = useAction();
  if (providers.length === 0) return null;
  const code = () => (typeof invite === 'function' ? invite() : invite);
  return html`<div class="stack" role="group" aria-label=${texts.signIn.withProvider}>
    <p class="or"><span>${texts.signIn.or}</span></p>
    <${Alert} error=${error} />
    ${providers.map(
      (provider) => html`<${Button}
        key=${provider.name}
        disabled=${busy}
        onClick=${() => run(() => signInWith(provider, code()))}
      >
        ${label(html`<bdi>${provider.label}</bdi>`)}
      <//>`,
    )}
  </div>`;
}
