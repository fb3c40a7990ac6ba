// What the components say. Every text can be replaced: `<GuestlistProvider texts={{ signIn: 'Anmelden' }}>`.

import type { ConfirmBy, Fault, GuestlistError, Role } from 'guestlist-client';

/** Joins what is there by blanks. */
const joined = (...parts: (string | false | undefined)[]) => parts.filter(Boolean).join(' ');

export const ENGLISH = {
  // Fields
  email: 'Email',
  password: 'Password',
  newPassword: 'New password',
  newPasswordHint: 'At least 8 characters. Several words are easy to remember and hard to guess.',
  firstName: 'First name (optional)',
  lastName: 'Last name (optional)',
  totp: 'Code from your authenticator app',
  totpHint: 'Six digits, or one of your recovery codes.',
  emailCode: 'Code from the email',
  accountName: 'Account name',
  keepProviders: 'Keep signing in with the providers that I have linked',
  keepProvidersHint: 'Otherwise they are unlinked: someone who got into your account may have linked their own provider.',

  // What is waited for, and what went wrong
  loading: 'Loading…',
  retry: 'Try again',
  unreachable: 'The service cannot be reached. Check your connection and try again.',
  error: (error: GuestlistError) => error.detail,
  fault: (fault: Fault) => fault.detail,

  // Signing in
  signIn: 'Sign in',
  signInTitle: 'Sign in',
  signOut: 'Sign out',
  signedOut: 'You have been signed out. Sign in to continue.',
  wrongPassword: 'The email or the password is wrong.',
  continueWith: (provider: string) => `Continue with ${provider}`,
  or: 'or',
  backToSignIn: 'Back to sign-in',
  noWayIn: 'You cannot sign in here with a password. Open the app from the service with which you sign in.',

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
  forgotText: 'We email you a link for setting a new one.',
  sendLink: 'Send link',
  linkSent: (email: string) =>
    `If ${email} has a sign-in here, we have sent an email to it. The link in the email works once, within an hour.`,
  resetTitle: 'Set a new password',
  resetText: 'This signs you out on all devices.',
  reset: 'Set password',

  // An invite
  inviteTitle: (account: string) => `Join ${account}`,
  inviteText: ({ inviter, role, email }: { inviter?: string; role: Role; email?: string }) =>
    joined(
      inviter ? `${inviter} invites you to join as ${role}.` : `You are invited to join as ${role}.`,
      email !== undefined && `The invite is for ${email}.`,
    ),
  signedInAs: (email: string) => `You are signed in as ${email}.`,
  join: (account: string) => `Join ${account}`,
  acceptNew: 'Accept and sign in',
  acceptKnown: 'Sign in and accept',
  amNew: 'I’m new here',
  haveSignIn: 'I already sign in here',
  useOther: 'Use another sign-in',
  inviteUsedTitle: 'This invite has been used',
  inviteUsed: 'If that was you, sign in. Otherwise, ask the person who invited you for a new one.',
  inviteGoneTitle: 'This invite cannot be used',
  inviteGone: 'Ask the person who invited you for a new one.',
  goOn: 'Continue',
  dismiss: 'Not now',

  // Back from a provider
  pendingTitle: 'Check your email',
  pendingText: (provider: string) => `We have sent a code to your address at ${provider}.`,
  linkTitle: (provider: string) => `Connect ${provider}`,
  linkText: (provider: string) =>
    `This address already has a sign-in here. Confirm that it is yours, and ${provider} signs you in from now on.`,
  secondFactorTitle: 'Enter your code',
  secondFactorText: 'Two-factor authentication is on, so enter a code, too.',
  sendCode: 'Email me a code instead',
  codeSent: 'We have sent you a code.',
  usePassword: 'Use my password instead',
  connect: 'Confirm',
  denied: (provider: string) => `Signing in with ${provider} was cancelled. You can try again, or sign in another way.`,
  begunElsewhere: (provider: string) =>
    `Signing in with ${provider} was started in another tab or browser, or too long ago. Start again.`,

  // No account
  noAccountTitle: 'Choose an account',
  noAccount: 'You are not in any account yet. Ask for an invite.',
  noAccountOpen: 'You are not in any account yet. Create one, or ask for an invite.',
  shutOut: 'You cannot use this account: it, or your access to it, is suspended. Ask one of its admins.',
  signInAgain: 'You were signed out of this account. Sign in again to continue.',
  unverified: 'Your email is not confirmed yet. Sign out and choose “Forgot your password?”: the link in that email confirms it.',
  enter: (account: string) => `Go to ${account}`,
  expected: ({ inviter, account, role }: { inviter?: string; account: string; role: Role }) =>
    inviter
      ? `${inviter} invites you to join ${account} as ${role}.`
      : `You are invited to join ${account} as ${role}.`,
  decline: (account: string) => `Decline ${account}`,
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
    currentPassword: 'Use my password',
    emailCode: 'Email me a code',
    totp: 'Use my authenticator app',
  } satisfies Record<ConfirmBy, string>,
};

/** All texts of the components. */
export type Texts = { [Name in keyof typeof ENGLISH]: Widened<(typeof ENGLISH)[Name]> };

type Widened<Text> = Text extends string ? string : Text extends (...given: infer Given) => string
  ? (...given: Given) => string
  : { [Name in keyof Text]: string };
