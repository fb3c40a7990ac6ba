/** The account's logo: choosing a file saves it at once, since the page shows pictures of the service alone. */

import { html, useRef, useState } from '../../vendor/preact.js';
import { Logo } from '../../logo.js';
import { texts } from '../../texts.js';
import { Alert, Button, Confirm, Section, toast, useAction, useFieldId } from '../../ui.js';

/** @typedef {import('../../contract').Account} Account */

/** The most that the service takes, in bytes. */
const MAX_BYTES = 32 * 1024;
const TYPES = 'image/png,image/svg+xml,.png,.svg';

/**
 * @param {{ account: Account, onAccount: (account: Account) => void,
 *   save: (fields: { logo: string | null }) => Promise<Account> }} props
 */
export function AccountLogo({ account, onAccount, save }) {
  const id = useFieldId('logo');
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  const [fault, setFault] = useState('');
  const [removes, setRemoves] = useState(false);
  const { busy, error, run } = useAction();
  const choose = (/** @type {{ target: HTMLInputElement }} */ { target }) => {
    const file = target.files?.[0];
    // The same file may be chosen again, once it is mended.
    const again = () => (target.value = '');
    if (!file) return;
    const isTooLarge = file.size > MAX_BYTES;
    setFault(isTooLarge ? texts.account.logoTooLarge(file.name) : '');
    const send = async () => {
      onAccount(await save({ logo: base64(await file.arrayBuffer()) }));
      toast(texts.account.logoSaved);
    };
    if (isTooLarge) again();
    else run(send).finally(again);
  };
  const remove = async () => {
    onAccount(await save({ logo: null }));
    toast(texts.account.logoRemoved);
    input.current?.focus();
  };
  return html`<${Section} title=${texts.account.logo} text=${texts.account.logoHint}>
    ${
      account.logo
        ? html`<div class="logo-preview"><${Logo} path=${account.logo} large /></div>`
        : html`<p class="faint">${texts.account.logoNone}</p>`
    }
    <div class="field">
      <label for=${id}>${account.logo ? texts.account.logoReplace : texts.account.logoChoose}</label>
      <input
        id=${id}
        ref=${input}
        type="file"
        accept=${TYPES}
        disabled=${busy}
        aria-describedby=${`${id}-hint`}
        onChange=${choose}
      />
      <p class="hint" id=${`${id}-hint`}>${texts.account.logoForm}</p>
    </div>
    <${Alert} error=${fault || error} />
    ${
      account.logo &&
      html`<div class="actions">
        <${Button} onClick=${() => setRemoves(true)}>${texts.account.logoRemove}<//>
      </div>`
    }
    ${
      removes &&
      html`<${Confirm}
        title=${texts.account.logoRemoveTitle}
        action=${texts.account.logoRemove}
        danger
        onConfirm=${remove}
        onClose=${() => setRemoves(false)}
      >
        <p>${texts.account.logoRemoveText}</p>
      <//>`
    }
  <//>`;
}

/** @param {ArrayBuffer} buffer */
function base64(buffer) {
  let text = '';
  for (const byte of new Uint8Array(buffer)) text += String.fromCharCode(byte);
  return btoa(text);
}
