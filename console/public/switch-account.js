/** Going from one account to another. */

import { call } from './api.js';
import { enter, startOver } from './entered.js';
import { goAtOnce } from './router.js';
import { texts } from './texts.js';
import { toast } from './ui.js';

/**
 * Enters an account, and begins at its first page. One that expects the person is joined by it, so only a page that
 * has said who invites into what may lead here.
 * @param {string} id
 * @param {(name: string) => string} said what is told then
 */
export async function switchAccount(id, said = texts.frame.nowIn) {
  const { account } = await call('user/login', { accountId: id }, { mayRepeat: true });
  moveTo(account, said(account.name));
}

/** Goes on in an account that was entered. @param {{ id: string }} account @param {string} said */
export function moveTo({ id }, said) {
  enter(id);
  goAtOnce('');
  startOver();
  toast(said);
}

/** The code in the link of an invitation, or the code itself. @param {string} text */
export const codeIn = (text) => text.trim().replace(/^.*#(invite|setup)=/, '');
