/** What the service finds wrong, in the language that is read. */

import { contained } from './isolated.js';
import { texts } from './texts.js';

/** @typedef {{ code?: string, detail: string }} Refusal */
/** @typedef {{ field: string, code: string, detail: string }} Fault */

/** Why something is refused: in our words where there are some for its code, else in the service's. @param {Refusal} error */
export const inWords = ({ code, detail }) => texts.errors[code ?? ''] ?? sentence(detail);

/**
 * What is wrong with a field, which is called as people see it.
 * @param {Fault} fault
 * @param {string} [label]
 */
export function faultInWords({ field, code, detail }, label) {
  const say = texts.faults[`${field}.${code}`] ?? texts.faults[code];
  if (say) return say(label ?? field);
  const isNamed = label && detail.startsWith(`${field} `);
  return sentence(isNamed ? `${label}${detail.slice(field.length)}` : detail);
}

/** What the service says, with a capital and a full stop. @param {string} text */
function sentence(text) {
  const plain = contained(text);
  const begun = plain.charAt(0).toUpperCase() + plain.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
