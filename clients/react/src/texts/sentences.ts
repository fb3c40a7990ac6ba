// What the languages have in common: how they tell of what the service refuses.

import type { Fault, GuestlistError } from 'guestlist-client';

/** Joins what is there by blanks. */
export const joined = (...parts: (string | false | undefined)[]): string => parts.filter(Boolean).join(' ');

/** Texts by the code of an error. */
export type ErrorTexts = Partial<Record<GuestlistError['code'], string>>;

/** Texts by a field and the code of its fault, or by the code alone; they begin with what the field is called. */
export type FaultTexts = Record<string, (label: string) => string>;

/** Why something is refused: by its code where there is a text for it, else as the service says it. */
export const errorIn = (texts: ErrorTexts, { code, detail }: GuestlistError): string => texts[code] ?? sentence(detail);

/** What is wrong with a field, which is called as people see it. */
export function faultIn(texts: FaultTexts, errors: ErrorTexts, { field, code, detail }: Fault, label: string): string {
  const say = texts[`${field}.${code}`] ?? texts[code];
  if (say) return say(label);
  // Where the whole is refused because of a field, the fault has the code of the error.
  const whole = errors[code as keyof ErrorTexts];
  if (whole !== undefined) return whole;
  return sentence(detail.startsWith(`${field} `) ? `${label}${detail.slice(field.length)}` : detail);
}

/** What the service says, with a capital and a full stop. */
function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
