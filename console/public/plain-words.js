/** What the service says to programs, in words for people who look at the console. */

/** @type {Record<string, string>} */
const WORDS = {
  own_sign_in:
    'This person’s sign-in is their own, so nobody else can choose or change how they sign in. Invite them without ' +
    'a password; whoever has joined sets a new one with “Forgot your password?” on the sign-in page.',
  too_many_accounts:
    'You cannot be in any more accounts. Leave one that you no longer need, then try again.',
  account_required: 'You are in several accounts. Choose the one that you want to work in.',
};

/**
 * Another text for an error of this code, if there is one.
 * @param {string | undefined} code
 * @returns {string | undefined}
 */
export const inPlainWords = (code) => WORDS[code ?? ''];
