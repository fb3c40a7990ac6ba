/** What the service finds wrong, in the language that is read. */

import { contained } from './isolated.js';
import { texts } from './texts.js';

/** @typedef {{ code?: string, detail: string, errors?: readonly Fault[] }} Refusal */
/** @typedef {{ field: string, code: string, detail: string }} Fault */

/** Why something is refused: in our words where there are some for its code, else in the service's. @param {Refusal} error */
export const inWords = ({ code, detail }) => texts.errors[code ?? ''] ?? sentence(detail);

/** What fields of users are called where they have no input. @type {Record<string, () => string>} */
const LABELS = {
  email: () => texts.common.email,
  externalId: () => texts.common.externalId,
  first: () => texts.common.firstName,
  language: () => texts.common.language,
  last: () => texts.common.lastName,
  number: () => texts.profile.number,
  password: () => texts.common.password,
  preferences: () => texts.common.preferences,
  role: () => texts.common.role,
  state: () => texts.common.state,
  username: () => texts.common.username,
};

/** Why something is refused that has no form: what is wrong with each field, or else with the whole. @param {Refusal} error */
export function reasonInWords(error) {
  const faults = (error.errors ?? []).map((fault) => faultInWords(fault, LABELS[fault.field]?.()));
  return faults.join(' ') || inWords(error);
}

/**
 * What is wrong with a field, which is called as people see it. Where the whole is refused because of it, the fault has the
 * error's code.
 * @param {Fault} fault
 * @param {string} [label]
 */
export function faultInWords({ field, code, detail }, label) {
  const say = texts.faults[`${field}.${code}`] ?? texts.faults[code];
  if (say) return say(label ?? field);
  if (code in texts.errors) return texts.errors[code];
  const isNamed = label && detail.startsWith(`${field} `);
  return sentence(isNamed ? `${label}${detail.slice(field.length)}` : detail);
}

/** What the service says, with a capital and a full stop. @param {string} text */
function sentence(text) {
  const plain = contained(text);
  const begun = plain.charAt(0).toUpperCase() + plain.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
