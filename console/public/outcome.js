/** What has become of many users at once, in the words that their page and the chip beside every page share. */

import { texts } from './texts.js';

/** @import { Line } from './make-users.js' */
/** @import { Kind } from './kept-work.js' */

/** Whether it is still to be done, or it is not known whether it was. @param {Line} line */
export const isLeft = ({ made, fault, isUnknown }) => !made && (!fault || isUnknown === true);

/** @type {Record<Kind, (count: number) => string>} */
const NOT_DONE = {
  invite: (count) => texts.inviteUsers.notSentCount(count),
  import: (count) => texts.transfer.notImported(count),
};

/** How many have failed, in words; nothing if none has. @param {Kind} kind @param {Line[]} lines */
function failedOf(kind, lines) {
  const failed = lines.filter(({ made }) => !made).length;
  return failed > 0 ? NOT_DONE[kind](failed) : undefined;
}

/** The heading above it, once the work has ended. @param {Kind} kind @param {Line[]} lines */
export function headingOf(kind, lines) {
  if (lines.some(isLeft)) return texts.transfer.stopped;
  const failed = failedOf(kind, lines);
  return failed ? texts.common.doneExcept(failed) : texts.common.done;
}

/** The same, behind what the work is called. @param {Kind} kind @param {string} label @param {Line[]} lines */
export function chipOf(kind, label, lines) {
  if (lines.some(isLeft)) return texts.frame.jobStopped(label);
  const failed = failedOf(kind, lines);
  return failed ? texts.frame.jobFailed(label, failed) : texts.frame.jobDone(label);
}
