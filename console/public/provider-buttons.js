/** The providers that people can sign in with, each on a button. */

import { html } from './vendor/preact.js';
import { useAbout } from './about.js';
import { signInWith } from './provider-sign-in.js';
import { texts } from './texts.js';
import { Alert, Button, Name, useAction } from './ui.js';

/** @import { ComponentChildren as Children } from './vendor/preact.js' */
/** @typedef {{ invite?: string, accountName?: string }} Wish */

/**
 * @param {{ label?: (provider: Children) => Children, wish?: () => Wish }} props
 *   `wish` may throw what is missing
 */
export function ProviderButtons({ label = texts.provider.continueWith, wish }) {
  const providers = useAbout()?.providers ?? [];
  const { error, press } = useAction();
  if (providers.length === 0) return null;
  return html`<div class="stack" role="group" aria-label=${texts.signIn.withProvider}>
    <p class="or"><span>${texts.signIn.or}</span></p>
    <${Alert} error=${error} />
    ${providers.map(
      (provider) => html`<${Button}
        key=${provider.name}
        ...${press(provider.name, async () => signInWith(provider, wish?.()))}
      >
        ${label(html`<${Name} name=${provider.label} />`)}
      <//>`,
    )}
  </div>`;
}
