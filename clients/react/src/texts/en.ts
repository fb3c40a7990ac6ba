// What the components say, in English; `de.ts` says the same in German. Every text can be replaced:
// `<GuestlistProvider texts={{ signIn: 'Log in' }}>`.

import type { ConfirmBy, Fault, GuestlistError, Role } from 'guestlist-client';
import { errorIn, type ErrorTexts, faultIn, type FaultTexts, joined } from './sentences.js';

const AS_ROLE: Record<Role, string> = { user: 'a user', admin: 'an admin', root: 'a root user' };

/** Errors by their code, in place of what the service says; what is missing, it says itself. */
const ERRORS: ErrorTexts = {
  account_removed: 'This account has been removed.',
  account_required: 'You are in several accounts. Choose the one to work in.',
  email_required: 'The provider did not share your email address. Allow it to, or sign in another way.',
  email_unverified: 'Your email is not verified. Verify it with the service that you sign in with.',
  invalid_credentials: 'The email or password is wrong.',
  invite_email: 'The invitation was sent to another email. Sign in with that one.',
  last_credential:
    'Without this sign-in method, you could no longer sign in. Set a password or link another provider first.',
  no_password: 'This sign-in has no password.',
  too_many_accounts: 'You cannot be in any more accounts. Leave one that you no longer need, then try again.',
  too_many_providers: 'You cannot link any more providers. Unlink one first.',
  unreachable: 'The service cannot be reached. Check your connection, then try again.',
};

/** The same for what is wrong with a field. */
const FAULTS: FaultTexts = {
  'emailCode.wrong': () => 'This code is wrong or has expired.',
  'totp.wrong': () => 'This code is wrong or was used before.',
};

export const ENGLISH = {
  // Fields
  email: 'Email',
  password: 'Password',
  newPassword: 'New password',
  newPasswordHint: 'At least 8 characters. Several words are easy to remember and hard to guess.',
  firstName: 'First name',
  lastName: 'Last name',
  totp: 'Code from your authenticator app',
  totpHint: 'Six digits, or one of your recovery codes.',
  emailCode: 'Code from the email',
  accountName: 'Account name',
  keepProviders: 'Keep my linked providers',
  keepProvidersHint: 'Otherwise they are unlinked: someone who got into your account may have linked their own provider.',
  optional: 'optional',
  required: (label: string) => `${label} is required.`,
  notEmail: (label: string) => `${label}: This is not a valid email address.`,

  // What is waited for, and what went wrong
  loading: 'Loading…',
  retry: 'Try again',
  unreachable: 'The service cannot be reached. Check your connection, then try again.',
  error: (error: GuestlistError) =>
    error.code === 'unknown' ? `The service answered ${error.status}.` : errorIn(ERRORS, error),
  fault: (fault: Fault, label: string) => faultIn(FAULTS, ERRORS, fault, label),

  // Signing in
  signIn: 'Sign in',
  signInTitle: 'Sign in',
  signOut: 'Sign out',
  signedOut: 'You have been signed out. Sign in to continue.',
  wrongPassword: 'The email or password is wrong.',
  wrongOwnPassword: 'This password is wrong.',
  wrongCode: 'This code is wrong or was used before.',
  continueWith: (provider: string) => `Continue with ${provider}`,
  or: 'or',
  backToSignIn: 'Back to sign-in',
  noWayIn: 'You cannot sign in here with a password. Open the app from the service that you sign in with.',

  // Signing up
  signUp: 'Sign up',
  signUpTitle: 'Sign up',
  checkEmailTitle: 'Check your email',
  checkEmail: (email: string) =>
    `We have sent an email to ${email}. Follow the link in it within 24 hours, and enter your password again.`,
  verifyTitle: 'Confirm your email',
  verifyText: 'Enter the password that you chose when you signed up.',
  verify: 'Confirm and sign in',

  // A forgotten password
  forgot: 'Forgot your password?',
  forgotTitle: 'Forgot your password?',
  forgotText: 'We email you a link to set a new one.',
  sendLink: 'Send link',
  linkSent: (email: string) =>
    `If ${email} is registered here, we have sent an email to that address. The link in it works once, within an hour.`,
  resetTitle: 'Set a new password',
  resetText: 'This signs you out on all devices.',
  reset: 'Set password',

  // An invitation
  inviteTitle: (account: string) => `Join ${account}`,
  inviteText: ({ inviter, role, email }: { inviter?: string; role: Role; email?: string }) =>
    joined(
      inviter ? `${inviter} invites you to join as ${AS_ROLE[role]}.` : `You are invited to join as ${AS_ROLE[role]}.`,
      email !== undefined && `The invitation is for ${email}.`,
    ),
  signedInAs: (email: string) => `You are signed in as ${email}.`,
  join: (account: string) => `Join ${account}`,
  acceptNew: 'Accept and sign in',
  acceptKnown: 'Sign in and accept',
  amNew: 'I’m new here',
  haveSignIn: 'I already have a password here',
  useOther: 'Use another sign-in',
  inviteUsedTitle: 'This invitation has been accepted',
  inviteUsed: 'If that was you, sign in. Otherwise, ask the person who invited you for a new one.',
  inviteGoneTitle: 'This invitation cannot be used',
  inviteGone: 'Ask the person who invited you for a new one.',
  goOn: 'Continue',
  dismiss: 'Not now',

  // Back from a provider
  pendingTitle: 'Check your email',
  pendingText: (provider: string) =>
    `We have sent a code to your address at ${provider}, to make sure that the address is yours. It works for ten minutes.`,
  linkTitle: (provider: string) => `Link ${provider}`,
  linkText: (provider: string) =>
    `Your address at ${provider} is already registered here. If that was you, confirm it below. After that, you can sign in with ${provider}.`,
  secondFactorTitle: 'Enter your code',
  secondFactorText: 'Two-factor authentication is on, so enter your code, too.',
  sendCode: 'Email me a code instead',
  codeSent: 'We have sent you a code.',
  usePassword: 'Use your password',
  connect: 'Confirm',
  denied: (provider: string) =>
    `The sign-in at ${provider} was cancelled or refused. If you did not mean to cancel it, start again.`,
  begunElsewhere: (provider: string) =>
    `The sign-in with ${provider} was started in another tab or browser, or more than ten minutes ago. Start again.`,

  // No account
  noAccountTitle: 'Choose an account',
  noAccount: 'You are not in any account yet. Ask for an invitation.',
  noAccountOpen: 'You are not in any account yet. Create one, or ask for an invitation.',
  shutOut: 'You cannot use this account: it, or your access to it, is suspended. Ask one of its admins.',
  signInAgain: 'You were signed out of this account. Sign in again to continue.',
  unverified:
    'Your email is not confirmed yet. Sign out and choose “Forgot your password?”: the link in that email confirms it.',
  enter: (account: string) => `Go to ${account}`,
  expected: ({ inviter, account, role }: { inviter?: string; account: string; role: Role }) =>
    inviter
      ? `${inviter} invites you to join ${account} as ${AS_ROLE[role]}.`
      : `You are invited to join ${account} as ${AS_ROLE[role]}.`,
  decline: (account: string) => `Decline the invitation to ${account}`,
  register: 'Create account',

  // The own address
  newEmailTitle: 'Confirm your new email',
  newEmailText: 'From now on, you sign in with it. Your other devices are signed out.',
  newEmailSignIn: 'Sign in first, in the browser where you asked for the change.',
  newEmail: 'Confirm new email',
  undoEmailTitle: 'Undo the email change',
  undoEmailText: 'You sign in with your old email again, with the password that you set here. All devices are signed out.',
  undoEmail: 'Undo change',
  confirmText: 'Confirm that it’s you.',
  confirmBy: {
    currentPassword: 'Use your password',
    emailCode: 'Email me a code',
    totp: 'Use your authenticator app',
  } satisfies Record<ConfirmBy, string>,
};

/** All texts of the components. */
export type Texts = { [Name in keyof typeof ENGLISH]: Widened<(typeof ENGLISH)[Name]> };

type Widened<Text> = Text extends string ? string : Text extends (...given: infer Given) => string
  ? (...given: Given) => string
  : { [Name in keyof Text]: string };
